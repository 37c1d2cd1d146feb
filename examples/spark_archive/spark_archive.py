"""Turns archives of notifications into a table of runs on Apache Spark, and asks it what fails and what takes long.

    spark-submit spark_archive.py ARCHIVES TABLE

ARCHIVES is a path or pattern of NDJSON files, plain or .gz, wherever Spark reads from; each line may be any payload.
TABLE is a folder of Parquet files, which must not be there yet. It gets a row for each run, and one for each line that
is broken or holds something else, partitioned by outcome: run, broken, other.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.functions import col

from flowrun_notifications import NotAFlowRunError, PartialParseError, parse_lines, tabular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_notifications import LineError

TYPES = {
    str: ("STRING", pa.string()),
    int: ("BIGINT", pa.int64()),
    float: ("DOUBLE", pa.float64()),
    bool: ("BOOLEAN", pa.bool_()),
    datetime: ("TIMESTAMP", pa.timestamp("us", tz="UTC")),
    bytes: ("BINARY", pa.binary()),
}
COLUMNS: dict[str, type] = {
    **{column.name: column.type for column in tabular.RUN_COLUMNS},
    "archive": str,  # the file it stood in
    "line": bytes,  # of a line that is no run: the line, unchanged
    "reason": str,  # and why it is none; holds no values of it
    "outcome": str,
}
SPARK_SCHEMA = ", ".join(f"`{name}` {TYPES[type_][0]}" for name, type_ in COLUMNS.items())
ARROW_SCHEMA = pa.schema([pa.field(name, TYPES[type_][1]) for name, type_ in COLUMNS.items()])

# A run is told of when it starts and when it ends, and a notification may come twice: the latest word counts.
LATEST = """
    SELECT * FROM (
        SELECT *, to_date(coalesce(completed_at, updated_at, created_at, sent_at)) AS day,
            row_number() OVER (PARTITION BY flow_run_id ORDER BY updated_at DESC NULLS LAST) AS age
        FROM {runs}
    ) WHERE age = 1
"""
FAILURES_BY_CAUSE_AND_DAY = """
    SELECT day, cause_code, any_value(cause_title) AS title, count(*) AS failures
    FROM {latest}
    WHERE failed
    GROUP BY day, cause_code
    ORDER BY day, failures DESC, cause_code
"""
DURATION_BY_FLOW = """
    SELECT flow_id, max(flow_name) AS flow_name, count(*) AS runs, percentile(duration_seconds, 0.95) AS p95_seconds
    FROM {latest}
    WHERE is_finished AND duration_seconds IS NOT NULL
    GROUP BY flow_id
    ORDER BY p95_seconds DESC, flow_id
"""


def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Lines to rows: what every worker does with its share of the archives."""
    for batch in batches:
        rows = [row for line in batch.to_pylist() for row in read_line(**line)]
        yield pa.RecordBatch.from_pylist(rows, schema=ARROW_SCHEMA)


def read_line(line: bytes, archive: str) -> Iterator[dict[str, object]]:
    """A row for each run in a line, and one for what else there is."""
    errors: list[LineError] = []
    for run in parse_lines([line], on_error=errors.append):
        yield {**tabular.run_row(run), "archive": archive, "outcome": "run"}
    for error in errors:
        outcome = "broken" if is_broken(error) else "other"
        yield {"archive": archive, "line": line, "reason": str(error.error), "outcome": outcome}


def is_broken(error: LineError) -> bool:
    """Whether something in a line could not be read, rather than being something else than a run."""
    errors = error.error.errors if isinstance(error.error, PartialParseError) else (error.error,)
    return not all(isinstance(error, NotAFlowRunError) for error in errors)


def main(archives: str, table: str) -> None:
    """Writes the table and shows the answers."""
    spark = SparkSession.builder.appName("flow runs").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")  # which other engines read as UTC

    # As binary, since a line that is not UTF-8 is to be set aside as it is.
    lines = spark.read.text(archives, lineSep="\n").select(
        col("value").cast("binary").alias("line"), col("_metadata.file_path").alias("archive")
    )
    lines.mapInArrow(read, SPARK_SCHEMA).write.partitionBy("outcome").parquet(table)

    rows = spark.read.parquet(table)
    print("Lines and runs")
    rows.groupBy("outcome").count().orderBy("outcome").show()
    latest = spark.sql(LATEST, runs=rows.where("outcome = 'run'"))
    print("Failures by cause and day (UTC)")
    spark.sql(FAILURES_BY_CAUSE_AND_DAY, latest=latest).show(10_000, truncate=False)
    print("95th percentile of the duration by dataflow")
    spark.sql(DURATION_BY_FLOW, latest=latest).show(10_000, truncate=False)
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
