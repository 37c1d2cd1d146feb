"""Whether a request comes from Adobe I/O Events: RSA signatures over its body, by keys from Adobe's own host."""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus

import httpx
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

ADOBE_KEY_HOST = "https://static.adobeioevents.com"
KEY_PATH = re.compile(r"(/[A-Za-z0-9_-]+)+\.pem")  # no dots, so that a path cannot leave the host it is appended to
LONGEST_KEPT = 24 * 60 * 60  # seconds; Adobe asks for no more, so that a withdrawn key is soon forgotten


class KeyUnavailableError(Exception):
    """A key could not be fetched just now, so nothing can be said of the signatures."""


class Signatures:
    """Verifies signatures, and keeps the keys for a day.

    Args:
        key_host: Where the keys are; nothing is ever fetched from anywhere else.
        clock: Seconds that only grow.
    """

    def __init__(self, key_host: str = ADOBE_KEY_HOST, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = httpx.Client(base_url=key_host, timeout=2)
        self._clock = clock
        self._keys: dict[str, tuple[float, RSAPublicKey]] = {}

    def match(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether at least one of the two signatures in the headers is Adobe's, of exactly this body.

        Raises:
            KeyUnavailableError: None is known to be, and one could not be checked.
        """
        unavailable = None
        for number in (1, 2):
            path = headers.get(f"x-adobe-public-key{number}-path", "")
            signature = headers.get(f"x-adobe-digital-signature-{number}", "")
            if not signature or not KEY_PATH.fullmatch(path):
                continue
            try:
                key = self._key(path)
                if key is not None:
                    key.verify(base64.b64decode(signature, validate=True), body, PKCS1v15(), SHA256())
                    return True
            except KeyUnavailableError as error:
                unavailable = error
            except (binascii.Error, InvalidSignature):
                pass
        if unavailable:
            raise unavailable
        return False

    def _key(self, path: str) -> RSAPublicKey | None:
        kept = self._keys.get(path)
        if kept and self._clock() - kept[0] < LONGEST_KEPT:
            return kept[1]
        try:
            response = self._client.get(path)
        except httpx.HTTPError as error:
            raise KeyUnavailableError(path) from error
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS or response.is_server_error:
            raise KeyUnavailableError(path)
        if response.status_code != HTTPStatus.OK:
            return None
        try:
            loaded = load_pem_public_key(response.content)
        except (ValueError, UnsupportedAlgorithm):
            return None
        if not isinstance(loaded, RSAPublicKey):
            return None
        self._keys[path] = (self._clock(), loaded)
        return loaded
