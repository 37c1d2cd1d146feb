"""The columns of a table as a schema for Arrow, polars and pandas, so that none of them has to guess."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl
    import pyarrow as pa

    from flowrun_notifications.tabular.columns import Column, ColumnType

__all__ = ["arrow_schema", "pandas_dtypes", "polars_schema"]


# Arrow and polars are imported when they are asked for: few programs have both, and most have neither.


def arrow_schema(columns: Iterable[Column]) -> pa.Schema:
    """Return the schema of a table for Arrow, and so for Parquet, DuckDB and Spark.

    Times are microseconds in UTC. Needs ``pyarrow``.
    """
    import pyarrow as pa  # noqa: PLC0415

    types: dict[ColumnType, pa.DataType] = {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
        datetime: pa.timestamp("us", tz="UTC"),
    }
    return pa.schema([pa.field(column.name, types[column.type]) for column in columns])


def polars_schema(columns: Iterable[Column]) -> pl.Schema:
    """Return the schema of a table for polars. Times are microseconds in UTC. Needs ``polars``."""
    import polars as pl  # noqa: PLC0415

    types: dict[ColumnType, pl.DataType] = {
        str: pl.String(),
        int: pl.Int64(),
        float: pl.Float64(),
        bool: pl.Boolean(),
        datetime: pl.Datetime("us", "UTC"),
    }
    return pl.Schema({column.name: types[column.type] for column in columns})


def pandas_dtypes(columns: Iterable[Column]) -> dict[str, str]:
    """Return the dtypes of a table for ``DataFrame.astype``, by column.

    They are the nullable ones, so that whole numbers stay whole beside missing ones. Make the frame with
    ``dtype=object``, or pandas turns such a column into floats first, which hold whole numbers up to 2**53 only.
    """
    return {column.name: _PANDAS_DTYPES[column.type] for column in columns}


_PANDAS_DTYPES: dict[ColumnType, str] = {
    str: "string",
    int: "Int64",
    float: "Float64",
    bool: "boolean",
    datetime: "datetime64[us, UTC]",
}
