"""Looks for inputs that are answered wrongly: `python tests/fuzz [seconds]`, a minute unless told otherwise.

With atheris installed (`pip install atheris`) the search is guided by the code that an input reaches, without it the
inputs are mutated payloads only. What is found goes to `tests/fuzz/regressions/`, where a test keeps it from coming
back, and the exit status is 1.
"""

# ruff: noqa: T201 - a program that tells how far it is

from __future__ import annotations

import hashlib
import importlib
import json
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random
from typing import Any, get_args

HERE = Path(__file__).parent
SHOW_EVERY = 60
"""Seconds between two lines of progress."""


class Search:
    """Tries inputs until its time is up, and keeps those that are answered wrongly."""

    def __init__(self, seconds: float) -> None:
        self._start = self._shown = time.monotonic()
        self._seconds = seconds
        self._found: set[str] = set()
        self.tried = 0

    def attempt(self, data: bytes) -> None:
        """Try one input."""
        from fuzz.oracle import check_bytes

        self.tried += 1
        try:
            check_bytes(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            self._keep(data, error)
        now = time.monotonic()
        if now - self._shown >= SHOW_EVERY:
            self._shown = now
            print(f"{now - self._start:.0f} s: {self.tried} inputs tried, {len(self._found)} faults", flush=True)
        if now - self._start >= self._seconds:
            self.end()

    def _keep(self, data: bytes, error: Exception) -> None:
        place = traceback.extract_tb(error.__traceback__)[-1]
        fault = f"{type(error).__name__} in {place.filename}:{place.lineno}"
        if fault in self._found:
            return
        self._found.add(fault)
        path = HERE / "regressions" / f"{type(error).__name__}-{hashlib.sha256(data).hexdigest()[:12]}.json"
        path.write_bytes(data)
        print(f"{fault}: kept as {path.name}", flush=True)

    def end(self) -> None:
        """Report, and leave at once: atheris does not return."""
        seconds = time.monotonic() - self._start
        print(f"{self.tried} inputs tried in {seconds:.0f} s, {len(self._found)} faults", flush=True)
        os._exit(1 if self._found else 0)


def seeds() -> list[Any]:
    """Payloads to start from: the documented ones, and one in each wrapper."""
    from flowrun_notifications.testing import Wrapper, make_other_message, make_payload, make_record, wrap

    documented = [json.loads(path.read_bytes()) for path in sorted(HERE.parent.glob("payloads/documented_*.json"))]
    return [
        *documented,
        *(make_payload(wrapper, outcome="failed") for wrapper in get_args(Wrapper)),
        wrap("journal", make_payload("cloud_event", "body"), make_other_message(), make_record("partial_success")),
        wrap("list", make_payload("runtime:base64", "messages"), make_payload("eventbridge", "event", "body")),
    ]


def search_by_mutation(search: Search) -> None:
    """Try mutants of the seeds, and mutants of those, without looking at what they reach."""
    from fuzz.mutator import mutate, to_text

    random = Random()
    payloads = seeds()
    while True:
        parent = random.randrange(len(payloads))
        try:
            payload = mutate(payloads[parent], random)
            text = to_text(payload, random)
        except RecursionError:  # deeper than the mutator goes
            del payloads[parent]
            continue
        search.attempt(text)
        if len(text) < 10_000:
            payloads[random.randrange(20, 400) :] = [payload]


def search_by_coverage(search: Search, atheris: Any) -> None:
    """Try what atheris makes of the seeds; half of its changes are those of the mutator."""
    from fuzz.mutator import mutate, to_text

    def change(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        try:
            text = to_text(mutate(json.loads(data), random), random) if random.random() < 0.7 else b""
        except (ValueError, RecursionError):  # no JSON, or deeper than the mutator goes
            text = b""
        changed: bytes = text if 0 < len(text) <= most else atheris.Mutate(data, most)
        return changed

    with tempfile.TemporaryDirectory() as corpus:
        for number, payload in enumerate(seeds()):
            Path(corpus, f"{number}.json").write_text(json.dumps(payload))
        options = ["-max_len=8000", "-timeout=60", "-rss_limit_mb=4096", "-verbosity=0", "-len_control=0"]
        atheris.Setup([sys.argv[0], *options, corpus], search.attempt, custom_mutator=change)
        atheris.Fuzz()


def main() -> None:
    """Search for so many seconds."""
    sys.path[0] = str(HERE.parent)
    search = Search(float(sys.argv[1]) if len(sys.argv) > 1 else 60)
    try:
        atheris: Any = importlib.import_module("atheris")
    except ModuleNotFoundError:
        print("atheris is not installed: trying mutated payloads, unguided")
        search_by_mutation(search)
    else:
        with atheris.instrument_imports(include=["flowrun_notifications"]):
            importlib.import_module("flowrun_notifications.testing")
        search_by_coverage(search, atheris)


if __name__ == "__main__":
    main()
