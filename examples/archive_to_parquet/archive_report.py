"""Asks the tables what fails, when and why, and which dataflows take long.

python archive_report.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

# A run is told of when it starts and when it ends, and a notification may come twice: the latest word counts.
LATEST = """
    CREATE VIEW latest AS
    SELECT *, (coalesce(completed_at, updated_at, created_at, sent_at) AT TIME ZONE 'UTC')::DATE AS day
    FROM runs
    QUALIFY row_number() OVER (PARTITION BY flow_run_id ORDER BY updated_at DESC NULLS LAST) = 1
"""

FAILURES_BY_CAUSE_AND_DAY = """
    SELECT day, cause_code, any_value(cause_title) AS title, count(*) AS failures
    FROM latest
    WHERE failed
    GROUP BY day, cause_code
    ORDER BY day, failures DESC, cause_code
"""

DURATION_BY_FLOW = """
    SELECT flow_id, max(flow_name) AS flow_name, count(*) AS runs, quantile_cont(duration_seconds, 0.95) AS p95_seconds
    FROM latest
    WHERE is_finished AND duration_seconds IS NOT NULL
    GROUP BY flow_id
    ORDER BY p95_seconds DESC, flow_id
"""


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection that knows all rows as ``runs`` and, of each run, the latest as ``latest``."""
    connection = duckdb.connect()
    connection.read_parquet(str(folder / "runs.parquet")).create_view("runs")
    connection.execute(LATEST)
    return connection


if __name__ == "__main__":
    tables = connect(Path(sys.argv[1]))
    print("Failures by cause and day (UTC)")
    tables.sql(FAILURES_BY_CAUSE_AND_DAY).show(max_rows=10_000)
    print("95th percentile of the duration by dataflow")
    tables.sql(DURATION_BY_FLOW).show(max_rows=10_000)
