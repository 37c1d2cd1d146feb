"""A webhook that stores each flow run that Adobe I/O Events sends, and tells a chat about those that need attention.

I/O Events sends a request again, for 24 hours, after status 429 and 5xx only. So 503 says "not now", and whatever a
repetition would not change is answered with 200 (stored) or 4xx (not from Adobe, or not for us).
"""

from __future__ import annotations

import logging
import logging.config
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlsplit

import uvicorn
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import Field, HttpUrl, Secret, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, CliApp, SettingsConfigDict
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.requests import ClientDisconnect

from adobe_signatures import ADOBE_KEY_HOST, AdobeKeys, KeyUnavailableError, NotSignedError, read_signatures
from flowrun_notifications import InvalidJSONError, ParseResult, ValidationRequest, parse_all
from outbox import Outbox, Sender, open_database

MAX_BODY = 4 * 1024 * 1024  # bytes; Adobe sends 2 MB at most
MAX_UNSIGNED_BODY = 10_000
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    # These log whole URLs, and the chat's is a secret.
    "loggers": {"httpx2": {"level": "WARNING"}, "httpcore2": {"level": "WARNING"}},
}

logger = logging.getLogger("webhook")


class Settings(BaseSettings):
    """Receive flow run notifications from Adobe I/O Events, and tell a chat about runs that need attention.

    Each option can also be given as an environment variable: ADOBE_CLIENT_ID for --adobe-client-id. Give the secrets,
    CHAT_WEBHOOK_URL and DATABASE_URL, only so: other users of the machine can read a command line.
    """

    model_config = SettingsConfigDict(cli_kebab_case=True, cli_prog_name="webhook_fastapi.py")

    adobe_client_id: str = Field(min_length=1, description="the client id of the registration; others are refused")
    chat_webhook_url: Secret[HttpUrl] = Field(description='an incoming webhook that takes {"text": "…"}; a secret')
    database_url: SecretStr = Field(
        SecretStr("sqlite:///webhook.sqlite3"),
        description="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME; webhook.sqlite3 in this folder if not set",
    )
    chat_message_limit: int = Field(4000, ge=100, description="the characters that the chat takes in one message")
    give_up_after: timedelta = Field(
        timedelta(days=1), description="the age at which a message that the chat does not take is given up, as ISO 8601"
    )
    host: str = Field("127.0.0.1", description="the address to listen on; 0.0.0.0 for all")
    port: int = Field(8000, ge=0, description="the port to listen on")
    adobe_key_host: HttpUrl = Field(HttpUrl(ADOBE_KEY_HOST), description="where Adobe's public keys are; for tests")

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("sqlite:", "postgresql:")):
            raise ValueError("expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME")
        return url


class RefusedError(Exception):
    """A request is not taken. The reason holds no value of the request."""

    def __init__(self, status: HTTPStatus, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.headers = headers


def create_app(settings: Settings) -> FastAPI:
    """Return the application."""
    keys = AdobeKeys(str(settings.adobe_key_host))
    engine = open_database(settings.database_url.get_secret_value())
    outbox = Outbox(engine, settings.chat_message_limit)
    chat_url = str(settings.chat_webhook_url.get_secret_value())
    sender = Sender(engine, chat_url, give_up_after=settings.give_up_after)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
        sender.start()
        try:
            yield
        finally:
            sender.stop()
            engine.dispose()

    app = FastAPI(title="Flow run notifications", lifespan=lifespan, openapi_url=None)
    app.get("/webhook")(answer_challenge)

    @app.exception_handler(RefusedError)
    async def refuse(_: Request, error: RefusedError) -> Response:
        """Answer a request that is refused, and log why."""
        logger.warning("refused", extra={"status": error.status, "reason": error.reason})
        return Response(status_code=error.status, headers=error.headers)

    @app.post("/webhook")
    def receive(request: Request, body: Annotated[bytes, Depends(read_body)]) -> Response:
        """Take a notification or a batch of them."""
        url = read_validation_url(body)
        if url:
            logger.warning("to verify this webhook, open a URL within 5 minutes", extra={"url": url})
            return Response()
        result = read_verified(body, request.headers, settings.adobe_client_id, keys)
        try:
            new = outbox.store(body, result)
        except SQLAlchemyError as error:
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, type(error).__name__) from error
        sender.wake()
        found = {"runs": len(result.runs), "others": len(result.others), "broken": len(result.errors)}
        logger.info("stored", extra={"new": new, **found})
        return Response()

    @app.get("/health")
    def health() -> JSONResponse:
        """Tell whether notifications can be stored and messages are being sent."""
        try:
            counts = outbox.count()._asdict()
        except SQLAlchemyError:
            return JSONResponse({"status": "the database is away"}, HTTPStatus.SERVICE_UNAVAILABLE)
        if not sender.is_alive:
            return JSONResponse({"status": "the sender has ended", **counts}, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse({"status": "ok", **counts})

    return app


def answer_challenge(challenge: str, accept: Annotated[str, Header()] = "") -> Response:
    """Show Adobe that the URL is ours, as JSON where that is asked for, else as text."""
    if "application/json" in accept:
        return JSONResponse({"challenge": challenge})
    return PlainTextResponse(challenge, headers={"x-content-type-options": "nosniff"})


async def read_body(request: Request) -> bytes:
    """Return the body as it was signed; refuse one that is too large without reading it to its end."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                reason = f"the body is larger than {MAX_BODY} bytes"
                raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason, {"connection": "close"})
    except ClientDisconnect as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the client hung up") from error
    return bytes(body)


def read_verified(body: bytes, headers: Mapping[str, str], client_id: str, keys: AdobeKeys) -> ParseResult:
    """Return what a body holds, if Adobe sent it to our registration. A key is fetched last."""
    try:
        signatures = read_signatures(headers)
        result = parse_all(body)
        # Somebody else's registration can name our URL.
        if any(item.delivery.recipient_client_id != client_id for item in result.items):
            raise RefusedError(HTTPStatus.FORBIDDEN, "sent to another client")
        keys.verify(body, signatures)
    except NotSignedError as error:
        raise RefusedError(HTTPStatus.UNAUTHORIZED, str(error)) from error
    except InvalidJSONError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "not JSON") from error
    except KeyUnavailableError as error:
        raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from error
    return result


def read_validation_url(body: bytes) -> str | None:
    """Return the URL of Adobe's that a person is asked, unsigned, to open where nobody answered the challenge."""
    if len(body) > MAX_UNSIGNED_BODY or b"validationUrl" not in body:
        return None
    with suppress(ValueError):  # it is not JSON, or not a URL
        match parse_all(body).items:
            case [ValidationRequest(validation_url=str(url))]:
                parts = urlsplit(url)
                if parts.scheme == "https" and (parts.hostname or "").endswith(".adobe.io"):
                    return url
            case _:
                pass
    return None


def main() -> None:
    """Serve the webhook until the program is told to end."""
    try:
        settings = CliApp.run(Settings)
    except ValidationError as error:
        problems = [f"{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors(include_input=False)]
        sys.exit("\n".join([*problems, "See --help."]))
    logging.config.dictConfig(LOGGING)
    try:
        app = create_app(settings)
    except DBAPIError as error:
        sys.exit(f"DATABASE_URL: {error.orig}")
    uvicorn.run(app, host=settings.host, port=settings.port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
