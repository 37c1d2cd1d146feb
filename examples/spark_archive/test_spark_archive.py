"""Runs the job on Spark with two workers, and accounts for every line."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from flowrun_notifications import latest_states, parse_lines
from flowrun_notifications.tabular import RUN_COLUMNS, arrow_schema, run_row
from spark_archive import LATEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from random import Random

PROGRAM = Path(__file__).with_name("spark_archive.py")
# A compiler that starts fast suits jobs this small, and one partition is enough.
SPARK_SETTINGS = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
}
SUBMIT = [
    str(Path(sys.executable).with_name("spark-submit")),
    *("--master", "local[2]"),
    *(part for name, value in SPARK_SETTINGS.items() for part in ("--conf", f"{name}={value}")),
]
ENVIRON = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}

TITLES = {"133": "No files in batch", "INGEST-1205-400": "Field not in target schema", "UNHEARD-OF": "NULL"}
CODES = list(TITLES)


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
        }


RUNS = [Run.number(number) for number in range(500)]
ALERT = b'{"name": "Delay", "status": "FIRING", "severity": "high", "message": "It is late.", "value": "3"}'
BROKEN = [
    b'{"id": 7, "flowId": "orders", "metrics": {}}',
    b'{"id": "\xff"}',
    b"\x1f\x8b not gzip",
    b'{"id": "cut short", "flow}',
]


def milliseconds(instant: datetime) -> int:
    """Return an instant as Adobe writes it."""
    return int(instant.timestamp() * 1000)


def ndjson(payloads: Iterable[object]) -> bytes:
    """Return the payloads, one a line."""
    return b"".join(json.dumps(payload).encode() + b"\n" for payload in payloads)


class Outcome(NamedTuple):
    """The rows that the job wrote, and the answers that it printed."""

    rows: list[dict[str, Any]]
    schemas: list[pa.Schema]
    answers: list[list[list[str]]]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Run the job over a plain archive of starts and a gzip archive of ends, some delivered twice."""
    folder = tmp_path_factory.mktemp("spark")
    archives = folder / "archives"
    archives.mkdir()
    ends = [{"event_id": f"event-{run.id}", "event": run.end()} for run in RUNS]
    on_one_line = "".join(map(json.dumps, ends[:9])).encode()  # as Amazon Firehose writes them
    (archives / "starts.ndjson").write_bytes(ndjson(run.start() for run in RUNS) + b"\r\n" + ALERT)
    (archives / "ends.ndjson.gz").write_bytes(
        gzip.compress(b"\n".join([BROKEN[0], ndjson(ends) + on_one_line, *BROKEN[1:3], BROKEN[3] + ALERT]))
    )
    done = subprocess.run(
        [*SUBMIT, str(PROGRAM), str(archives), "table"],
        cwd=folder,
        env={**ENVIRON, "TZ": "Pacific/Auckland"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "table" / "_SUCCESS").exists()
    paths = sorted((folder / "table").glob("outcome=*/*.parquet"))
    rows = [{**row, "outcome": path.parent.name} for path in paths for row in rows_of(path)]
    return Outcome(rows, [pq.ParquetFile(path).schema_arrow for path in paths], printed_tables(done.stdout))


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a Parquet file."""
    return pq.ParquetFile(path).read().to_pylist()  # pyright: ignore[reportUnknownMemberType]


def printed_tables(text: str) -> list[list[list[str]]]:
    """Return the cells of the tables that Spark printed, without their heads."""
    tables = [[line for line in part.splitlines() if line.startswith("|")] for part in text.split("\n\n")]
    return [[[cell.strip() for cell in line.split("|")[1:-1]] for line in table[1:]] for table in tables if table]


def test_the_table_has_the_published_columns(outcome: Outcome) -> None:
    """Each published column is there with its type, beside those that tell where a row came from."""
    fields: list[pa.Field[Any]] = list(arrow_schema(RUN_COLUMNS))
    fields += [pa.field("archive", pa.string()), pa.field("document", pa.binary()), pa.field("reason", pa.string())]
    wanted = pa.schema(fields)
    assert [schema.remove_metadata() for schema in outcome.schemas] == [wanted] * len(outcome.schemas)


def test_every_document_is_accounted_for(outcome: Outcome) -> None:
    """There is a row for each run, and one for every other document."""
    counts = {"broken": len(BROKEN), "other": 2, "run": 2 * len(RUNS) + 9}
    assert Counter(row["outcome"] for row in outcome.rows) == {f"outcome={name}": n for name, n in counts.items()}
    assert outcome.answers[0] == [[name, str(count)] for name, count in counts.items()]


def test_values_come_back(outcome: Outcome) -> None:
    """A run's row says what its notification said."""
    run = RUNS[14]
    values = {
        "flow_run_id": run.id,
        "flow_id": run.flow,
        "started_at": run.started,
        "completed_at": run.completed,
        "duration_seconds": float(run.seconds),
        "failed": True,
        "cause_code": run.code,
        "input_bytes": None,
        "document": None,
        "reason": None,
    }
    rows = [row for row in outcome.rows if row["event_id"] == f"event-{run.id}"]
    assert [{name: row[name] for name in values} for row in rows] == [values]
    assert rows[0]["archive"].endswith("/archives/ends.ndjson.gz")


def test_documents_without_runs_are_kept_unchanged(outcome: Outcome) -> None:
    """Each is there byte for byte, with its archive and a reason that holds no value; a line may hold several."""
    rows = [row for row in outcome.rows if row["outcome"] != "outcome=run"]
    places = Counter((row["document"], row["outcome"], Path(row["archive"]).name) for row in rows)
    assert places == {
        **dict.fromkeys(((document, "outcome=broken", "ends.ndjson.gz") for document in BROKEN), 1),
        (ALERT, "outcome=other", "ends.ndjson.gz"): 1,
        (ALERT, "outcome=other", "starts.ndjson"): 1,
    }
    reasons = {row["document"]: row["reason"] for row in rows}
    assert reasons[BROKEN[0]] == "flow run has 1 problem:\n  id: expected text, found a number"
    assert {row["flow_run_id"] for row in rows} == {None}


def test_failures_by_cause_and_day(outcome: Outcome) -> None:
    """Each failed run counts once, on the day (UTC) that it ended, however often it was told of."""
    expected = Counter((str(run.completed.date()), run.code) for run in RUNS if run.code)
    assert {(day, code): int(failures) for day, code, _, failures in outcome.answers[1]} == expected
    assert {code: title for _, code, title, _ in outcome.answers[1]} == TITLES


def test_duration_by_flow(outcome: Outcome) -> None:
    """The 95th percentile is taken over the finished runs of each dataflow, the slowest dataflow first."""
    durations: dict[str, list[int]] = defaultdict(list)
    for run in RUNS:
        durations[run.flow].append(run.seconds)
    expected = [(flow, flow.title(), len(seconds), percentile_95(seconds)) for flow, seconds in durations.items()]
    rows = [(flow, name, int(runs), float(p95)) for flow, name, runs, p95 in outcome.answers[2]]
    assert [row[:3] for row in rows] == [row[:3] for row in sorted(expected, key=lambda row: -row[3])]
    assert {row[0]: row[3] for row in rows} == pytest.approx({row[0]: row[3] for row in expected})


def percentile_95(values: Iterable[int]) -> float:
    """Return the 95th percentile, interpolated between the two nearest values."""
    ordered = sorted(values)
    below, rest = divmod((len(ordered) - 1) * 95, 100)
    return ordered[below] + (ordered[below + 1] - ordered[below]) * rest / 100


def test_a_job_that_is_killed_leaves_no_table_that_looks_complete(tmp_path: Path) -> None:
    """A job killed while it writes leaves no _SUCCESS, and the next one does not write beside what is there."""
    archive, table = tmp_path / "archive.ndjson", tmp_path / "table"
    archive.write_bytes(ndjson(run.end() for run in RUNS))
    command = [*SUBMIT, str(PROGRAM), str(archive), str(table)]
    # Spark starts a Python, and that one workers: the group has them all.
    with subprocess.Popen(command, env=ENVIRON, start_new_session=True, stderr=subprocess.DEVNULL) as job:
        while not (table / "_temporary").exists():
            assert job.poll() is None
            time.sleep(0.01)
        os.killpg(job.pid, signal.SIGKILL)
    assert table.exists()
    assert not (table / "_SUCCESS").exists()


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """Start a session in this process."""
    builder = SparkSession.builder.master("local[1]")
    for name, value in SPARK_SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


TIMES = st.sampled_from([None, 1772400000000, 1772400001000])


@st.composite
def notifications(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a notification from so few values that many differ in one alone."""
    completed, status = draw(TIMES), draw(st.sampled_from(["inProgress", "success", "failed"]))
    return {
        "detail-type": "flow run",
        "time": draw(TIMES),
        "detail": {
            "id": f"run-{draw(st.integers(1, 10))}",
            "flowId": draw(st.sampled_from(["orders", "profiles"])),
            "etag": draw(st.sampled_from([None, "1", "2"])),
            "updatedAt": draw(TIMES),
            "metrics": {"durationSummary": {"completedAtUTC": completed}, "statusSummary": {"status": status}},
        },
    }


@given(st.lists(notifications(), min_size=100, max_size=200), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=5)
def test_the_latest_state_does_not_depend_on_the_order_of_lines(
    spark: SparkSession, payloads: list[Any], random: Random
) -> None:
    """Shuffled lines give the same latest states, and where times decide they are those of the library's rule."""
    states = latest_rows(spark, payloads)
    expected = map(run_row, latest_states(parse_lines(map(json.dumps, payloads))))
    assert list(map(rank, states)) == sorted(map(rank, expected))
    random.shuffle(payloads)
    assert latest_rows(spark, payloads) == states


def latest_rows(spark: SparkSession, payloads: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the latest states of the runs in a list of payloads."""
    rows = pa.Table.from_pylist(
        [run_row(run) for run in parse_lines(map(json.dumps, payloads))], schema=arrow_schema(RUN_COLUMNS)
    )
    latest = spark.sql(LATEST, runs=spark.createDataFrame(rows))
    return latest.orderBy("flow_id", "flow_run_id").toArrow().to_pylist()


def rank(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return a run and everything that decides between two states of it, their content apart."""
    columns = ("flow_id", "flow_run_id", "is_finished", "updated_at", "completed_at", "sent_at")
    return tuple(row[column] for column in columns)
