"""The program's promises, against a Flow Service on loopback."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, urlsplit

import httpx2
import pytest
from pydantic import HttpUrl, SecretStr

from flow_service_runs import GiveUpError, Settings, TryAgainError, fetch

HERE = Path(__file__).parent
FLOW_ID = "1c6f1047-dcaf-48fe-af10-47dcaf08feaf"
TOKENS = ["", "page+two/==", "page&three"]
"""The continuation tokens of three pages; those of the second and the third need quoting."""
Json = dict[str, Any]


@dataclass
class FlowService:
    """The API: a page of runs for each token."""

    pages: list[list[Json]] = field(default_factory=lambda: [[record(n), record(n + 1)] for n in (1, 3, 5)])
    url: str = ""
    link: str = "/runs?property=ignored&continuationToken={}&limit=2"
    unusual: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list[tuple[int, dict[str, str], bytes]])
    """Answers that the next requests get instead; the status 0 hangs up."""
    interrupt: dict[int, Callable[[], None]] = field(default_factory=dict[int, "Callable[[], None]"])
    """By page: what happens when it is asked for."""
    requests: list[tuple[str, Json]] = field(default_factory=list[tuple[str, Json]])
    """The paths and parameters of all requests."""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """The headers of the last request."""


def record(number: int, **changes: Any) -> Json:
    """Return a run's record, as the API writes it."""
    metrics = {"statusSummary": {"status": "success"}, "recordSummary": {"inputRecordCount": number}}
    return {"id": f"run-{number}", "flowId": FLOW_ID, "createdAt": 1700000000000, "metrics": metrics, **changes}


class Handler(BaseHTTPRequestHandler):
    """Answers as the service does."""

    service: ClassVar[FlowService]

    def do_GET(self) -> None:
        """Send a page, or what is to come instead."""
        url = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.service.requests.append((url.path, parameters))
        self.service.headers = {name.lower(): value for name, value in self.headers.items()}
        if self.service.unusual:
            status, headers, body = self.service.unusual.pop(0)
            if status:
                self.answer(status, headers, body)
            return
        number = TOKENS.index(parameters.get("continuationToken", ""))
        self.service.interrupt.get(number, bool)()
        links: Json = {}
        if number + 1 < len(self.service.pages):
            links["next"] = {"href": self.service.link.format(quote(TOKENS[number + 1], safe=""))}
        self.answer(200, {}, json.dumps({"items": self.service.pages[number], "_links": links}).encode())

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Send a response."""
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[FlowService]:
    """Run a service with three pages of two runs each."""
    service = FlowService()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"service": service})) as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield service
        server.shutdown()


@pytest.fixture
def settings(service: FlowService, tmp_path: Path) -> Settings:
    """Return the settings to reach the service."""
    return Settings.model_construct(
        flow_id=FLOW_ID,
        file=tmp_path / "runs.ndjson",
        adobe_access_token=SecretStr("token"),
        adobe_client_id="client",
        adobe_org_id="org@AdobeOrg",
        adobe_platform_url=HttpUrl(service.url),
    )


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses of the program, which are noted and not waited for."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


def start(*arguments: object, **environ: str) -> subprocess.Popen[str]:
    """Start the program as a user would."""
    command = [sys.executable, str(HERE / "flow_service_runs.py"), *map(str, arguments)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ADOBE")}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**inherited, **environ}
    )


def environ_of(service: FlowService) -> dict[str, str]:
    """Return the settings as environment variables."""
    return {
        "ADOBE_PLATFORM_URL": service.url,
        "ADOBE_ACCESS_TOKEN": "token",
        "ADOBE_CLIENT_ID": "client",
        "ADOBE_ORG_ID": "org@AdobeOrg",
    }


def records_in(file: Path) -> list[Json]:
    """Return the records of a file."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_all_pages_are_written(service: FlowService, tmp_path: Path) -> None:
    """Every run of every page is written as the API wrote it, one a line, in order."""
    file = tmp_path / "runs.ndjson"
    process = start(FLOW_ID, file, **environ_of(service))
    assert process.communicate(timeout=60) == ("", "6 runs, 0 could not be read in full\n")
    assert process.returncode == 0
    assert records_in(file) == [record(number) for number in range(1, 7)]
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("page", [0, 1, 2])
def test_interrupted_run_leaves_no_file_that_looks_complete(service: FlowService, tmp_path: Path, page: int) -> None:
    """Killed before any page, the program leaves the file of the last time as it was; then it is replaced at once."""
    file = tmp_path / "runs.ndjson"
    file.write_text("the last time\n")
    is_started = threading.Event()

    def kill() -> None:
        is_started.wait()
        killed.kill()

    service.interrupt[page] = kill
    killed = start(FLOW_ID, file, **environ_of(service))
    is_started.set()
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert file.read_text() == "the last time\n"
    del service.interrupt[page]
    process = start(FLOW_ID, file, **environ_of(service))
    process.communicate(timeout=60)
    assert records_in(file) == [record(number) for number in range(1, 7)]
    assert list(tmp_path.iterdir()) == [file]


