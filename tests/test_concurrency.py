"""Threads and processes: parsing keeps no state, and what it gives travels."""

from __future__ import annotations

import copy
import json
import multiprocessing
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from operator import methodcaller
from threading import Barrier
from typing import Any, TypeVar, get_args

import pytest

from flowrun_notifications import (
    FlowRun,
    FlowRunNotificationError,
    InvalidFlowRunError,
    InvalidJSONError,
    LineError,
    NotAFlowRunError,
    PartialParseError,
    RunCountError,
    documented_error_codes,
    lookup_error,
    parse,
    parse_all,
    parse_lines,
)
from flowrun_notifications.testing import Outcome, Wrapper, make_flow_run, make_other_message, make_payload, make_record

_T = TypeVar("_T")

THREADS = 8
PAYLOADS = [
    json.dumps(make_payload(wrapper, outcome=outcome, id=f"{wrapper} {outcome}")).encode()
    for wrapper in get_args(Wrapper)
    for outcome in get_args(Outcome)
]


def in_threads(work: Callable[[], _T]) -> list[_T]:
    """What some work gives in each of eight threads that start together."""
    start = Barrier(THREADS)

    def run() -> _T:
        start.wait()
        return work()

    with ThreadPoolExecutor(THREADS) as threads:
        return [future.result() for future in [threads.submit(run) for _ in range(THREADS)]]


def test_threads_parse_alike() -> None:
    """Eight threads that parse the same payloads at once get what one gets alone."""
    alone = [parse(payload) for payload in PAYLOADS]
    assert in_threads(lambda: [parse(payload) for payload in PAYLOADS]) == [alone] * THREADS


@pytest.mark.slow
def test_threads_parse_batches_alike() -> None:
    """Eight threads that read a batch with broken runs and other things get what one gets alone."""
    batch = [*map(json.loads, PAYLOADS), make_other_message(), make_record(id=1)]

    def read() -> tuple[Any, ...]:
        result = parse_all(batch)
        return result.runs, list(map(str, result.others)), [error.problems for error in result.errors]

    assert in_threads(read) == [read()] * THREADS


@pytest.mark.slow
def test_threads_read_lines_alike() -> None:
    """Eight threads that read an archive each get all of it."""
    alone = [parse(payload) for payload in PAYLOADS]
    assert in_threads(lambda: list(parse_lines(PAYLOADS))) == [alone] * THREADS


def test_threads_share_a_run() -> None:
    """Eight threads that ask one run everything get the same answers."""
    run = make_flow_run(outcome="failed")

    def ask() -> tuple[Any, ...]:
        return run.errors, run.causes, run.summary(), run.to_payload(), run.batch_ids, hash(run), run.model_dump_json()

    assert in_threads(ask) == [ask()] * THREADS


@pytest.mark.slow
def test_first_use_in_threads() -> None:
    """Threads that import, parse and look codes up for the first time at once get what one would get."""
    program = """if True:
        import json, sys
        from threading import Barrier, Thread

        payloads, start, results = json.load(sys.stdin), Barrier(8), []

        def work():
            start.wait()
            from flowrun_notifications import lookup_error, parse
            results.append(([parse(payload).summary() for payload in payloads], lookup_error("INGEST-1205-400").title))

        threads = [Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        json.dump(results, sys.stdout)
    """
    payloads = [payload.decode() for payload in PAYLOADS]
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(payloads), capture_output=True, text=True, check=True
    )
    wanted = [[parse(payload).summary() for payload in PAYLOADS], lookup_error("INGEST-1205-400").title]
    assert json.loads(done.stdout) == [wanted] * THREADS


def test_catalogue_is_one_for_all_threads() -> None:
    """Eight threads that ask for the documented codes get the very same ones."""
    found = in_threads(documented_error_codes)
    assert all(mine is first for codes in found for mine, first in zip(codes, found[0], strict=True))


@pytest.fixture(scope="module")
def other_process() -> Iterator[ProcessPoolExecutor]:
    """Another process, with nothing of this one's memory."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.mark.slow
@pytest.mark.parametrize(
    "payload", [PAYLOADS[0], PAYLOADS[-2], make_record("partial_success", params={"a": [1]}, x={})]
)
def test_runs_travel_to_another_process_and_back(other_process: ProcessPoolExecutor, payload: Any) -> None:
    """A run made here can be asked there, comes back equal, and a run made there equals one made here."""
    run = parse(payload)
    there: FlowRun = other_process.submit(copy.copy, run).result()
    assert there == run
    assert hash(there) == hash(run)
    assert there.to_payload() == run.to_payload()
    assert there.errors == run.errors
    assert other_process.submit(methodcaller("summary"), run).result() == run.summary()
    assert other_process.submit(parse, payload).result() == run


@pytest.mark.slow
def test_results_travel(other_process: ProcessPoolExecutor) -> None:
    """A result with runs, other things and broken runs comes back whole, and its errors can still be salvaged."""
    batch = [make_record(), make_other_message(), make_record(id="broken", createdAt="no time")]
    here, there = parse_all(batch), other_process.submit(parse_all, batch).result()
    assert there.runs == here.runs
    assert there.others == here.others
    assert [(error.problems, error.salvage()) for error in there.errors] == [
        (error.problems, error.salvage()) for error in here.errors
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("read", "payload", "kind"),
    [
        (parse, b"no JSON", InvalidJSONError),
        (parse, make_other_message("validation_request"), NotAFlowRunError),
        (parse, make_record(createdAt="no time"), InvalidFlowRunError),
        (parse, [], RunCountError),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_errors_travel(
    other_process: ProcessPoolExecutor,
    read: Callable[[Any], Any],
    payload: Any,
    kind: type[FlowRunNotificationError],
) -> None:
    """An error raised there arrives here as itself, with all that it carries."""
    with pytest.raises(kind) as here:
        read(payload)
    with pytest.raises(kind) as there:
        other_process.submit(read, payload).result()
    assert str(there.value) == str(here.value)
    if isinstance(there.value, InvalidFlowRunError) and isinstance(here.value, InvalidFlowRunError):
        assert there.value.problems == here.value.problems
        assert there.value.salvage() == here.value.salvage()


@pytest.mark.slow
def test_nested_errors_travel(other_process: ProcessPoolExecutor) -> None:
    """Errors that hold errors arrive with them."""
    result = parse_all([make_record(), make_record(id=5)])
    with pytest.raises(PartialParseError) as caught:
        result.raise_for_errors()
    partial: PartialParseError = other_process.submit(copy.copy, caught.value).result()
    assert (partial.runs, list(map(str, partial.errors))) == (result.runs, list(map(str, result.errors)))
    lines: list[LineError] = []
    list(parse_lines([b"\n", b"no JSON"], on_error=lines.append))
    line: LineError = other_process.submit(copy.copy, lines[0]).result()
    assert (line.number, line.line, str(line.error)) == (2, b"no JSON", str(lines[0].error))
