"""Every run of a dataflow, asked of the Flow Service API, as NDJSON: one record a line, as the API writes it.

python flow_service_runs.py FLOW_ID > runs.ndjson
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import unquote

import httpx

from flowrun_notifications import ParseResult, parse_all

PLATFORM_URL = os.environ.get("ADOBE_PLATFORM_URL", "https://platform.adobe.io")
MOST_ATTEMPTS = 7
LONGEST_PAUSE = 60.0  # seconds


def main(flow_id: str) -> int:
    """Prints the runs of a flow, and on standard error what could not be read. Returns the exit status."""
    headers = {
        "authorization": f"Bearer {os.environ['ADOBE_ACCESS_TOKEN']}",
        "x-api-key": os.environ["ADOBE_CLIENT_ID"],
        "x-gw-ims-org-id": os.environ["ADOBE_ORG_ID"],
        "x-sandbox-name": os.environ.get("ADOBE_SANDBOX", "prod"),
    }
    runs = broken = 0
    with httpx.Client(base_url=f"{PLATFORM_URL}/data/foundation/flowservice", headers=headers, timeout=60) as client:
        for page in fetch_pages(client, flow_id):
            for run in page.runs:
                print(json.dumps(run.to_payload()))
            for error in page.errors:
                print(error, file=sys.stderr)
            runs += len(page.runs)
            broken += len(page.errors)
    print(f"{runs} runs, {broken} could not be read", file=sys.stderr)
    return 1 if broken else 0


def fetch_pages(client: httpx.Client, flow_id: str) -> Iterator[ParseResult]:
    """All pages of the runs of a flow.

    Raises:
        httpx.HTTPError: A page could not be fetched, in all the attempts that it was worth.
        ValueError: There is a next page, but no way to it.
    """
    parameters = {"property": f"flowId=={flow_id}"}
    while True:
        response = get(client, "/runs", parameters)
        yield parse_all(response.content)
        link: str | None = response.json().get("_links", {}).get("next", {}).get("href")
        if not link:
            return
        # Of the link only the token is taken: it may name no host, another one, or none of the other parameters.
        token = re.search(r"[?&]continuationToken=([^&]+)", link)
        if token is None or unquote(token[1]) == parameters.get("continuationToken"):
            raise ValueError("the link to the next page leads nowhere")
        parameters["continuationToken"] = unquote(token[1])


def get(client: httpx.Client, path: str, parameters: dict[str, str]) -> httpx.Response:
    """A response, asked for again after 429, 5xx and lost connections, each time after a longer pause."""
    attempt = 0
    while True:
        attempt += 1
        pause = min(2.0**attempt, LONGEST_PAUSE)
        try:
            response = client.get(path, params=parameters)
        except httpx.TransportError:
            if attempt == MOST_ATTEMPTS:
                raise
        else:
            will_pass = response.status_code == HTTPStatus.TOO_MANY_REQUESTS or response.is_server_error
            if not will_pass or attempt == MOST_ATTEMPTS:
                return response.raise_for_status()
            asked_for = response.headers.get("retry-after", "")
            pause = float(asked_for) if asked_for.isdecimal() else pause
        print(f"trying again in {pause:g} seconds", file=sys.stderr)
        time.sleep(pause)


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit(f"usage: python {sys.argv[0]} FLOW_ID")
    sys.exit(main(sys.argv[1]))
