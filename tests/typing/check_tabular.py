"""What type checkers know of `flowrun_notifications.tabular`; nobody runs this."""

# Both checkers demand that each line marked `type: ignore` be an error.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from datetime import datetime

from typing_extensions import assert_type

from flowrun_notifications import FlowRun
from flowrun_notifications.tabular import (
    ACTIVITY_COLUMNS,
    ERROR_COLUMNS,
    RUN_COLUMNS,
    Column,
    ColumnType,
    Row,
    activity_rows,
    error_rows,
    run_row,
)


def check_rows(run: FlowRun, row: Row) -> None:
    """Rows are flat, and their values plain."""
    assert_type(row, dict[str, str | int | float | bool | datetime | None])
    assert_type(run_row(run), Row)
    assert_type(activity_rows(run), list[Row])
    assert_type(error_rows(run), list[Row])
    assert_type(row["flow_run_id"], str | int | float | bool | datetime | None)


def check_columns(column: Column) -> None:
    """Columns are published with their types."""
    assert_type(RUN_COLUMNS, tuple[Column, ...])
    assert_type(ACTIVITY_COLUMNS, tuple[Column, ...])
    assert_type(ERROR_COLUMNS, tuple[Column, ...])
    assert_type(column.name, str)
    assert_type(column.type, ColumnType)
    assert_type(column.description, str)
    column.name = ""  # type: ignore[misc]
