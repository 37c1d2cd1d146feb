"""The events arrive, in a file and over HTTP, with the notifications' content and in a sound order."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openlineage.client.event_v2 import RunState
from openlineage.client.serde import Serde

from flowrun_notifications import latest_states, parse_lines
from openlineage_emit import events, news

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

PROGRAM = Path(__file__).with_name("openlineage_emit.py")

FLOW = {"flowId": "0f10e000-0000-4000-8000-000000000001", "flowName": "Orders to lake"}
STARTED = {
    **FLOW,
    "id": "0f10e000-0000-4000-8000-00000000000a",
    "createdAt": 1767258000000,
    "metrics": {"statusSummary": {"status": "inProgress"}},
}
SUCCEEDED = {
    **STARTED,
    "updatedAt": 1767258090000,
    "metrics": {
        "durationSummary": {"startedAtUTC": 1767258001000, "completedAtUTC": 1767258061500},
        "sizeSummary": {"inputBytes": 4096, "outputBytes": 1024},
        "recordSummary": {"inputRecordCount": 20, "outputRecordCount": 18},
        "fileSummary": {"inputFileCount": 2, "outputFileCount": -1},
        "statusSummary": {"status": "success"},
    },
    "activities": [
        {"id": "copyActivity", "sourceInfo": [{"id": "orders-bucket", "type": "SourceConnection"}]},
        {"id": "promotionActivity", "targetInfo": [{"id": "orders-dataset", "type": "TargetConnection"}]},
    ],
}
FAILED = {
    **FLOW,
    "id": "segment-job-7",
    "createdAt": 1767344400000,
    "updatedAt": 1767344460000,
    "metrics": {
        "recordSummary": {
            "inputRecordCount": 5,
            "failedInfo": [{"code": "133", "message": "No files were uploaded."}],
            "targetSummaries": [{"id": "profiles", "outputRecordCount": 3}, {"id": "identities"}],
        },
        "statusSummary": {"status": "failed", "errors": [{"code": "CONNECTOR-2001-500", "message": "Error."}]},
    },
}
SCHEDULED = {**FLOW, "id": "later", "metrics": {"statusSummary": {"status": "scheduled"}}}
ALERT = {"name": "Delay", "status": "FIRING", "severity": "high", "message": "It is late.", "value": "3"}
BROKEN = {**SUCCEEDED, "flowId": 7}

NOTIFICATIONS: list[Any] = [
    STARTED,
    {"event_id": "e1", "event": SUCCEEDED},
    [ALERT, ALERT],
    SCHEDULED,
    BROKEN,
    [{"messages": [{"value": FAILED}]}],
]

SUCCEEDED_ID, FAILED_ID = STARTED["id"], str(uuid5(NAMESPACE_URL, f"{FLOW['flowId']}/{FAILED['id']}"))
NAMESPACE = "lineage-test"
EXPECTED: list[dict[str, Any]] = [
    {"eventType": "START", "eventTime": "2026-01-01T09:00:00+00:00", "run": SUCCEEDED_ID, "inputs": [], "outputs": []},
    {
        "eventType": "START",
        "eventTime": "2026-01-01T09:00:01+00:00",
        "run": SUCCEEDED_ID,
        "inputs": [],
        "outputs": [],
    },
    {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-01T09:01:01.500000+00:00",
        "run": SUCCEEDED_ID,
        "inputs": [("orders-bucket", {"rowCount": 20, "size": 4096, "fileCount": 2})],
        "outputs": [("orders-dataset", {"rowCount": 18, "size": 1024})],
    },
    {"eventType": "START", "eventTime": "2026-01-02T09:00:00+00:00", "run": FAILED_ID, "inputs": [], "outputs": []},
    {
        "eventType": "FAIL",
        "eventTime": "2026-01-02T09:01:00+00:00",
        "run": FAILED_ID,
        "errorMessage": "133 No files were uploaded.",
        "inputs": [(f"{FLOW['flowId']}/source", {"rowCount": 5})],
        "outputs": [("profiles", {"rowCount": 3}), ("identities", {})],
    },
]


def start(folder: Path, payloads: Sequence[Any] = NOTIFICATIONS, **settings: str) -> subprocess.Popen[str]:
    """Start the program over notifications, as an archive, with nothing but these settings."""
    archive = folder / "archive.ndjson.gz"
    archive.write_bytes(gzip.compress("\n".join(map(json.dumps, payloads)).encode()))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENLINEAGE")}
    return subprocess.Popen(
        [sys.executable, PROGRAM, "--namespace", NAMESPACE, archive],
        cwd=folder,
        env={**environment, "HOME": str(folder), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Done(NamedTuple):
    """The end of the program."""

    stderr: str
    returncode: int


def emit(folder: Path, payloads: Sequence[Any] = NOTIFICATIONS, **settings: str) -> Done:
    """Run the program to its end."""
    process = start(folder, payloads, **settings)
    _, stderr = process.communicate(timeout=60)
    return Done(stderr, process.returncode)


def shown(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event as the expected ones are written; check the parts that all have in common."""
    facets = event["run"]["facets"]
    assert (event["job"]["namespace"], event["job"]["name"]) == (NAMESPACE, FLOW["flowId"])
    assert event["job"]["facets"]["documentation"]["description"] == FLOW["flowName"]
    assert facets["externalQuery"]["externalQueryId"] in (STARTED["id"], FAILED["id"])
    brief = {"eventType": event["eventType"], "eventTime": event["eventTime"], "run": event["run"]["runId"]}
    if "errorMessage" in facets:
        brief["errorMessage"] = facets["errorMessage"]["message"]
    for side, facet in (("inputs", "inputStatistics"), ("outputs", "outputStatistics")):
        assert all(dataset["namespace"] == NAMESPACE for dataset in event[side])
        brief[side] = [
            (dataset["name"], {key: value for key, value in statistics.items() if not key.startswith("_")})
            for dataset in event[side]
            for statistics in [dataset.get(f"{side[:-1]}Facets", {}).get(facet, {})]
        ]
    return brief


