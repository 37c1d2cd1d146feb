"""Check that a request comes from Adobe I/O Events, which signs each body with keys that it publishes on its own host.

A request names up to two keys, with a signature by each; one good signature is enough:

    signatures = read_signatures(headers)  # fetches nothing: check the recipient before a key is fetched
    keys.verify(body, signatures)

`AdobeKeys.verify` blocks while a key is fetched; async code calls it in a thread, for example with `asyncio.to_thread`.
"""

from __future__ import annotations

import base64
import concurrent.futures
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import httpx2
from cachetools import TTLCache
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

ADOBE_KEY_HOST = "https://static.adobeioevents.com"
KEEP_KEY = 24 * 60 * 60  # seconds; Adobe asks for no more, so that a withdrawn key is soon forgotten
ASK_AGAIN = 60  # seconds until the host is asked for the same key again
FETCH_TIMEOUT = 2  # seconds; Adobe waits 10 for an answer, and there are two keys
MAX_FETCHES = 4  # at once
KEY_PATH = re.compile(r"(?=.{1,200}\Z)(/[A-Za-z0-9_-]+)+\.pem")  # no dots: a path cannot leave the host it is added to


class NotSignedError(Exception):
    """The request is not signed by Adobe. The message gives the reason, and no value of the request."""


class KeyUnavailableError(Exception):
    """A key cannot be fetched just now, so nobody can tell whether the request is signed."""


@dataclass(frozen=True)
class Signature:
    """A signature, and where on Adobe's host its key is."""

    key_path: str
    value: bytes


def read_signatures(headers: Mapping[str, str]) -> tuple[Signature, ...]:
    """Return the signatures in the headers of a request.

    Raises:
        NotSignedError: There is none, or none has the right form.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    signatures: list[Signature] = []
    problems: list[str] = []
    for number in (1, 2):
        path = lowered.get(f"x-adobe-public-key{number}-path", "")
        text = lowered.get(f"x-adobe-digital-signature-{number}", "")
        if not path and not text:
            continue
        if not KEY_PATH.fullmatch(path):
            problems.append(f"key path {number} is malformed")
            continue
        try:
            value = base64.b64decode(text, validate=True)
        except ValueError:  # not base64, or not ASCII
            value = b""
        if not value:
            problems.append(f"signature {number} is malformed")
            continue
        signatures.append(Signature(path, value))
    if not signatures:
        raise NotSignedError("; ".join(problems) or "no signature")
    return tuple(signatures)


@dataclass(frozen=True)
class _Problem:
    """The reason why a fetch gave no key, and whether trying again may help."""

    reason: str
    is_temporary: bool = False


class AdobeKeys:
    """Adobe's public keys, fetched as requests name them. Threads may share it.

    A key is kept for a day. When a signature does not match, the key is fetched once more, at most once a minute for
    each path; a path that leads to no key is asked for as rarely.

    Args:
        key_host: Where the keys are. Nothing is ever fetched from anywhere else.
        clock: Seconds that only grow.
    """

    def __init__(self, key_host: str = ADOBE_KEY_HOST, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = httpx2.Client(base_url=key_host, timeout=FETCH_TIMEOUT)
        self._threads = concurrent.futures.ThreadPoolExecutor(MAX_FETCHES, thread_name_prefix="adobe-keys")
        self._free = threading.BoundedSemaphore(MAX_FETCHES)
        self._lock = threading.Lock()
        self._keys: TTLCache[str, RSAPublicKey] = TTLCache(100, KEEP_KEY, clock)
        self._fetches: TTLCache[str, concurrent.futures.Future[RSAPublicKey | _Problem]]
        self._fetches = TTLCache(1000, ASK_AGAIN, clock)

    def verify(self, body: bytes, signatures: Sequence[Signature]) -> None:
        """Return if one of the signatures is Adobe's, of exactly this body.

        Raises:
            NotSignedError: None is.
            KeyUnavailableError: None is known to be, and one could not be checked.
        """
        with self._lock:
            kept = [self._keys.get(signature.key_path) for signature in signatures]
        if any(key and _matches(key, signature, body) for key, signature in zip(kept, signatures, strict=True)):
            return

        problems: list[_Problem] = []
        for signature in signatures:
            found = self._fetch(signature.key_path)
            if isinstance(found, _Problem):
                problems.append(found)
            elif _matches(found, signature, body):
                return
            else:
                problems.append(_Problem("the signature does not match"))
        for problem in problems:
            if problem.is_temporary:
                raise KeyUnavailableError(problem.reason)
        raise NotSignedError("; ".join(dict.fromkeys(problem.reason for problem in problems)) or "no signature")

    def _fetch(self, path: str) -> RSAPublicKey | _Problem:
        """Return what the key host answers, or what it answered within the last minute."""
        with self._lock:
            fetch = self._fetches.get(path)
            if fetch is None:
                if not self._free.acquire(blocking=False):
                    return _Problem("too many keys are being fetched", is_temporary=True)
                fetch = self._fetches[path] = self._threads.submit(self._download, path)
        try:
            return fetch.result(FETCH_TIMEOUT)
        except concurrent.futures.TimeoutError:
            return _Problem("the key host is slow", is_temporary=True)

    def _download(self, path: str) -> RSAPublicKey | _Problem:
        try:
            found = _download(self._client, path)
        finally:
            self._free.release()
        with self._lock:
            if isinstance(found, RSAPublicKey):
                self._keys[path] = found
            elif not found.is_temporary:
                self._keys.pop(path, None)
            elif path not in self._keys:
                self._fetches.pop(path, None)  # the next request may try again at once
        return found


def _download(client: httpx2.Client, path: str) -> RSAPublicKey | _Problem:
    """Ask the host for a key."""
    try:
        response = client.get(path)
    except httpx2.TimeoutException:
        return _Problem("the key host is slow", is_temporary=True)
    except httpx2.HTTPError:
        return _Problem("the key host cannot be reached", is_temporary=True)
    status = response.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS or response.is_server_error:
        return _Problem(f"the key host answers {status}", is_temporary=True)
    if status != HTTPStatus.OK:
        return _Problem(f"the key host answers {status}")
    try:
        key = load_pem_public_key(response.content)
    except (ValueError, UnsupportedAlgorithm):
        return _Problem("the key is not a PEM key")
    return key if isinstance(key, RSAPublicKey) else _Problem("the key is not an RSA key")


def _matches(key: RSAPublicKey, signature: Signature, body: bytes) -> bool:
    """Whether the signature of the body was made with the key."""
    try:
        key.verify(signature.value, body, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
