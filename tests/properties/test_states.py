"""How a run stands, whether somebody should look, and which of several states is the newest."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowrun_notifications import FlowRun, RunStatus, latest_states, parse
from flowrun_notifications.testing import Wrapper, make_record, records, wrap
from properties.strategies import ANY_TEXT, at, dumps, mended, objects, replaced

# --- statuses -------------------------------------------------------------------------------------------------------

UNDER_WAY = {RunStatus.IN_PROGRESS, RunStatus.SCHEDULED, RunStatus.PROCESSING, RunStatus.WAITING}


def respelt(value: str) -> st.SearchStrategy[str]:
    """Return a strategy for the spellings of a status: "case, space, _ and - aside"."""
    letters = st.tuples(*(st.sampled_from([letter.lower(), letter.upper()]) for letter in value))
    marks = st.tuples(*(st.sampled_from(["", " ", "_", "-", "_ "]) for _ in value))
    return st.tuples(letters, marks, st.sampled_from(["", " ", "\t", "-"])).map(
        lambda drawn: "".join(letter + mark for letter, mark in zip(*drawn[:2], strict=True)) + drawn[2]
    )


@given(st.sampled_from(list(RunStatus)).flatmap(lambda status: st.tuples(st.just(status), respelt(status.value))))
def test_spellings_of_a_status(drawn: tuple[RunStatus, str]) -> None:
    """A "RunStatus member where known (case, space, _ and - aside)"; its text is the value on every Python."""
    status, text = drawn
    run = parse(make_record(metrics={"statusSummary": {"status": text}}))
    assert run.status is status
    assert (str(run.status), f"{run.status}", f"{run.status:>20}") == (
        status.value,
        status.value,
        f"{status.value:>20}",
    )
    assert run.metrics.status_summary.status == text


@given(ANY_TEXT)
def test_any_status(text: str) -> None:
    """A status is a known one, "else the text as it came, else None"; it never breaks a run."""
    run = parse(make_record(metrics={"statusSummary": {"status": text}}))
    text = mended(text)
    if run.status is None:
        assert not text.strip()
    elif isinstance(run.status, RunStatus):
        assert text.translate(str.maketrans("", "", " _-")).strip().lower() == run.status.value.lower()
    else:
        assert run.status == text


@given(
    st.sampled_from([None, "", " ", *RunStatus, "Success", "IN_PROGRESS", "aborted"]),
    st.sampled_from([None, "x_success", "x_failed", "X_FAILURE", "x_info", "x_error", "success", ""]),
)
def test_the_event_code_decides_only_without_a_status(status: str | None, code: str | None) -> None:
    """Only where the status is missing, an event code that ends in _success, _failed or _failure decides."""
    record = make_record(metrics={"statusSummary": {"status": status}})
    bare, run = parse(record), parse({"specversion": "1.0", "type": code, "data": record})
    ends = {"_success": RunStatus.SUCCESS, "_failed": RunStatus.FAILED, "_failure": RunStatus.FAILED}
    by_code = next((ends[end] for end in ends if (code or "").lower().endswith(end)), None)
    assert run.status == (by_code if bare.status is None else bare.status)


# --- questions ------------------------------------------------------------------------------------------------------


def has_losses(record: dict[str, Any]) -> bool:
    """Tell whether "failed records or failed files anywhere (breakdowns included)" stand in a record."""
    return any(
        number(at(record, path).get(key)) > 0
        for path, _, model in objects(record)
        for key in ("failedRecordCount", "failedFileCount")
    )


def number(value: Any) -> float:
    """Return a count of a record as a number, an unknown one as 0."""
    return float(value) if value not in (None, "") else 0.0


def has_a_failed_activity(record: dict[str, Any]) -> bool:
    """Tell whether a step of a record failed."""
    return any(
        str((at(record, path).get("statusSummary") or {}).get("status")).lower() == "failed"
        for path, attribute, _ in objects(record)
        if len(attribute) == 2 and attribute[0] == "activities"
    )


@given(records())
def test_questions(record: dict[str, Any]) -> None:
    """Whether a run succeeded, failed, is partial, finished or needs attention follows from what it says."""
    run = parse({"metrics": None, **record})
    status = run.status
    is_known = isinstance(status, RunStatus)
    assert run.succeeded == (status is RunStatus.SUCCESS)
    assert run.failed == (status is RunStatus.FAILED)
    # "partialSuccess, or success with errors, failed records or failed files anywhere, or with a failed activity."
    lost = has_losses(record) or has_a_failed_activity(record) or bool(run.errors)
    assert run.is_partial == (status is RunStatus.PARTIAL_SUCCESS or (run.succeeded and lost))
    # "success, failed, partialSuccess, or no status or an unknown one and a completion time."
    ended = {RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.PARTIAL_SUCCESS}
    assert run.is_finished == (status in ended if is_known else run.completed_at is not None)
    # "False only for a run that succeeded and is not partial, and for one whose status is inProgress, scheduled,
    # processing or waiting and that has no errors."
    is_quiet = (run.succeeded and not run.is_partial) or (status in UNDER_WAY and not run.errors)
    assert run.needs_attention == (not is_quiet)


@given(records())
def test_times_of_a_run(record: dict[str, Any]) -> None:
    """Start and end come from ``metrics.duration_summary`` only, as does the time between them where both are known."""
    run = parse({"metrics": None, **record})
    times = run.metrics.duration_summary
    assert (run.started_at, run.completed_at) == (times.started_at_utc, times.completed_at_utc)
    if run.started_at is None or run.completed_at is None:
        assert run.duration is None
    else:
        assert run.duration == run.completed_at - run.started_at


# --- several notifications of one run -------------------------------------------------------------------------------

STATES = st.fixed_dictionaries(
    {"id": st.sampled_from(["r", "s"]), "flowId": st.sampled_from(["f", "g"])},
    optional={
        "updatedAt": st.integers(1, 3),
        "message": st.sampled_from(["a", "b"]),
        "metrics": st.fixed_dictionaries(
            {},
            optional={
                "statusSummary": st.fixed_dictionaries({"status": st.sampled_from(["success", "inProgress", "new"])}),
                "durationSummary": st.fixed_dictionaries({"completedAtUTC": st.integers(1, 2)}),
            },
        ),
    },
)


@st.composite
def notifications(draw: st.DrawFn) -> list[FlowRun]:
    """Draw notifications of a few runs, sent at several times."""
    drawn = draw(st.lists(st.tuples(STATES, st.sampled_from([None, 1, 2])), max_size=6))
    return [parse({"value": record, "timestamp": sent_at}) for record, sent_at in drawn]


def by_run(run: FlowRun) -> tuple[str, str]:
    """Return what tells runs apart."""
    return run.flow_id, run.id


@given(notifications(), st.randoms(use_true_random=False))
def test_the_order_never_decides(runs: list[FlowRun], random: Any) -> None:
    """The order of the input never decides which state is kept; runs stay in order of first appearance."""
    newest = latest_states(runs)
    assert list(map(by_run, newest)) == list(dict.fromkeys(map(by_run, runs)))
    assert all(run in runs for run in newest)
    shuffled = list(runs)
    random.shuffle(shuffled)
    again = latest_states(iter(shuffled))
    assert sorted(again, key=by_run) == sorted(newest, key=by_run)
    assert latest_states(newest) == newest
    assert latest_states([*runs, *newest]) == newest


@given(notifications())
def test_the_newest_state_is_kept(runs: list[FlowRun]) -> None:
    """A finished state beats an unfinished one; then the later updated_at, completed_at, sent_at."""
    for kept in latest_states(runs):
        for other in runs:
            if by_run(other) == by_run(kept):
                assert age(other) <= age(kept)


def age(run: FlowRun) -> tuple[float, ...]:
    """Return what tells how new a state is."""
    times = (run.updated_at, run.completed_at, run.delivery.sent_at)
    return run.is_finished, *(0.0 if time is None else time.timestamp() for time in times)


@given(records(), st.sampled_from(["event", "journal", "body:base64", "other:sqs"]), st.data())
def test_dedup_key(record: dict[str, Any], wrapper: Wrapper, data: st.DataObject) -> None:
    """``dedup_key`` is the same for a repeated delivery and differs for any other state or run."""
    record = {"metrics": None, **record}
    run = parse(record)
    repeated = parse(wrap(wrapper, record))
    if repeated.status == run.status:  # without a status the event code of a delivery counts
        assert repeated.dedup_key == run.dedup_key
    assert parse(dumps(record)).dedup_key == run.dedup_key
    path, _, _ = data.draw(st.sampled_from(objects(record)))
    changed = replaced(record, (*path, "futureKey"), [at(record, path).get("futureKey")])
    assert parse(changed).dedup_key != run.dedup_key
    assert parse({**record, "id": f"{run.id}'"}).dedup_key != run.dedup_key
    assert run.dedup_key.startswith(f"{run.id}:")
