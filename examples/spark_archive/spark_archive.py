"""Turn archives of notifications into a table of runs on Apache Spark, and ask it what fails and what takes long.

    spark-submit spark_archive.py ARCHIVES TABLE

ARCHIVES is a path or pattern of files, plain or .gz, wherever Spark reads from. Each line holds one JSON document, or
several one after the other, as Amazon Firehose writes them.
TABLE is a folder of Parquet files, which must not exist yet. It gets a row for each run, and one for each document that
is broken or holds something else, partitioned by outcome: run, broken, other. It is complete once it holds _SUCCESS.
"""

from __future__ import annotations

import argparse
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.functions import col
from pyspark.sql.pandas.types import from_arrow_schema

from flowrun_notifications import (
    InvalidJSONError,
    NotAFlowRunError,
    PartialParseError,
    parse_archive,
    parse_lines,
    tabular,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_notifications import FlowRun, LineError

FIELDS: list[pa.Field[Any]] = [
    *tabular.arrow_schema(tabular.RUN_COLUMNS),
    pa.field("archive", pa.string()),  # the file it stood in
    pa.field("document", pa.binary()),  # of one that is broken or holds something else: its text, unchanged
    pa.field("reason", pa.string()),  # and what is wrong with it; holds no values of it
    pa.field("outcome", pa.string()),
]
SCHEMA = pa.schema(FIELDS)
NO_RUN = (None,) * len(tabular.RUN_COLUMNS)

# A run has a notification for its start and one for its end, and each may come twice. The rule is that of
# flowrun_notifications.latest_states. The content decides last, so that the order of the lines never does; its hash is
# compared many times as fast as all columns would be.
LATEST = """
    SELECT * EXCEPT (age, content),
        to_date(coalesce(completed_at, updated_at, created_at, sent_at)) AS day
    FROM (
        SELECT *, row_number() OVER (
            PARTITION BY flow_id, flow_run_id
            ORDER BY
                is_finished DESC,
                updated_at DESC NULLS LAST,
                completed_at DESC NULLS LAST,
                sent_at DESC NULLS LAST,
                content
        ) AS age
        FROM (SELECT *, xxhash64(*) AS content FROM {runs})
    )
    WHERE age = 1
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
    """Turn lines into rows: every worker does so with its share of the archives."""
    for batch in batches:
        rows = [row for line in batch.to_pylist() for row in read_line(**line)]
        # Columns come from zip, several times as fast as from_pylist() looks them up.
        columns = zip(*rows, strict=True) if rows else [()] * len(FIELDS)
        arrays: list[pa.Array[Any]] = [
            pa.array(column, field.type) for column, field in zip(columns, FIELDS, strict=True)
        ]
        yield pa.record_batch(arrays, schema=SCHEMA)


def read_line(line: bytes, archive: str) -> Iterator[tuple[object, ...]]:
    """Yield a row for each run in a line, and one for everything else in it."""
    errors: list[LineError] = []
    for run in read_runs(line, errors):
        yield *tabular.run_row(run).values(), archive, None, None, "run"
    for error in errors:
        yield *NO_RUN, archive, error.line, str(error.error), "broken" if is_broken(error) else "other"


def read_runs(line: bytes, errors: list[LineError]) -> Iterator[FlowRun]:
    """Yield the runs in a line, and list the errors."""
    yield from parse_lines([line], on_error=errors.append)
    if errors and isinstance(errors[0].error, InvalidJSONError):
        # Perhaps it holds several documents, as Amazon Firehose writes them. A line that starts with a space cannot be
        # taken for a gzip file.
        errors.clear()
        yield from parse_archive(BytesIO(b" " + line), on_error=errors.append)


def is_broken(error: LineError) -> bool:
    """Return whether something could not be read, rather than being something other than a run."""
    reason = error.error
    return bool(reason.errors) if isinstance(reason, PartialParseError) else not isinstance(reason, NotAFlowRunError)


def main() -> None:
    """Write the table and show the answers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archives", metavar="ARCHIVES", help="path or pattern of the files, plain or .gz")
    parser.add_argument("table", metavar="TABLE", help="folder of Parquet files; made by the program")
    arguments = parser.parse_args()

    spark = SparkSession.builder.appName("flow runs").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")  # which other engines read as UTC
    spark.conf.set("spark.sql.maxConcurrentOutputFileWriters", 3)  # one for each outcome: no need to sort by it

    # As binary, so that a line that is not UTF-8 can be set aside as it is.
    lines = spark.read.text(arguments.archives, lineSep="\n").select(
        col("value").cast("binary").alias("line"), col("_metadata.file_path").alias("archive")
    )
    lines.mapInArrow(read, from_arrow_schema(SCHEMA)).write.partitionBy("outcome").parquet(arguments.table)

    rows = spark.read.parquet(arguments.table)
    print("Runs and other documents")
    rows.groupBy("outcome").count().orderBy("outcome").show()
    latest = spark.sql(LATEST, runs=rows.where("outcome = 'run'"))
    print("Failures by cause and day (UTC)")
    spark.sql(FAILURES_BY_CAUSE_AND_DAY, latest=latest).show(10_000, truncate=False)
    print("95th percentile of the duration by dataflow")
    spark.sql(DURATION_BY_FLOW, latest=latest).show(10_000, truncate=False)
    spark.stop()


if __name__ == "__main__":
    main()
