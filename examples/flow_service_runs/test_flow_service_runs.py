"""What the program promises, against a Flow Service on loopback."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

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
    unusual: list[tuple[int, dict[str, str]]] = field(default_factory=list[tuple[int, dict[str, str]]])
    """Statuses and headers that the next requests are answered with instead; 0 hangs up."""
    requests: list[tuple[str, Json]] = field(default_factory=list[tuple[str, Json]])
    """Paths and parameters of all requests."""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """The headers of the last request."""


def record(number: int, **changes: Any) -> Json:
    """A run's record, as the API writes it."""
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
            status, headers = self.service.unusual.pop(0)
            if status:
                self.answer(status, headers, b"")
            return
        number = TOKENS.index(parameters.get("continuationToken", ""))
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
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[FlowService]:
    """A service with three pages of two runs each, and the settings to reach it."""
    service = FlowService()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"service": service})) as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        monkeypatch.setenv("ADOBE_PLATFORM_URL", service.url)
        monkeypatch.setenv("ADOBE_ACCESS_TOKEN", "token")
        monkeypatch.setenv("ADOBE_CLIENT_ID", "client")
        monkeypatch.setenv("ADOBE_ORG_ID", "org@AdobeOrg")
        monkeypatch.delenv("ADOBE_SANDBOX", raising=False)
        yield service
        server.shutdown()


@pytest.fixture
def program(service: FlowService, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program in this process, with pauses that are noted in ``pauses`` and not waited for."""
    assert service.url
    module = importlib.reload(importlib.import_module("flow_service_runs"))
    pauses: list[float] = []
    monkeypatch.setattr(module, "pauses", pauses, raising=False)
    monkeypatch.setattr(module.time, "sleep", pauses.append)
    return module


def run_program(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the program as a user would."""
    command = [sys.executable, str(HERE / "flow_service_runs.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ))


@pytest.mark.usefixtures("service")
def test_all_pages_are_printed() -> None:
    """Every run of every page is printed as the API wrote it, one a line, in order."""
    done = run_program(FLOW_ID)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [record(number) for number in range(1, 7)]
    assert (done.stderr, done.returncode) == ("6 runs, 0 could not be read\n", 0)


def test_requests_are_those_of_the_documentation(service: FlowService, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request names the flow, the token of its page, and who asks."""
    monkeypatch.setenv("ADOBE_SANDBOX", "dev")
    run_program(FLOW_ID)
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
def test_next_page_is_asked_of_the_same_service(service: FlowService, link: str) -> None:
    """Whatever the link to the next page looks like, its token is used, and the access token goes nowhere else."""
    service.link = link
    assert run_program(FLOW_ID).returncode == 0
    assert len(service.requests) == 3


@pytest.mark.parametrize("link", ["/runs", "/runs?limit=2"])
def test_link_that_leads_nowhere_is_an_error(service: FlowService, program: ModuleType, link: str) -> None:
    """A link without a token is an error, not the end of the list."""
    service.link = link
    with pytest.raises(ValueError, match="the link to the next page leads nowhere"):
        program.main(FLOW_ID)


def test_list_that_does_not_end_is_an_error(service: FlowService, program: ModuleType) -> None:
    """A page that names itself as the next one is an error, not read for ever."""
    service.link = f"/runs?continuationToken={quote(TOKENS[1])}"
    with pytest.raises(ValueError, match="the link to the next page leads nowhere"):
        program.main(FLOW_ID)
    assert len(service.requests) == 2


def test_no_runs_are_no_error(service: FlowService) -> None:
    """A flow that never ran gives no line."""
    service.pages = [[]]
    done = run_program(FLOW_ID)
    assert (done.stdout, done.stderr, done.returncode) == ("", "0 runs, 0 could not be read\n", 0)


def test_busy_service_is_asked_again(
    service: FlowService, program: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """After 429, 5xx and lost connections the same page is asked for again, each time later, and nothing is lost."""
    service.unusual = [(429, {}), (503, {}), (0, {}), (500, {}), (429, {"retry-after": "33"}), (502, {})]
    assert program.main(FLOW_ID) == 0
    assert program.pauses == [2.0, 4.0, 8.0, 16.0, 33.0, 60.0]
    assert len(capsys.readouterr().out.splitlines()) == 6
    assert [parameters for _, parameters in service.requests[:7]] == [{"property": f"flowId=={FLOW_ID}"}] * 7


@pytest.mark.parametrize(("status", "error"), [(503, httpx.HTTPStatusError), (0, httpx.RemoteProtocolError)])
def test_service_that_stays_away_is_an_error(
    service: FlowService, program: ModuleType, status: int, error: type[Exception]
) -> None:
    """After seven attempts the program gives up."""
    service.unusual = [(status, {})] * 8
    with pytest.raises(error):
        program.main(FLOW_ID)
    assert len(service.requests) == 7


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_waiting_does_not_mend_is_an_error(service: FlowService, program: ModuleType, status: int) -> None:
    """A wrong token or a missing permission is not tried again."""
    service.unusual = [(status, {})]
    with pytest.raises(httpx.HTTPStatusError, match=str(status)):
        program.main(FLOW_ID)
    assert program.pauses == []


def test_broken_run_is_named(service: FlowService) -> None:
    """A run that cannot be read is named with its place, costs no other, and makes the exit status 1."""
    service.pages = [[record(1), record(2, createdAt=True), record(3)]]
    done = run_program(FLOW_ID)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["run-1", "run-3"]
    assert done.stderr == (
        "flow run at items[1] has 1 problem:\n"
        "  items[1].createdAt: expected a time (an epoch or ISO 8601 text), found true or false\n"
        "2 runs, 1 could not be read\n"
    )
    assert done.returncode == 1


def test_wrong_usage_is_explained(service: FlowService) -> None:
    """Without a flow's id the program says how it is used, and asks nobody."""
    done = run_program()
    assert done.stderr.startswith("usage: python ")
    assert (done.returncode, service.requests) == (1, [])
