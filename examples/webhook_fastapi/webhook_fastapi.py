"""A webhook for flow run notifications: what comes from Adobe is recorded once, and a failed run becomes a message.

I/O Events sends a request again, for 24 hours, after status 429 and 5xx only. So 503 says "not now", and whatever a
repetition would not change is answered with 200 (done, or kept for a person) or 4xx (not from Adobe, or not for us).
"""

from __future__ import annotations

import hashlib
import html
import logging
import os
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing, suppress
from typing import Annotated
from urllib.parse import urlsplit

import httpx
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, TypeAdapter, ValidationError

from adobe_signatures import ADOBE_KEY_HOST, KeyUnavailableError, Signatures
from flowrun_notifications import FlowRun, InvalidFlowRunError, InvalidJSONError, ParseResult, parse_all

CLIENT_ID = os.environ["ADOBE_CLIENT_ID"]
CHAT_WEBHOOK_URL = os.environ["CHAT_WEBHOOK_URL"]
DATABASE = os.environ.get("DATABASE", "webhook.sqlite3")
LARGEST_BODY = 4 * 1024 * 1024  # bytes; Adobe sends 2 MB at most
LARGEST_UNSIGNED_BODY = 10_000

logger = logging.getLogger("webhook")
signatures = Signatures(os.environ.get("ADOBE_KEY_HOST", ADOBE_KEY_HOST))


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
    """Makes the tables before the first request."""
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole URLs, and the chat's URL is a secret
    with closing(sqlite3.connect(DATABASE)) as database:
        database.executescript("""
            CREATE TABLE IF NOT EXISTS seen (event_id TEXT, run_id TEXT, updated_at TEXT,
                                             PRIMARY KEY (event_id, run_id, updated_at));
            CREATE TABLE IF NOT EXISTS quarantine (digest TEXT PRIMARY KEY, problems TEXT, body BLOB);
        """)
    yield


app = FastAPI(title="Flow run notifications", lifespan=lifespan, openapi_url=None)


@app.get("/webhook")
def answer_challenge(challenge: str, accept: Annotated[str, Header()] = "") -> Response:
    """Shows Adobe that the URL is ours, as JSON where that is asked for, else as text."""
    if "application/json" in accept:
        return JSONResponse({"challenge": challenge})
    return PlainTextResponse(challenge, headers={"x-content-type-options": "nosniff"})


async def read_body(request: Request) -> bytes:
    """The body as it was signed; what is too large is not even read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, headers={"connection": "close"})
    return bytes(body)


@app.post("/webhook")
def receive(request: Request, body: Annotated[bytes, Depends(read_body)]) -> Response:
    """Takes a notification or a batch of them."""
    if is_validation_request(body):
        return Response(status_code=200)
    try:
        if not signatures.match(body, request.headers):
            return Response(status_code=401)
        result = parse_all(body)
        if not is_for_us(body):
            return Response(status_code=403)
        record(body, result)
    except InvalidJSONError:
        return Response(status_code=400)
    except (KeyUnavailableError, httpx.HTTPError, sqlite3.Error) as error:
        logger.warning("not now: %s", type(error).__name__)
        return Response(status_code=503)
    return Response(status_code=200)


def is_validation_request(body: bytes) -> bool:
    """Whether this asks a person to open a URL, which Adobe does, unsigned, where nobody answered the challenge."""
    if len(body) > LARGEST_UNSIGNED_BODY or b"validationUrl" not in body:
        return False
    with suppress(ValueError):  # it is no JSON, or no URL
        for message in parse_all(body).skipped:
            url = urlsplit(message.validation_url or "")
            if url.scheme == "https" and (url.hostname or "").endswith(".adobe.io"):
                logger.warning("to verify this webhook, open within 5 minutes: %r", message.validation_url)
                return True
    return False


class Recipient(BaseModel):
    """To which registration a delivery was sent: I/O Events says so in the outermost object, in one or both spellings.

    What stands further in was written by whoever published the event. So `delivery.recipient_client_id`, which takes
    the innermost, must not decide whether a delivery is for us.
    """

    recipient_client_id: str | None = None
    recipientclientid: str | None = None


recipients: TypeAdapter[list[Recipient] | Recipient] = TypeAdapter(list[Recipient] | Recipient)


def is_for_us(body: bytes) -> bool:
    """Whether every delivery was sent to our registration, and not to somebody else's that names our URL."""
    try:
        found = recipients.validate_json(body)
    except ValidationError:
        return False
    return all(
        {recipient.recipient_client_id, recipient.recipientclientid} - {None} == {CLIENT_ID}
        for recipient in (found if isinstance(found, list) else [found])
    )


def record(body: bytes, result: ParseResult) -> None:
    """Notes what is new and sends one message about it, both or neither."""
    runs, problems = list(result.runs), [str(error) for error in result.errors]
    for error in result.errors:
        with suppress(InvalidFlowRunError):
            runs.append(error.salvage())
    with closing(sqlite3.connect(DATABASE, timeout=5)) as database, database:
        # By the event id in the body: the one in the headers is not signed.
        new = [
            run
            for run in runs
            if database.execute(
                "INSERT OR IGNORE INTO seen VALUES (?, ?, ?)",
                (run.delivery.event_id or "", run.id, str(run.updated_at)),
            ).rowcount
        ]
        messages = [to_message(run) for run in new if run.failed]
        if problems:
            row = (hashlib.sha256(body).hexdigest(), "\n".join(problems), body)
            if database.execute("INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?)", row).rowcount:
                messages += problems
        if messages:
            text = html.escape("\n\n".join(messages), quote=False)  # chats take & < > for markup
            # Adobe waits 10 seconds: twice 2 for the keys, and 4 for this.
            httpx.post(CHAT_WEBHOOK_URL, json={"text": text}, timeout=4).raise_for_status()
    logger.info("%d new runs, %d skipped, %d broken", len(new), len(result.skipped), len(result.errors))


def to_message(run: FlowRun) -> str:
    """What happened, what to do about it, and where to look."""
    remedies = [f"{cause.code}: {cause.info.remedy}" for cause in run.causes if cause.info.remedy]
    return "\n".join([run.summary(), *remedies, *filter(None, [run.url])])