class Backend(HTTPServer):
    """An OpenLineage backend on loopback, which gives the answers it is made with before it takes any event."""

    def __init__(self, answers: list[int]) -> None:
        self.received: list[tuple[str, str | None, dict[str, Any]]] = []
        self.on_event: Callable[[], None] | None = None
        backend = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = answers.pop(0) if answers else 201
                if answer == 201:
                    backend.received.append((self.path, self.headers["Authorization"], event))
                    if backend.on_event:
                        backend.on_event()
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Run a backend that gives the answers of the test's parameter first."""
    with Backend(list(getattr(request, "param", []))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_events_are_written_to_a_file(tmp_path: Path) -> None:
    """Each run's events stand in the file, one a line; the broken line is named and costs none of the others."""
    path = tmp_path / "events.ndjson"
    done = emit(
        tmp_path,
        OPENLINEAGE__TRANSPORT__TYPE="file",
        OPENLINEAGE__TRANSPORT__LOG_FILE_PATH=str(path),
        OPENLINEAGE__TRANSPORT__APPEND="true",
    )
    assert [shown(json.loads(line)) for line in path.read_text().splitlines()] == EXPECTED
    assert "line 5: flow run has 1 problem:\n  flowId: expected text, found a number\n" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize("backend", [[503, 503]], indirect=True)
def test_events_are_posted_to_a_backend_that_was_out_of_order(backend: Backend, tmp_path: Path) -> None:
    """Each event is posted once, in order and with the key, though the backend could not take the first at once."""
    done = emit(tmp_path, OPENLINEAGE_URL=backend.url, OPENLINEAGE_API_KEY="key-of-the-test")
    assert [shown(event) for _, _, event in backend.received] == EXPECTED
    assert {(path, key) for path, key, _ in backend.received} == {("/api/v1/lineage", "Bearer key-of-the-test")}
    assert done.returncode == 1


@pytest.mark.parametrize("backend", [[201, 403]], indirect=True)
def test_an_event_that_is_refused_ends_the_program(backend: Backend, tmp_path: Path) -> None:
    """No event after the refused one is sent, and the refusal is shown."""
    done = emit(tmp_path, OPENLINEAGE_URL=backend.url)
    assert [shown(event) for _, _, event in backend.received] == EXPECTED[:1]
    assert "403 Client Error" in done.stderr
    assert done.returncode == 1


def test_a_program_that_was_killed_tells_everything_again(backend: Backend, tmp_path: Path) -> None:
    """Killed between the start and the end of a run, the program sends every event the next time."""
    is_started = threading.Event()

    def kill_at_the_last_but_one() -> None:
        is_started.wait()
        if len(backend.received) == len(EXPECTED) - 1:
            program.kill()

    backend.on_event = kill_at_the_last_but_one
    program = start(tmp_path, OPENLINEAGE_URL=backend.url)
    is_started.set()
    program.communicate(timeout=60)
    assert program.returncode == -signal.SIGKILL
    assert [event["eventType"] for _, _, event in backend.received] == ["START", "START", "COMPLETE", "START"]
    backend.received.clear()
    backend.on_event = None
    emit(tmp_path, OPENLINEAGE_URL=backend.url)
    assert [shown(event) for _, _, event in backend.received] == EXPECTED


def test_what_is_sent_again_says_the_same(backend: Backend, tmp_path: Path) -> None:
    """Running the program twice over one archive posts equal events."""
    emit(tmp_path, OPENLINEAGE_URL=backend.url)
    emit(tmp_path, OPENLINEAGE_URL=backend.url)
    events = [event for _, _, event in backend.received]
    assert events[: len(EXPECTED)] == events[len(EXPECTED) :]
    assert len(events) == 2 * len(EXPECTED)


def test_a_notification_that_comes_again_or_late_says_nothing_new(backend: Backend, tmp_path: Path) -> None:
    """The start that comes after the end, and the second delivery of the end, are not told; a newer end is."""
    newer = {**SUCCEEDED, "updatedAt": 1767258091000}
    emit(tmp_path, [SUCCEEDED, STARTED, {"event_id": "again", "event": SUCCEEDED}, newer], OPENLINEAGE_URL=backend.url)
    assert [(event["eventType"], event["run"]["runId"]) for _, _, event in backend.received] == [
        ("START", SUCCEEDED_ID),
        ("COMPLETE", SUCCEEDED_ID),
        ("COMPLETE", SUCCEEDED_ID),
    ]


def test_times_are_utc_where_a_notification_has_none(backend: Backend, tmp_path: Path) -> None:
    """A finished run without any time gets the present one, in UTC wherever the program runs."""
    timeless = {**FLOW, "id": "timeless", "metrics": {"statusSummary": {"status": "success"}}}
    before = datetime.now(timezone.utc)
    emit(tmp_path, [timeless], OPENLINEAGE_URL=backend.url, TZ="Pacific/Auckland")
    times = [event["eventTime"] for _, _, event in backend.received]
    assert [time.endswith("+00:00") for time in times] == [True, True]
    assert all(before <= datetime.fromisoformat(time) <= datetime.now(timezone.utc) for time in times)


TIMES = st.sampled_from([None, 1772400000000, 1772400001000])


@st.composite
def notifications(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a notification from so few values that many differ in one alone."""
    completed, status = draw(TIMES), draw(st.sampled_from(["scheduled", "inProgress", "success", "failed"]))
    return {
        "detail-type": "flow run",
        "time": draw(TIMES),
        "detail": {
            "id": "run-1",
            "flowId": "orders",
            "flowName": draw(st.sampled_from(["Orders", "Orders to lake"])),
            "createdAt": 1772300000000,
            "updatedAt": draw(TIMES),
            "metrics": {"durationSummary": {"completedAtUTC": completed}, "statusSummary": {"status": status}},
        },
    }


@given(st.lists(notifications(), min_size=2, max_size=8), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_no_order_of_lines_starts_a_run_that_has_ended(payloads: list[Any], random: Random) -> None:
    """In any order of lines no start follows an end of the same run, and the newest state comes last."""
    runs = list(parse_lines(map(json.dumps, payloads)))
    (newest,) = latest_states(runs)
    for _ in range(3):
        random.shuffle(runs)
        told = list(news(runs, NAMESPACE))
        ends = [event.eventType is not RunState.START for event in told]
        assert ends == sorted(ends)
        assert any(ends) == newest.is_finished
        if newest.is_finished:
            assert Serde.to_json(told[-1]) == Serde.to_json(list(events(newest, NAMESPACE))[-1])
