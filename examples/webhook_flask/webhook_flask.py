"""The smallest honest webhook for flow run notifications: it believes only what Adobe signed, and logs what went wrong.

Adobe sends a request again after status 429 and 5xx: 503 says "not now", and 4xx says "never again".
"""

from __future__ import annotations

import logging
import signal
import sys

import waitress
from flask import Flask, Response, abort, request
from pydantic import Field, HttpUrl, ValidationError
from pydantic_settings import BaseSettings, CliApp, SettingsConfigDict
from pythonjsonlogger.json import JsonFormatter
from werkzeug.exceptions import HTTPException

from adobe_signatures import ADOBE_KEY_HOST, AdobeKeys, KeyUnavailableError, NotSignedError, read_signatures
from flowrun_notifications import (
    FlowRun,
    InvalidFlowRunError,
    InvalidJSONError,
    OtherMessage,
    ParseResult,
    explain,
    parse_all,
)

MAX_BODY = 4 * 1024 * 1024  # bytes; Adobe sends 2 MB at most

logger = logging.getLogger("webhook")


class Settings(BaseSettings):
    """Receive flow run notifications from Adobe I/O Events, and log the runs that need attention.

    Each option can also be given as an environment variable: ADOBE_CLIENT_ID for --adobe-client-id.
    """

    model_config = SettingsConfigDict(cli_kebab_case=True, cli_prog_name="webhook_flask.py")

    adobe_client_id: str = Field(min_length=1, description="the client id of the registration; others are refused")
    host: str = Field("127.0.0.1", description="the address to listen on; 0.0.0.0 for all")
    port: int = Field(8000, ge=0, description="the port to listen on")
    adobe_key_host: HttpUrl = Field(HttpUrl(ADOBE_KEY_HOST), description="where Adobe's public keys are; for tests")


def create_app(client_id: str, keys: AdobeKeys) -> Flask:
    """Return the application."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY

    @app.get("/webhook")
    def answer_challenge() -> Response:
        """Show Adobe that the URL is ours."""
        headers = {"x-content-type-options": "nosniff"}
        return Response(request.args["challenge"], mimetype="text/plain", headers=headers)

    @app.post("/webhook")
    def receive() -> str:
        """Take a notification, or a batch of them."""
        for item in read_verified(request.get_data(), dict(request.headers), client_id, keys).items:
            match item:
                case FlowRun() if item.needs_attention:
                    logger.error("a run needs attention", extra={"run": explain(item)})
                case InvalidFlowRunError():
                    logger.error("a run cannot be read", extra={"problems": str(item)})
                case FlowRun() | OtherMessage():
                    pass
        return ""

    @app.get("/health")
    def health() -> str:
        """Tell that the program serves."""
        return "ok"

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> tuple[str, int]:
        """Answer a request that is refused, and log why. The reason holds no value of the request."""
        status = error.code or 500
        logger.warning("refused", extra={"status": status, "reason": error.description})
        return "", status

    return app


def read_verified(body: bytes, headers: dict[str, str], client_id: str, keys: AdobeKeys) -> ParseResult:
    """Return what a body holds, if Adobe sent it to our registration. A key is fetched last."""
    try:
        signatures = read_signatures(headers)
        result = parse_all(body)
        # Somebody else's registration can name our URL.
        if any(item.delivery.recipient_client_id != client_id for item in result.items):
            abort(403, "sent to another client")
        keys.verify(body, signatures)
    except NotSignedError as error:
        abort(401, str(error))
    except InvalidJSONError:
        abort(400, "not JSON")
    except KeyUnavailableError as error:
        abort(503, str(error))
    return result


def exit_on_signal(_signal: int, _frame: object) -> None:
    """Let waitress answer the requests that it is at, and end."""
    sys.exit()


def main() -> None:
    """Serve the webhook until the program is told to end."""
    try:
        settings = CliApp.run(Settings)
    except ValidationError as error:
        problems = [f"{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors(include_input=False)]
        sys.exit("\n".join([*problems, "See --help."]))
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # it logs key paths, which anybody can choose
    signal.signal(signal.SIGTERM, exit_on_signal)
    app = create_app(settings.adobe_client_id, AdobeKeys(str(settings.adobe_key_host)))
    # waitress takes a request whole before it gives it to a thread, so slow clients keep none.
    waitress.serve(app, host=settings.host, port=settings.port, threads=8, max_request_body_size=4 * MAX_BODY)


if __name__ == "__main__":
    main()
