"""What the benchmarks are measured on is what they say it is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from flowrun_notifications import FlowRunNotificationError, parse, parse_all

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))  # the benchmarks are a folder of the repository, never installed

from benchmarks import data, fresh  # noqa: E402
from benchmarks.report import gross_regressions, table  # noqa: E402
from benchmarks.rows import FULL, Effort, Row, Section, best  # noqa: E402
from benchmarks.timing import Score, combine, compare  # noqa: E402

NAMES = ["2020_preview_failure", "2020_preview_success", "failure", "success"]


def test_the_four_documented_payloads_are_measured() -> None:
    """Each documented payload has the run in it that the library finds there."""
    assert list(data.DOCUMENTED) == NAMES
    for name, payload in data.DOCUMENTED.items():
        assert parse(data.RECORDS[name]).to_payload() == parse(payload).to_payload()


@pytest.mark.parametrize("names", [*((name,) for name in data.WRAPPERS), *data.NESTED], ids=" > ".join)
def test_wrappers_hold_the_same_run(names: tuple[str, ...]) -> None:
    """Every wrapper that is measured is opened, down to the run that was put into it."""
    for record in data.RECORDS.values():
        assert parse(data.dumps(data.nest(record, names))).to_payload() == parse(record).to_payload()


@pytest.mark.parametrize("names", data.NESTED, ids=" > ".join)
def test_nested_wrappers_are_three_deep(names: tuple[str, ...]) -> None:
    """What counts as nested three deep are three wrappers to the library, too."""
    assert len(parse(data.nest(data.RECORDS["success"], names)).delivery.wrappers) == 3


def test_a_renumbered_run_differs_in_what_is_its_own() -> None:
    """A renumbered payload keeps its keys and its flow, and has its own ids, times and counts; -1 stays."""
    run, other = (parse(data.renumber(data.DOCUMENTED["failure"], number)) for number in (0, 5))
    assert (run.id, other.id) == ("00000000-2174-4271-824c-322174627101", "00000005-2174-4271-824c-322174627101")
    assert other.flow_id == run.flow_id
    assert other.batch_ids == ("00000005-e40d-4f0e-9bb9-b614436c3465",)
    assert other.created_at is not None
    assert run.created_at is not None
    assert (other.created_at - run.created_at).microseconds == 5_000
    assert other.metrics.size_summary.input_bytes is None
    assert data.dumps(data.renumber(data.DOCUMENTED["failure"], 5)) != data.dumps(data.DOCUMENTED["failure"])


@pytest.mark.parametrize("count", [0, 1, 2, 31])
def test_larger_runs_have_as_many_parts_as_they_say(count: int) -> None:
    """Runs that are made larger have so many activities or distinct errors."""
    record = data.RECORDS["failure"]
    assert len(parse(data.with_activities(record, count)).activities) == count
    without_activities: data.Record = {**data.with_errors(record, count), "activities": []}
    assert len(parse(without_activities).errors) == count


@pytest.mark.parametrize("whole", [data.journal_page, data.api_list])
def test_pages_hold_as_many_runs_as_they_say(whole: Callable[[list[Any]], Any]) -> None:
    """Journal pages and API lists hold each run that was put into them, in order."""
    runs = [data.renumber(data.RECORDS["success"], number) for number in range(7)]
    assert [run.id for run in parse_all(whole(runs)).runs] == [run["id"] for run in runs]


@pytest.mark.parametrize("name", data.WRONG_SHAPES)
def test_wrong_shapes_are_refused(name: str) -> None:
    """What is measured as a refusal is JSON of about the size asked for, and refused."""
    payload = data.WRONG_SHAPES[name](10_000)
    assert 9_700 <= len(payload) <= 10_300
    assert json.loads(payload)
    with pytest.raises(FlowRunNotificationError):
        parse(payload)


def test_hostile_payloads_hold_what_their_names_say() -> None:
    """What is measured as hostile has the size asked for and is what its name says."""
    made = {name: make(50_000) for name, make in data.HOSTILE.items()}
    assert made["digits"].count(b"1") > 49_000
    assert made["escapes"].count(rb"\u0041") > 8_000
    assert max(map(len, json.loads(made["one key"]))) > 49_000
    assert json.loads(made["empty objects"]) == [{}] * 16_667
    assert parse(made["headers of Runtime"]).delivery.wrappers == ("runtime", "event")
    assert len(parse(made["activities"]).activities) == 1_001
    assert len(parse(made["empty activities"]).activities) == 1_001


def test_hostile_payloads_have_the_promised_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times `json.loads` and 100 MB, 25 times and 150 MB for broken runs; sound activities may take longer."""

    def measure_nothing(*_: object) -> int:
        return 0

    pytest.importorskip("msgspec", reason="not installed; run `nox -s thorough`")
    hostile: Any = import_module("benchmarks.sections.hostile")
    monkeypatch.setattr(fresh, "can_tell_memory", lambda: True)
    monkeypatch.setattr(fresh, "call", measure_nothing)
    effort = Effort(rounds=1, few_rounds=1, lines=1, kept=1, most_runs=1, size=1_000)
    sections = (hostile.HOSTILE, hostile.HOSTILE_MEMORY)
    times, memory = ({row.name: row.must for row in section.measure(effort)} for section in sections)
    names = [*data.WRONG_SHAPES, *data.HOSTILE]
    assert times == {**dict.fromkeys(names, 10.0), "broken runs": 25.0, "empty activities": 75.0}
    assert memory == {**dict.fromkeys(names, 100.0), "broken runs": 150.0}
    assert (FULL.size, data.HOSTILE["broken runs"](FULL.size).count(b"flowId")) == (2_000_000, 153_847)


