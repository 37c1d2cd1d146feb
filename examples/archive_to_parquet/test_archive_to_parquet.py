"""Turns archives into tables and answers, and accounts for every line."""

from __future__ import annotations

import gzip
import json
import os
import signal
import struct
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archive_report
import archive_to_parquet
from archive_to_parquet import MAX_ROWS_HELD
from flowrun_notifications import latest_states, parse_lines
from flowrun_notifications.tabular import ACTIVITY_COLUMNS, ERROR_COLUMNS, RUN_COLUMNS, Column, arrow_schema, run_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from random import Random

PROGRAM = Path(__file__).with_name("archive_to_parquet.py")
REPORT = Path(__file__).with_name("archive_report.py")
FILES = ["activities.parquet", "errors.parquet", "quarantine.log", "quarantine.ndjson", "runs.parquet"]

TITLES = {"133": "No files in batch", "INGEST-1205-400": "Field not in target schema", "UNHEARD-OF": None}
CODES = list(TITLES)
COUNT = MAX_ROWS_HELD * 6 // 10
"""How many runs there are. Each has two notifications, so there are more rows than are held at a time."""


class Run(NamedTuple):
    """A run that the test makes notifications of and expects answers about."""

    id: str
    flow: str
    started: datetime
    seconds: int
    code: str | None

    @classmethod
    def number(cls, number: int) -> Run:
        """Make one of many runs: one every 40 minutes for nearly three days, over and over; each seventh fails."""
        started = datetime(2026, 3, 1, 20, tzinfo=timezone.utc) + timedelta(minutes=40 * (number % 100))
        code = CODES[number % len(CODES)] if number % 7 == 0 else None
        return cls(f"run-{number}", ("orders", "profiles")[number % 5 // 3], started, number * 31 % 997, code)

    @property
    def completed(self) -> datetime:
        """The time at which it ended."""
        return self.started + timedelta(seconds=self.seconds)

    def start(self) -> dict[str, Any]:
        """Return the record at the start."""
        return {
            "id": self.id,
            "flowId": self.flow,
            "flowName": self.flow.title(),
            "updatedAt": milliseconds(self.started),
            "metrics": {"statusSummary": {"status": "inProgress"}},
        }

    def end(self) -> dict[str, Any]:
        """Return the record at the end."""
        errors = [{"code": self.code, "message": "It failed."}] if self.code else []
        return {
            **self.start(),
            "updatedAt": milliseconds(self.completed) + 1,
            "metrics": {
                "durationSummary": {
                    "startedAtUTC": milliseconds(self.started),
                    "completedAtUTC": milliseconds(self.completed),
                },
                "statusSummary": {"status": "failed" if self.code else "success", "errors": errors},
            },
            "activities": [{"id": "copyActivity"}, {"id": "promotionActivity"}],
        }


RUNS = [Run.number(number) for number in range(COUNT)]
ALERT = {"name": "Delay", "status": "FIRING", "severity": "high", "message": "It is late.", "value": "3"}
BROKEN = [b'{"id": "cut short", "flowId"', b'{"id": 7, "flowId": "orders", "metrics": {}}', b'{"id": "\xff"}']


def milliseconds(instant: datetime) -> int:
    """Return an instant as Adobe writes it."""
    return int(instant.timestamp() * 1000)


def ndjson(payloads: Iterable[object]) -> bytes:
    """Return the payloads, one a line."""
    return b"".join(json.dumps(payload).encode() + b"\n" for payload in payloads)


def convert(folder: Path, *archives: Path) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    command = [sys.executable, str(PROGRAM), str(folder), *map(str, archives)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a table."""
    return pq.ParquetFile(path).read().to_pylist()  # pyright: ignore[reportUnknownMemberType]


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Write a plain archive of starts and a gzip archive of ends, some delivered twice, among other things."""
    folder = tmp_path_factory.mktemp("archives")
    starts, ends = folder / "starts.ndjson", folder / "ends.ndjson.gz"
    starts.write_bytes(ndjson(run.start() for run in RUNS) + b"\n" + ndjson([ALERT, [ALERT, ALERT]]))
    wrapped = [
        {"event_id": f"event-{run.id}", "event": run.end()} if number % 2 else [{"messages": [{"value": run.end()}]}]
        for number, run in enumerate(RUNS)
    ]
    on_one_line = "".join(map(json.dumps, wrapped[:100])).encode()  # as Amazon Firehose writes them
    ends.write_bytes(gzip.compress(b"\n".join([*BROKEN[:2], ndjson(wrapped) + on_one_line, BROKEN[2]])))
    return [starts, ends]


@pytest.fixture(scope="module")
def folder(archives: Sequence[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the program writes from them."""
    folder = tmp_path_factory.mktemp("converted") / "tables"
    done = convert(folder, *archives)
    assert (done.stdout, done.stderr, done.returncode) == (
        f"runs: {2 * COUNT + 100:,}; with other messages: 2; broken: 3\n",
        "",
        0,
    )
    return folder


@pytest.mark.parametrize(
    ("name", "columns", "rows"),
    [
        ("runs", RUN_COLUMNS, 2 * COUNT + 100),
        ("activities", ACTIVITY_COLUMNS, 2 * (COUNT + 100)),
        ("errors", ERROR_COLUMNS, sum(run.code is not None for run in RUNS + RUNS[:100])),
    ],
)
def test_tables_have_the_published_columns_and_every_row(
    folder: Path, name: str, columns: Sequence[Column], rows: int
) -> None:
    """Each table has its columns, in their order and types, and a row for everything that was told."""
    file = pq.ParquetFile(folder / f"{name}.parquet")
    assert file.schema_arrow == arrow_schema(columns)
    assert file.metadata.num_rows == rows


def test_rows_are_written_in_groups(folder: Path) -> None:
    """A table of more rows than are held at a time is written piece by piece."""
    assert pq.ParquetFile(folder / "runs.parquet").num_row_groups == 2


def test_values_come_back(folder: Path) -> None:
    """A run's row says what its notification said."""
    run = RUNS[7]
    rows = [row for row in rows_of(folder / "runs.parquet") if row["event_id"] == f"event-{run.id}"]
    values = {
        "flow_run_id": run.id,
        "flow_id": run.flow,
        "started_at": run.started,
        "completed_at": run.completed,
        "duration_seconds": float(run.seconds),
        "failed": True,
        "cause_code": run.code,
        "input_bytes": None,
        "activity_count": 2,
    }
    assert [{name: row[name] for name in values} for row in rows] == [values, values]


def test_broken_lines_are_set_aside_unchanged(folder: Path, archives: Sequence[Path]) -> None:
    """The quarantine holds the broken lines and nothing else, and the log tells where each stood, and no value."""
    assert (folder / "quarantine.ndjson").read_bytes() == b"".join(line + b"\n" for line in BROKEN)
    log = (folder / "quarantine.log").read_text().splitlines()
    numbers = [1, 2, 2 + COUNT + 2]
    assert [line.startswith(f"{archives[1]}: line {number}: ") for line, number in zip(log, numbers, strict=True)] == [
        True,
        True,
        True,
    ]
    assert log[1] == f"{archives[1]}: line 2: flow run has 1 problem: id: expected text, found a number"
    assert "cut short" not in log[0]


def test_failures_by_cause_and_day(folder: Path) -> None:
    """Each failed run counts once, on the day (UTC) that it ended, however often it was told of."""
    expected = Counter((run.completed.date(), run.code) for run in RUNS if run.code)
    rows = archive_report.connect(folder).sql(archive_report.FAILURES_BY_CAUSE_AND_DAY).fetchall()
    assert {(day, code): failures for day, code, _, failures in rows} == expected
    assert {code: title for _, code, title, _ in rows} == TITLES
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_duration_by_flow(folder: Path) -> None:
    """The 95th percentile is taken over the finished runs of each dataflow, the slowest dataflow first."""
    durations: dict[str, list[int]] = defaultdict(list)
    for run in RUNS:
        durations[run.flow].append(run.seconds)
    expected = [(flow, flow.title(), len(seconds), percentile_95(seconds)) for flow, seconds in durations.items()]
    rows = archive_report.connect(folder).sql(archive_report.DURATION_BY_FLOW).fetchall()
    assert [(*row[:3], pytest.approx(row[3])) for row in rows] == sorted(expected, key=lambda row: -row[3])


def percentile_95(values: Iterable[int]) -> float:
    """Return the 95th percentile, interpolated between the two nearest values."""
    ordered = sorted(values)
    below, rest = divmod((len(ordered) - 1) * 95, 100)
    return ordered[below] + (ordered[below + 1] - ordered[below]) * rest / 100


def test_the_report_prints_both_answers(folder: Path) -> None:
    """The second program shows the failures and the durations, by UTC day wherever it runs."""
    command = [sys.executable, str(REPORT), str(folder)]
    environ = {**os.environ, "TZ": "Pacific/Auckland"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=environ)
    failures, durations = done.stdout.split("95th percentile of the duration by dataflow\n")
    assert failures.startswith("Failures by cause and day (UTC)\n")
    expected = Counter((str(run.completed.date()), run.code) for run in RUNS if run.code)
    cells = [[cell.strip() for cell in line.split("│")] for line in failures.splitlines() if "2026" in line]
    assert {(day, code): int(count) for _, day, code, _, count, _ in cells} == expected
    assert all(words in durations for words in ("orders", "Orders", "profiles", "Profiles"))


def test_archives_that_are_converted_apart(archives: list[Path], folder: Path, tmp_path: Path) -> None:
    """The report of several folders is that of one folder with all their archives."""
    apart = [tmp_path / archive.name for archive in archives]
    for path, archive in zip(apart, archives, strict=True):
        assert convert(path, archive).returncode == 0
    together, alone = archive_report.connect(folder), archive_report.connect(*apart)
    for question in (archive_report.FAILURES_BY_CAUSE_AND_DAY, archive_report.DURATION_BY_FLOW):
        assert alone.sql(question).fetchall() == together.sql(question).fetchall()


def test_the_tables_appear_in_one_step(tmp_path: Path) -> None:
    """Killed before any of its renames, the program leaves no folder; the folder is there only with all its files."""
    archive, folder = tmp_path / "archive.ndjson", tmp_path / "tables"
    archive.write_bytes(ndjson([RUNS[0].end()]) + BROKEN[1])
    kill = """if True:
        import os, runpy, signal, sys

        renames_left = int(sys.argv.pop(1))

        def killing(rename):
            def kill_or_rename(*arguments, **keywords):
                global renames_left
                if not renames_left:
                    os.kill(os.getpid(), signal.SIGKILL)
                renames_left -= 1
                rename(*arguments, **keywords)
            return kill_or_rename

        os.rename, os.replace = killing(os.rename), killing(os.replace)
        runpy.run_path(sys.argv.pop(1), run_name="__main__")
    """
    endings: list[int] = []
    while not endings or endings[-1] == -signal.SIGKILL:
        assert not folder.exists()
        command = [sys.executable, "-c", kill, str(len(endings)), *map(str, (PROGRAM, folder, archive))]
        endings.append(subprocess.run(command, capture_output=True, timeout=60, check=False).returncode)
    assert endings == [-signal.SIGKILL, 0]
    assert sorted(path.name for path in folder.iterdir()) == FILES


def test_an_archive_that_breaks_off_leaves_nothing(archives: Sequence[Path], tmp_path: Path) -> None:
    """A truncated archive ends the program, and there are no tables that look complete."""
    truncated = tmp_path / "truncated.ndjson.gz"
    truncated.write_bytes(archives[1].read_bytes()[:-1000])
    done = convert(tmp_path / "tables", archives[0], truncated)
    assert done.returncode == 1
    assert "EOFError" in done.stderr
    assert list(tmp_path.iterdir()) == [truncated]


def test_tables_are_never_overwritten(archives: Sequence[Path], folder: Path) -> None:
    """A folder that exists is refused before any archive is read, and stays as it is."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = convert(folder, *archives)
    assert done.returncode == 2
    assert done.stderr.endswith(f"error: {folder} exists already\n")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_made_in_the_meantime_is_not_overwritten(tmp_path: Path) -> None:
    """Where another program has written the folder first, its files stay and this one fails."""
    archive, folder = tmp_path / "archive.ndjson", tmp_path / "tables"
    archive.write_bytes(ndjson([RUNS[0].end()]))
    with pytest.raises(OSError, match="not empty"), archive_to_parquet.new_folder(folder):
        assert convert(folder, archive).returncode == 0
    assert sorted(path.name for path in folder.iterdir()) == FILES


def test_the_quarantine_can_be_mended_and_passed_again(tmp_path: Path) -> None:
    """The quarantine is an archive like any other."""
    archive, first, second = tmp_path / "archive.ndjson", tmp_path / "first", tmp_path / "second"
    archive.write_bytes(ndjson([RUNS[0].end()]) + BROKEN[1])
    convert(first, archive)
    quarantine = first / "quarantine.ndjson"
    quarantine.write_bytes(quarantine.read_bytes().replace(b'"id": 7', b'"id": "run-x"'))
    done = convert(second, archive, quarantine)
    assert done.stdout == "runs: 2; with other messages: 0; broken: 1\n"
    assert [row["flow_run_id"] for row in rows_of(second / "runs.parquet")] == [RUNS[0].id, "run-x"]


TIMES = st.sampled_from([None, 1772400000000, 1772400001000])


@st.composite
def notifications(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a notification from so few values that many differ in one alone."""
    completed, status = draw(TIMES), draw(st.sampled_from(["inProgress", "success", "failed"]))
    return {
        "detail-type": "flow run",
        "time": draw(TIMES),
        "detail": {
            "id": draw(st.sampled_from(["run-1", "run-2"])),
            "flowId": draw(st.sampled_from(["orders", "profiles"])),
            "etag": draw(st.sampled_from([None, "1", "2"])),
            "updatedAt": draw(TIMES),
            "metrics": {"durationSummary": {"completedAtUTC": completed}, "statusSummary": {"status": status}},
        },
    }


@given(st.lists(notifications(), min_size=2, max_size=8), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_the_latest_state_does_not_depend_on_the_order_of_lines(payloads: list[Any], random: Random) -> None:
    """Shuffled lines give the same latest states, and where times decide they are those of the library's rule."""
    states = latest_rows(payloads)
    expected = map(run_row, latest_states(parse_lines(map(json.dumps, payloads))))
    assert list(map(rank, states)) == sorted(map(rank, expected))
    random.shuffle(payloads)
    assert latest_rows(payloads) == states


def rank(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return a run and everything that decides between two states of it, their content apart."""
    columns = ("flow_id", "flow_run_id", "is_finished", "updated_at", "completed_at", "sent_at")
    return tuple(row[column] for column in columns)


def latest_rows(payloads: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the latest states that the report sees of a table of notifications."""
    with TemporaryDirectory() as name:
        with archive_to_parquet.table(Path(name, "runs.parquet"), RUN_COLUMNS) as add:
            add([run_row(run) for run in parse_lines(map(json.dumps, payloads))])
        states = archive_report.connect(Path(name)).sql("FROM latest ORDER BY flow_id, flow_run_id")
        rows: list[dict[str, Any]] = states.to_arrow_table().to_pylist()
        return rows


def test_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    """On a terminal a bar shows how much of the archives has been read, up to all of it."""
    ours, theirs = pytest.importorskip("pty").openpty()
    pytest.importorskip("fcntl").ioctl(
        theirs, pytest.importorskip("termios").TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0)
    )
    plain, compressed = tmp_path / "archive.ndjson", tmp_path / "archive.ndjson.gz"
    plain.write_bytes(ndjson(run.start() for run in RUNS[:100]))
    compressed.write_bytes(gzip.compress(ndjson(run.end() for run in RUNS[:100])))
    with subprocess.Popen(
        [sys.executable, PROGRAM, tmp_path / "tables", plain, compressed], stdout=subprocess.DEVNULL, stderr=theirs
    ) as program:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # how Linux tells the end of a terminal's output
            while piece := os.read(ours, 65536):
                shown += piece
    os.close(ours)
    assert program.returncode == 0
    assert b"\r  0%|" in shown
    assert b"\r100%|" in shown
