"""An AWS Lambda function for flow run notifications, sent by Amazon EventBridge or to the function's own URL.

Either way a run that failed becomes a message. An exception means "again, please": EventBridge's events Lambda tries
twice more and then sends to the function's failure destination; at the function URL it is a 502, which Adobe retries.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import os
import re
import time
from contextlib import suppress
from functools import lru_cache
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from flowrun_notifications import InvalidFlowRunError, InvalidJSONError, ParseResult, parse_all

CHAT_WEBHOOK_URL = os.environ["CHAT_WEBHOOK_URL"]
CLIENT_ID = os.environ.get("ADOBE_CLIENT_ID")  # for the function URL only
KEY_HOST = os.environ.get("ADOBE_KEY_HOST", "https://static.adobeioevents.com")
KEY_PATH = re.compile(r"(/[A-Za-z0-9_-]+)+\.pem")  # no dots, so that a path cannot leave the host

Event = dict[str, Any]


def handler(event: Event, _context: object) -> Event | None:
    """What Lambda calls."""
    if "requestContext" in event:
        return answer(event)
    # Adobe's event bus is a partner's: AWS lets nobody but Adobe put events on it, so there is nothing to verify.
    tell(parse_all(event))
    return None


def answer(request: Event) -> Event:
    """The response to a request to the function URL, which anybody may call."""
    if request["requestContext"]["http"]["method"] == "GET":
        challenge = request.get("queryStringParameters", {}).get("challenge", "")
        headers = {"content-type": "text/plain", "x-content-type-options": "nosniff"}
        return {"statusCode": 200 if challenge else 400, "headers": headers, "body": challenge}
    text = request.get("body", "")
    body = base64.b64decode(text) if request.get("isBase64Encoded") else text.encode()
    if not is_signed(body, request["headers"]):
        return {"statusCode": 401}
    try:
        result = parse_all(body)
    except InvalidJSONError:
        return {"statusCode": 400}
    if not is_for_us(json.loads(body)):
        return {"statusCode": 403}
    tell(result)
    return {"statusCode": 200}


def tell(result: ParseResult) -> None:
    """Sends one message about everything that people should know of, if there is anything."""
    runs, messages = list(result.runs), [str(error) for error in result.errors]
    for error in result.errors:
        with suppress(InvalidFlowRunError):
            runs.append(error.salvage())
    messages += [run.summary() for run in runs if run.failed]
    print(f"{len(result.runs)} runs, {len(result.skipped)} skipped, {len(result.errors)} broken")
    if messages:
        text = html.escape("\n\n".join(messages), quote=False)  # chats take & < > for markup
        response = httpx.post(CHAT_WEBHOOK_URL, json={"text": text}, timeout=4)
        if not response.is_success:
            raise RuntimeError(f"the chat answered {response.status_code}")


def is_for_us(payload: list[Event] | Event) -> bool:
    """Whether Adobe says, in each outermost object, that the delivery was sent to our registration."""
    for delivery in payload if isinstance(payload, list) else [payload]:
        recipients = [delivery[key] for key in ("recipient_client_id", "recipientclientid") if key in delivery]
        if not CLIENT_ID or not recipients or any(recipient != CLIENT_ID for recipient in recipients):
            return False
    return True


def is_signed(body: bytes, headers: dict[str, str]) -> bool:
    """Whether one of the two signatures is Adobe's, of this body."""
    unavailable: httpx.HTTPError | None = None
    for number in (1, 2):
        path = headers.get(f"x-adobe-public-key{number}-path", "")
        signature = headers.get(f"x-adobe-digital-signature-{number}", "")
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
    key = load_pem_public_key(httpx.get(KEY_HOST + path, timeout=2).raise_for_status().content)
    if not isinstance(key, RSAPublicKey):
        raise TypeError("this is no RSA key")
    return key