def test_requests_are_those_of_the_documentation(service: FlowService, settings: Settings) -> None:
    """Each request names the flow, the token of its page, and who asks."""
    fetch(settings.model_copy(update={"adobe_sandbox": "dev"}))
    first: Json = {"property": f"flowId=={FLOW_ID}"}
    assert service.requests == [
        ("/data/foundation/flowservice/runs", parameters)
        for parameters in (first, *({**first, "continuationToken": token} for token in TOKENS[1:]))
    ]
    assert {
        "authorization": "Bearer token",
        "x-api-key": "client",
        "x-gw-ims-org-id": "org@AdobeOrg",
        "x-sandbox-name": "dev",
    }.items() <= service.headers.items()


@pytest.mark.parametrize(
    "link",
    ["?continuationToken={}", "https://example.com/runs?continuationToken={}", "/runs?limit=2&continuationToken={}"],
)
def test_next_page_is_asked_of_the_same_service(service: FlowService, settings: Settings, link: str) -> None:
    """Whatever the link to the next page looks like, its token is used, and the access token goes nowhere else."""
    service.link = link
    assert fetch(settings) == 0
    assert len(service.requests) == 3


@pytest.mark.parametrize("link", ["/runs", "/runs?limit=2"])
def test_link_that_leads_nowhere_is_an_error(service: FlowService, settings: Settings, link: str) -> None:
    """A link without a token is an error, not the end of the list."""
    service.link = link
    with pytest.raises(GiveUpError, match="the link to the next page leads nowhere"):
        fetch(settings)
    assert not settings.file.exists()


def test_list_that_does_not_end_is_an_error(service: FlowService, settings: Settings) -> None:
    """A page that names itself as the next one is an error, not read for ever."""
    service.link = f"/runs?continuationToken={quote(TOKENS[1])}"
    with pytest.raises(GiveUpError, match="the link to the next page leads nowhere"):
        fetch(settings)
    assert len(service.requests) == 2


@pytest.mark.parametrize("links", [{}, {"_links": None}, {"_links": {"next": None}}, {"_links": {"next": {}}}])
def test_flow_that_never_ran_gives_an_empty_file(
    service: FlowService, settings: Settings, capsys: pytest.CaptureFixture[str], links: Json
) -> None:
    """A list of no runs is not an error, however it says that there is no next page."""
    service.unusual = [(200, {}, json.dumps({"items": [], **links}).encode())]
    assert fetch(settings) == 0
    assert settings.file.read_bytes() == b""
    assert capsys.readouterr().err == "0 runs, 0 could not be read in full\n"


def test_busy_service_is_asked_again(
    service: FlowService, settings: Settings, pauses: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    """After 429, 5xx and lost connections the same page is asked for again, each time later, and nothing is lost."""
    busy = b'{"title":\n "busy"}'
    service.unusual = [(429, {}, busy), (503, {}, b""), (0, {}, b""), (500, {}, b""), (429, {"retry-after": "33"}, b"")]
    service.unusual.append((502, {"retry-after": "soon"}, b""))
    assert fetch(settings) == 0
    assert pauses == [2.0, 4.0, 8.0, 16.0, 65.0, 60.0]
    assert len(records_in(settings.file)) == 6
    assert [parameters for _, parameters in service.requests[:7]] == [{"property": f"flowId=={FLOW_ID}"}] * 7
    assert capsys.readouterr().err.splitlines() == [
        'trying again in 2 seconds: 127.0.0.1 answered 429: {"title":  "busy"}',
        "trying again in 4 seconds: 127.0.0.1 answered 503: without a text",
        "trying again in 8 seconds: Server disconnected without sending a response.",
        "trying again in 16 seconds: 127.0.0.1 answered 500: without a text",
        "trying again in 65 seconds: 127.0.0.1 answered 429: without a text",
        "trying again in 60 seconds: 127.0.0.1 answered 502: without a text",
        "6 runs, 0 could not be read in full",
    ]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b"<html>"),
        ({}, b"[]"),
        ({}, b'{"runs": []}'),
        ({}, b'{"items": null}'),
        ({"content-encoding": "gzip"}, gzip.compress(b'{"items": []}')[:-4] + b"oops"),
    ],
    ids=["not JSON", "a list", "no items", "null", "gzip with a wrong sum"],
)
def test_answer_that_makes_no_sense_is_not_the_end_of_the_list(
    service: FlowService, settings: Settings, pauses: list[float], headers: dict[str, str], body: bytes
) -> None:
    """An answer that is not a list of runs is asked for again."""
    service.unusual = [(200, headers, body)]
    assert fetch(settings) == 0
    assert pauses == [2.0]
    assert len(records_in(settings.file)) == 6


