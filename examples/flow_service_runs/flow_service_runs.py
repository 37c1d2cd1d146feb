"""Fetch every run of a dataflow from the Flow Service API, as NDJSON: one record a line, as the API writes it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx2
from pydantic import Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import BaseSettings, CliApp, CliPositionalArg, SettingsConfigDict
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exception,
    wait_exponential,
)

from flowrun_notifications import InvalidJSONError, parse_all

MAX_ATTEMPTS = 7
MAX_PAUSE = 60.0  # seconds
MAX_ERROR_TEXT = 500  # characters of Adobe's error text that are shown


class Settings(BaseSettings):
    """Fetch every run of a dataflow from the Flow Service API into a file of one record a line.

    Each option can also be given as an environment variable: ADOBE_CLIENT_ID for --adobe-client-id. Give the secret,
    ADOBE_ACCESS_TOKEN, only so: other users of the machine can read a command line.
    """

    model_config = SettingsConfigDict(cli_kebab_case=True, cli_prog_name="flow_service_runs.py")

    flow_id: CliPositionalArg[str] = Field(description="the dataflow's id")
    file: CliPositionalArg[Path] = Field(description="the file, which is replaced when all runs have been fetched")
    adobe_access_token: SecretStr = Field(
        min_length=1, description="an access token for Experience Platform APIs, valid for a day"
    )
    adobe_client_id: str = Field(min_length=1, description="the credential's client id (API key)")
    adobe_org_id: str = Field(min_length=1, description="the organisation, ...@AdobeOrg")
    adobe_sandbox: str = Field("prod", description="the sandbox")
    adobe_platform_url: HttpUrl = Field(HttpUrl("https://platform.adobe.io"), description="the API; for tests")


class TryAgainError(Exception):
    """The API does not answer as it should just now."""

    def __init__(self, problem: str, retry_after: float = 0.0) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class GiveUpError(Exception):
    """A person has to mend something."""


def fetch(settings: Settings) -> int:
    """Write the runs of a flow, and print what could not be read; return the exit status.

    Raises:
        TryAgainError: A page could not be fetched in several attempts.
        GiveUpError: A page cannot be fetched.
    """
    unfinished = settings.file.with_name(f"{settings.file.name}.unfinished")
    runs = broken = 0
    with unfinished.open("w", encoding="ascii") as file:
        for page in fetch_pages(settings):
            file.writelines(f"{json.dumps(record)}\n" for record in page["items"])
            result = parse_all(page)
            for error in result.errors:
                print(error, file=sys.stderr)
            runs += len(result.runs)
            broken += len(result.errors)
    unfinished.replace(settings.file)
    print(f"{runs} runs, {broken} could not be read in full", file=sys.stderr)
    return 1 if broken else 0


def fetch_pages(settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield all pages of the runs of a flow."""
    headers = {
        "authorization": f"Bearer {settings.adobe_access_token.get_secret_value()}",
        "x-api-key": settings.adobe_client_id,
        "x-gw-ims-org-id": settings.adobe_org_id,
        "x-sandbox-name": settings.adobe_sandbox,
    }
    url = f"{str(settings.adobe_platform_url).rstrip('/')}/data/foundation/flowservice/runs"
    parameters = {"property": f"flowId=={settings.flow_id}"}
    retry = Retrying(
        retry=retry_if_exception_type((TryAgainError, httpx2.TransportError, httpx2.DecodingError)),
        wait=wait_exponential(multiplier=2, max=MAX_PAUSE) + wait_exception(retry_after),
        stop=stop_after_attempt(MAX_ATTEMPTS),
        before_sleep=print_retry,
        reraise=True,
    )
    with closing(httpx2.Client(headers=headers, timeout=60)) as client:
        while True:
            page = retry(get, client, url, parameters)
            yield page
            links: dict[str, Any] = page.get("_links") or {}
            following: dict[str, Any] = links.get("next") or {}
            link: str | None = following.get("href")
            if not link:
                return
            # Only the token is taken from the link, which may name another host, or drop the other parameters.
            token = re.search(r"[?&]continuationToken=([^&]+)", link)
            if token is None or unquote(token[1]) == parameters.get("continuationToken"):
                raise GiveUpError("the link to the next page leads nowhere")
            parameters["continuationToken"] = unquote(token[1])


def get(client: httpx2.Client, url: str, parameters: dict[str, str]) -> dict[str, Any]:
    """Return a page of a list."""
    response = client.get(url, params=parameters)
    if not response.is_success:
        text = "".join(character if character.isprintable() else " " for character in response.text[:MAX_ERROR_TEXT])
        problem = f"{response.url.host} answered {response.status_code}: {text or 'without a text'}"
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS or response.is_server_error:
            asked_for = response.headers.get("retry-after", "")
            raise TryAgainError(problem, min(float(asked_for), MAX_PAUSE) if asked_for.isdecimal() else 0.0)
        raise GiveUpError(problem)
    try:
        page: dict[str, Any] = response.json()
        list(page["items"])
    except (ValueError, LookupError, TypeError) as error:
        raise TryAgainError(f"{response.url.host} answered without a list of runs") from error
    return page


def retry_after(error: BaseException) -> float:
    """Return how many seconds an error asks to wait."""
    return error.retry_after if isinstance(error, TryAgainError) else 0.0


def print_retry(state: RetryCallState) -> None:
    """Say why and when something is tried again."""
    error = state.outcome and state.outcome.exception()
    print(f"trying again in {state.upcoming_sleep:g} seconds: {error}", file=sys.stderr)


def main() -> int:
    """Fetch what command line and environment say; return the exit status."""
    try:
        settings = CliApp.run(Settings)
    except ValidationError as error:
        problems = [f"{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors(include_input=False)]
        sys.exit("\n".join([*problems, "See --help."]))
    try:
        return fetch(settings)
    except (TryAgainError, GiveUpError, InvalidJSONError, httpx2.HTTPError) as error:
        sys.exit(f"{str(error) or type(error).__name__}; {settings.file} was not written")


if __name__ == "__main__":
    sys.exit(main())