def test_scores_are_medians_of_ratios_within_a_round() -> None:
    """A round in which everything was slow counts like any other, and one odd round does not count."""
    assert compare([20, 200, 20, 900, 20], [10, 100, 10, 10, 10]) == Score(2.0, 0.0)
    assert compare([10, 20, 30, 40, 50], [10] * 5) == Score(3.0, 1 / 3)
    assert combine([Score(1.0, 0.1), Score(4.0, 0.3)]) == Score(2.0, 0.2)


def test_the_best_of_several_processes_counts() -> None:
    """Of each row the least ratio is kept, and the spread tells how far the worst is from it."""
    processes = [[Row("bare", "one", ratio, 0.01, must=2.0), Row("bare", "two", 1.0)] for ratio in (2.5, 2.0, 2.2)]
    assert best(processes) == [Row("bare", "one", 2.0, 0.25, must=2.0), Row("bare", "two", 1.0, 0.0)]
    assert best(processes[:1]) == processes[0]


def test_only_gross_regressions_fail() -> None:
    """A ratio may be over its limit by half before the check fails; what has no limit never fails."""
    rows = [Row("bare", "one", 3.0, must=2.0), Row("bare", "two", 3.1, must=2.0), Row("bare", "three", 99.0)]
    assert gross_regressions(rows) == ["bare: two: 3.10, which is over 1.5 times 2"]


def test_the_table_says_what_is_over_its_limit_and_what_has_changed() -> None:
    """The table marks what is over "must" or within "aim", numbers the notes, and compares with an earlier run."""
    section = Section("bare", "A bare run", "json.loads", lambda _: iter(()))
    rows = [
        Row("bare", "parse", 1.5, 0.02, must=2.2, aim=1.6),
        Row("bare", "slow", 2.5, 0.1, must=2.2, aim=1.6, note="slower"),
    ]
    assert list(table([section], rows)) == [
        "",
        "A bare run (bare)",
        "as a multiple of json.loads                    ratio    +-  must   aim",
        "  parse                                         1.50   2 %   2.2   1.6 aim",
        "  slow                                          2.50  10 %   2.2   1.6 OVER [1]",
        "  [1] slower",
    ]
    assert [line[-4:] for line in table([section], rows, [Row("bare", "parse", 1.0)])][3:] == ["+50%", " new"]


@pytest.mark.slow
def test_the_benchmarks_run(tmp_path: Path) -> None:
    """The command measures, prints at most 80 columns, writes the numbers, and compares itself with them."""
    pytest.importorskip("msgspec")
    numbers = tmp_path / "numbers.json"
    command = [sys.executable, str(ROOT / "benchmarks"), "--brief", "--only", "bare"]
    first = subprocess.run([*command, "--json", str(numbers)], check=True, capture_output=True, text=True)
    assert max(map(len, first.stdout.splitlines())) <= 80
    written = json.loads(numbers.read_bytes())
    names = ["parse(bytes)", "parse(bytes), keys in reverse order"]
    assert [row["name"] for row in written["rows"]] == names
    assert written["versions"].keys() >= {"python", "pydantic", "msgspec"}
    second = subprocess.run([*command, "--compare", str(numbers)], check=True, capture_output=True, text=True)
    assert all(line.endswith("%") for line in second.stdout.splitlines()[-len(names) :])