@pytest.mark.parametrize(("status", "error"), [(503, TryAgainError), (0, httpx2.RemoteProtocolError)])
def test_service_that_stays_away_is_an_error(
    service: FlowService, settings: Settings, pauses: list[float], status: int, error: type[Exception]
) -> None:
    """After seven attempts the program gives up, and there is no file."""
    service.unusual = [(status, {}, b"")] * 8
    with pytest.raises(error):
        fetch(settings)
    assert (len(service.requests), len(pauses)) == (7, 6)
    assert not settings.file.exists()


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404])
def test_what_waiting_does_not_mend_is_an_error(
    service: FlowService, settings: Settings, pauses: list[float], status: int
) -> None:
    """A wrong token or a missing permission is not tried again."""
    service.unusual = [(status, {}, b"")]
    with pytest.raises(GiveUpError, match=rf"^127\.0\.0\.1 answered {status}: without a text$"):
        fetch(settings)
    assert pauses == []


def test_error_that_ends_the_program_is_shown(service: FlowService, tmp_path: Path) -> None:
    """The last line is Adobe's text, on one line and without control characters, and no traceback."""
    service.unusual = [(403, {}, b'{"error_code": "403010",\n "message": "no access\x1b[31m"}' + 500 * b" ")]
    process = start(FLOW_ID, tmp_path / "runs.ndjson", **environ_of(service))
    _, errors = process.communicate(timeout=60)
    shown = '{"error_code": "403010",  "message": "no access [31m"}'
    assert errors.startswith(f"127.0.0.1 answered 403: {shown}  ")
    assert errors.endswith(f"; {tmp_path}/runs.ndjson was not written\n")
    assert process.returncode == 1


def test_broken_run_is_named_and_kept(
    service: FlowService, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that cannot be read is named with its place and stands in the file too; the exit status is 1."""
    service.pages = [[record(1), record(2, createdAt=True), record(3)]]
    assert fetch(settings) == 1
    assert records_in(settings.file) == service.pages[0]
    assert capsys.readouterr().err == (
        "flow run at items[1] has 1 problem:\n"
        "  items[1].createdAt: expected a time (an epoch or ISO 8601 text), found true or false\n"
        "2 runs, 1 could not be read in full\n"
    )


def test_page_that_no_json_reader_takes_is_an_error(service: FlowService, tmp_path: Path) -> None:
    """A page with NaN, which is not JSON, ends the program with a message."""
    service.pages = [[record(1, etag=float("nan"))]]
    file = tmp_path / "runs.ndjson"
    process = start(FLOW_ID, file, **environ_of(service))
    _, errors = process.communicate(timeout=60)
    assert errors.endswith(f"; {file} was not written\n")
    assert "Traceback" not in errors
    assert (process.returncode, file.exists()) == (1, False)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("ADOBE_PLATFORM_URL", "platform.adobe.io", "Input should be a valid URL, relative URL without a base"),
        ("ADOBE_ACCESS_TOKEN", "", "Value should have at least 1 item after validation, not 0"),
    ],
)
def test_settings_that_cannot_be_used_are_named(service: FlowService, name: str, value: str, problem: str) -> None:
    """A URL without a scheme or an empty token ends the program at once, with the setting and what is wrong."""
    process = start(FLOW_ID, "runs.ndjson", **{**environ_of(service), name: value})
    assert process.communicate(timeout=60) == ("", f"{name}: {problem}\nSee --help.\n")
    assert process.returncode == 1


def test_help_tells_about_every_setting() -> None:
    """--help describes each setting, and needs none."""
    process = start("--help")
    shown, _ = process.communicate(timeout=60)
    for name, setting in Settings.model_fields.items():
        assert name.replace("_", "-") in shown.lower()
        assert " ".join((setting.description or "?").split()) in " ".join(shown.split())
    assert process.returncode == 0


def test_wrong_usage_is_explained(service: FlowService) -> None:
    """Without a flow's id and a file the program says how it is used, and asks nobody."""
    process = start(**environ_of(service))
    _, errors = process.communicate(timeout=60)
    assert errors.startswith("usage: flow_service_runs.py ")
    assert errors.endswith("the following arguments are required: FLOW-ID, FILE\n")
    assert (process.returncode, service.requests) == (2, [])
