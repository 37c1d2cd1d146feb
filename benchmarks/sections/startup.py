"""What it costs to import the library and to parse once: the price of a cold start."""

from __future__ import annotations

import os
import subprocess
import sys
from random import Random
from typing import TYPE_CHECKING

from benchmarks import data
from benchmarks.rows import Section, timed
from benchmarks.timing import compare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.rows import Effort, Row

__all__ = ["IMPORT"]

_SPENT = "\nimport time; print(time.process_time())"  # from the process's very start
_PROGRAMS = {
    "trivial model": """
import sys
from pydantic import BaseModel

class Event(BaseModel):
    event_id: str

Event.model_validate_json(sys.argv[1])
""",
    "import flowrun_notifications, parse": """
import sys
from flowrun_notifications import parse

parse(sys.argv[1])
""",
    "import pydantic": "from pydantic import BaseModel",
    "bare interpreter": "",
}


def _import(effort: Effort) -> Iterator[Row]:
    payload = data.dumps(data.DOCUMENTED["success"]).decode()
    times: dict[str, list[float]] = {name: [] for name in _PROGRAMS}
    for program in _PROGRAMS.values():
        _cpu_seconds(program, payload)  # compiles what is imported
    order = list(_PROGRAMS)
    random = Random(0)
    for _ in range(effort.few_rounds):
        random.shuffle(order)
        for name in order:
            times[name].append(_cpu_seconds(_PROGRAMS[name], payload))
    reference = times.pop("trivial model")
    for name, seconds in times.items():
        must, aim = (1.3, 1.15) if "flowrun" in name else (None, None)
        yield timed("import", name, compare(seconds, reference), must=must, aim=aim)


def _cpu_seconds(program: str, payload: str) -> float:
    command = [sys.executable, "-c", program + _SPENT, payload]
    # Where bytecode is not kept, every process would compile what an installer has compiled for the others.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


IMPORT = Section("import", "Import and first parse, CPU of a new process", "one trivial pydantic model", _import)
