"""Turns archives of notifications into Parquet tables: runs, activities and errors.

    python archive_to_parquet.py FOLDER ARCHIVE...

An archive is NDJSON, plain or gzip (.gz), of any size; each line may be any payload. Broken lines go to
quarantine.ndjson in the folder, unchanged, and the reasons to quarantine.log. No file is there before it is complete.
"""

from __future__ import annotations

import argparse
import gzip
from collections import Counter
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from flowrun_notifications import NotAFlowRunError, PartialParseError, parse_lines, tabular

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from flowrun_notifications import LineError

ROWS_HELD = 10_000
"""Rows of a table that are held in memory before they are written as one row group."""

ARROW_TYPES = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: pa.timestamp("us", tz="UTC"),
}


def convert(archives: Sequence[Path], folder: Path) -> Counter[str]:
    """Writes the tables; gives the number of runs, of broken lines, and of lines with something else than runs."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = Counter({"runs": 0, "broken": 0, "other": 0})
    with (
        table(folder / "runs.parquet", tabular.RUN_COLUMNS) as add_runs,
        table(folder / "activities.parquet", tabular.ACTIVITY_COLUMNS) as add_activities,
        table(folder / "errors.parquet", tabular.ERROR_COLUMNS) as add_errors,
        complete(folder / "quarantine.ndjson") as path,
        path.open("wb") as quarantine,
        complete(folder / "quarantine.log") as path,
        path.open("w", encoding="utf-8") as log,
        tqdm(total=sum(archive.stat().st_size for archive in archives), unit="B", unit_scale=True, disable=None) as bar,
    ):
        for archive in archives:

            def set_aside(error: LineError, archive: Path = archive) -> None:
                if not is_broken(error):
                    counts["other"] += 1
                    return
                counts["broken"] += 1
                line = error.line if isinstance(error.line, bytes) else error.line.encode()
                quarantine.write(line.removesuffix(b"\n") + b"\n")
                log.write(f"{archive}: {' '.join(str(error).split())}\n")  # it holds no values

            for run in parse_lines(lines(archive, bar), on_error=set_aside):
                counts["runs"] += 1
                add_runs([tabular.run_row(run)])
                add_activities(tabular.activity_rows(run))
                add_errors(tabular.error_rows(run))
    return counts


def lines(archive: Path, bar: tqdm[NoReturn]) -> Iterator[bytes]:
    """The lines of an archive; the bar shows how much of the file they were read from."""
    with archive.open("rb") as file:
        position = 0
        for line in gzip.GzipFile(fileobj=file) if archive.suffix == ".gz" else file:
            yield line
            bar.update(file.tell() - position)
            position = file.tell()


@contextmanager
def table(path: Path, columns: Sequence[tabular.Column]) -> Generator[Callable[[Sequence[tabular.Row]], None]]:
    """A Parquet file to add rows to."""
    schema = pa.schema([pa.field(column.name, ARROW_TYPES[column.type]) for column in columns])
    rows: list[tabular.Row] = []

    def add(more: Sequence[tabular.Row]) -> None:
        rows.extend(more)
        if len(rows) >= ROWS_HELD:
            write()

    def write() -> None:
        writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))
        rows.clear()

    with complete(path) as unfinished, pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
        yield add
        write()


@contextmanager
def complete(path: Path) -> Generator[Path]:
    """Where to write a file that gets its name only once it is complete."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    yield unfinished
    unfinished.replace(path)


def is_broken(error: LineError) -> bool:
    """Whether something in a line could not be read, rather than being something else than a run."""
    errors = error.error.errors if isinstance(error.error, PartialParseError) else (error.error,)
    return not all(isinstance(error, NotAFlowRunError) for error in errors)


def main() -> None:
    """Converts the archives that the command line names, and tells how much there was."""
    parser = argparse.ArgumentParser(description="Turns archives of notifications into Parquet tables.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the tables go")
    parser.add_argument("archives", type=Path, nargs="+", metavar="ARCHIVE", help="NDJSON, plain or .gz")
    arguments = parser.parse_args()
    counts = convert(arguments.archives, arguments.folder)
    print(
        f"runs: {counts['runs']:,}; lines with something else: {counts['other']:,}; broken lines: {counts['broken']:,}"
    )


if __name__ == "__main__":
    main()
