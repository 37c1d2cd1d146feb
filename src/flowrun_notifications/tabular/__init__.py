"""Flow runs as flat rows for data frames, engines and files: pandas, polars, Arrow, DuckDB, Spark, ``csv``.

There are three tables, each with its published columns: one row for a run (:func:`run_row`, :data:`RUN_COLUMNS`), one
for each of its activities (:func:`activity_rows`, :data:`ACTIVITY_COLUMNS`), and one for each distinct error, skip and
warning (:func:`error_rows`, :data:`ERROR_COLUMNS`). Every row of a table has the same keys in the order of its columns,
whatever the run, and every value is of its column's type, or ``None``. A schema of the columns keeps a data frame from
guessing::

    rows = [run_row(run) for run in parse_lines(archive)]
    table = pyarrow.Table.from_pylist(rows, schema=arrow_schema(RUN_COLUMNS))
    frame = polars.DataFrame(rows, schema=polars_schema(RUN_COLUMNS))
    frame = pandas.DataFrame(rows, dtype=object).astype(pandas_dtypes(RUN_COLUMNS))

- Columns are named as the attributes are. Where an attribute's name says too little on its own, the name of its object
  comes before it: ``flow_run_id``, ``flow_spec_version``, ``latency_min_ms``, ``delivery_path``.
- Every table starts with ``flow_run_id``, ``flow_id``, ``event_id`` and ``updated_at``, so that rows can be joined, and
  repeated deliveries told from later states of the same run.
- Times are aware UTC datetimes, durations seconds as ``float``. Whole numbers fit into 64 bits: a larger one, which no
  engine's column takes and no run has, is ``None``.
- A column that holds several ids or URLs is a JSON array as text (``["b1", "b2"]``), which loses nothing and every
  engine takes apart; ``None`` where there are none. The same goes for ``details`` of an error, which may be any JSON.
- Open JSON (``params``, ``extensions``, …), unknown keys and breakdowns by connection have no columns; read them from
  the run. Neither have ``dedup_key`` and ``RunError.fingerprint``: each costs more than a whole row.
"""

from __future__ import annotations

from flowrun_notifications.tabular.columns import ACTIVITY_COLUMNS, ERROR_COLUMNS, RUN_COLUMNS, Column, ColumnType
from flowrun_notifications.tabular.rows import Row, activity_rows, error_rows, run_row
from flowrun_notifications.tabular.schemas import arrow_schema, pandas_dtypes, polars_schema

__all__ = [
    "ACTIVITY_COLUMNS",
    "ERROR_COLUMNS",
    "RUN_COLUMNS",
    "Column",
    "ColumnType",
    "Row",
    "activity_rows",
    "arrow_schema",
    "error_rows",
    "pandas_dtypes",
    "polars_schema",
    "run_row",
]
