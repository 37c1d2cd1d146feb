"""The smallest honest webhook for flow run notifications: it believes only what Adobe signed, and logs what failed.

Adobe sends a request again after status 429 and 5xx, so an exception costs nothing, and 4xx says "never again".
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import time
from functools import lru_cache
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask import Flask, Response, abort, request

from flowrun_notifications import InvalidJSONError, parse_all

CLIENT_ID = os.environ["ADOBE_CLIENT_ID"]
KEY_HOST = os.environ.get("ADOBE_KEY_HOST", "https://static.adobeioevents.com")
KEY_PATH = re.compile(r"(/[A-Za-z0-9_-]+)+\.pem")  # no dots, so that a path cannot leave the host

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 4 * 1024 * 1024  # Adobe sends 2 MB at most; more is answered with 413


@app.get("/webhook")
def answer_challenge() -> Response:
    """Shows Adobe that the URL is ours."""
    return Response(request.args["challenge"], mimetype="text/plain", headers={"x-content-type-options": "nosniff"})


@app.post("/webhook")
def receive() -> str:
    """Takes a notification, or a batch of them."""
    body = request.get_data()
    if not is_signed(body):
        abort(401)
    try:
        result = parse_all(body)
    except InvalidJSONError:
        abort(400)
    payload: list[dict[str, Any]] | dict[str, Any] = request.get_json(force=True)
    for delivery in payload if isinstance(payload, list) else [payload]:  # the outermost objects: Adobe's own words
        recipients = [delivery[key] for key in ("recipient_client_id", "recipientclientid") if key in delivery]
        if not recipients or any(recipient != CLIENT_ID for recipient in recipients):
            abort(403)
    for run in result.runs:
        if run.failed:
            app.logger.error("%s", run.summary())
    for error in result.errors:
        app.logger.error("%s", error)
    return ""


def is_signed(body: bytes) -> bool:
    """Whether one of the two signatures is Adobe's, of this body."""
    unavailable: httpx.HTTPError | None = None
    for number in (1, 2):
        path = request.headers.get(f"x-adobe-public-key{number}-path", "")
        signature = request.headers.get(f"x-adobe-digital-signature-{number}", "")
        if KEY_PATH.fullmatch(path):
            try:
                key = fetch_key(path, day=int(time.time() // 86400))
                key.verify(base64.b64decode(signature), body, PKCS1v15(), SHA256())
            except (InvalidSignature, binascii.Error):
                continue
            except httpx.HTTPError as error:
                unavailable = error
                continue
            return True
    if unavailable:
        raise unavailable
    return False


@lru_cache(maxsize=10)
def fetch_key(path: str, *, day: int) -> RSAPublicKey:  # noqa: ARG001
    """A key, fetched anew each day."""
    key = load_pem_public_key(httpx.get(KEY_HOST + path, timeout=4).raise_for_status().content)
    if not isinstance(key, RSAPublicKey):
        raise TypeError("this is no RSA key")
    return key
