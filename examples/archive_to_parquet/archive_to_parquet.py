"""Turn archives of notifications into Parquet tables: runs, activities and errors.

    python archive_to_parquet.py FOLDER ARCHIVE...

An archive is a file of JSON documents, plain or gzip, of any size, whatever separates the documents. FOLDER must not
exist yet: the program makes it in one step, when everything in it is complete. What cannot be read goes unchanged to
quarantine.ndjson in the folder, the reasons to quarantine.log.
"""

from __future__ import annotations

import argparse
import io
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from flowrun_notifications import NotAFlowRunError, PartialParseError, parse_archive, tabular

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from typing_extensions import Buffer

    from flowrun_notifications import LineError

MAX_ROWS_HELD = 10_000
"""Rows of a table that are held in memory before they are written as one row group."""

BUFFER_BYTES = 1 << 20


def convert(archives: Sequence[Path], folder: Path) -> Counter[str]:
    """Write the tables; return the number of runs, of broken documents, and of those with other messages."""
    counts = Counter({"runs": 0, "broken": 0, "other": 0})
    size = sum(archive.stat().st_size for archive in archives)
    with (
        new_folder(folder) as unfinished,
        table(unfinished / "runs.parquet", tabular.RUN_COLUMNS) as add_runs,
        table(unfinished / "activities.parquet", tabular.ACTIVITY_COLUMNS) as add_activities,
        table(unfinished / "errors.parquet", tabular.ERROR_COLUMNS) as add_errors,
        (unfinished / "quarantine.ndjson").open("wb") as quarantine,
        (unfinished / "quarantine.log").open("w", encoding="utf-8") as log,
        tqdm(total=size, unit="B", unit_scale=True, disable=None) as bar,
    ):
        for archive in archives:

            def set_aside(error: LineError, archive: Path = archive) -> None:
                if not is_broken(error):
                    counts["other"] += 1
                    return
                counts["broken"] += 1
                document = error.line if isinstance(error.line, bytes) else error.line.encode()
                quarantine.write(document + b"\n")
                log.write(f"{archive}: {' '.join(str(error).split())}\n")  # an error's text holds no values

            with io.BufferedReader(WatchedFile(archive, bar), BUFFER_BYTES) as file:
                for run in parse_archive(file, on_error=set_aside):
                    counts["runs"] += 1
                    add_runs([tabular.run_row(run)])
                    add_activities(tabular.activity_rows(run))
                    add_errors(tabular.error_rows(run))
    return counts


class WatchedFile(io.FileIO):
    """A file that moves a progress bar as it is read."""

    def __init__(self, path: Path, bar: tqdm[NoReturn]) -> None:
        super().__init__(path)
        self._bar = bar

    def readinto(self, buffer: Buffer, /) -> int | None:
        """Read into a buffer, and move the bar by as much."""
        count = super().readinto(buffer)
        self._bar.update(count or 0)
        return count


@contextmanager
def new_folder(folder: Path) -> Generator[Path]:
    """Yield a folder to write to, which gets its name once it is complete."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f"{folder.name}.unfinished-", dir=folder.parent) as name:
        unfinished = Path(name, folder.name)
        unfinished.mkdir()
        yield unfinished
        unfinished.rename(folder)  # fails where there is something by now


@contextmanager
def table(path: Path, columns: Sequence[tabular.Column]) -> Generator[Callable[[Sequence[tabular.Row]], None]]:
    """Yield a function that adds rows to a Parquet file."""
    schema = tabular.arrow_schema(columns)
    fields: list[pa.Field[Any]] = list(schema)
    rows: list[tuple[object, ...]] = []  # not dicts: they take more memory, and time with it

    def add(more: Sequence[tabular.Row]) -> None:
        rows.extend(tuple(row.values()) for row in more)
        if len(rows) >= MAX_ROWS_HELD:
            write()

    def write() -> None:
        # Every row holds the values of all columns, in order: zip is faster than from_pylist(), which looks each up.
        values = zip(*rows, strict=True) if rows else [()] * len(columns)
        arrays: list[pa.Array[Any]] = [
            pa.array(column, field.type) for column, field in zip(values, fields, strict=True)
        ]
        writer.write_batch(pa.record_batch(arrays, schema=schema))
        rows.clear()

    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        yield add
        write()


def is_broken(error: LineError) -> bool:
    """Return whether something could not be read, rather than being something other than a run."""
    reason = error.error
    return bool(reason.errors) if isinstance(reason, PartialParseError) else not isinstance(reason, NotAFlowRunError)


def main() -> None:
    """Convert the archives that the command line names, and print how much there was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the tables go; made by the program")
    parser.add_argument("archives", type=Path, nargs="+", metavar="ARCHIVE", help="JSON documents, plain or gzip")
    arguments = parser.parse_args()
    if arguments.folder.exists():
        parser.error(f"{arguments.folder} exists already")
    counts = convert(arguments.archives, arguments.folder)
    print(f"runs: {counts['runs']:,}; with other messages: {counts['other']:,}; broken: {counts['broken']:,}")


if __name__ == "__main__":
    main()
