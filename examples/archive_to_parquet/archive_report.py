"""Ask the tables that archive_to_parquet.py wrote what fails, when and why, and which dataflows take long.

python archive_report.py FOLDER ...
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

# A run has a notification for its start and one for its end, and each may come twice. The rule is that of
# flowrun_notifications.latest_states. The last key compares whole rows, so that the order of the lines never decides.
LATEST = """
    CREATE VIEW latest AS
    SELECT *, (coalesce(completed_at, updated_at, created_at, sent_at) AT TIME ZONE 'UTC')::DATE AS day
    FROM runs
    QUALIFY row_number() OVER (
        PARTITION BY flow_id, flow_run_id
        ORDER BY
            is_finished DESC,
            updated_at DESC NULLS LAST,
            completed_at DESC NULLS LAST,
            sent_at DESC NULLS LAST,
            runs DESC
    ) = 1
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


def connect(*folders: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection with all rows as ``runs`` and the latest state of each run as ``latest``."""
    connection = duckdb.connect()
    connection.read_parquet([str(folder / "runs.parquet") for folder in folders]).create_view("runs")
    connection.execute(LATEST)
    return connection


def main() -> None:
    """Print the answers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="what archive_to_parquet.py wrote")
    tables = connect(*parser.parse_args().folders)
    print("Failures by cause and day (UTC)")
    tables.sql(FAILURES_BY_CAUSE_AND_DAY).show(max_rows=10_000)
    print("95th percentile of the duration by dataflow")
    tables.sql(DURATION_BY_FLOW).show(max_rows=10_000)


if __name__ == "__main__":
    main()
