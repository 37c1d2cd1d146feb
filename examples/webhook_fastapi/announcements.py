"""What a payload says about runs, and the messages about those that a person should look at."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from flowrun_notifications import FlowRun, InvalidFlowRunError, ParseResult

_BATCH_INDEX = re.compile(r"\A\[\d+\]")


class Received(NamedTuple):
    """A run as it was received. Of a broken run, the part that can be read, if it has its ids, and the problems."""

    key: str
    """Text that is the same whenever this state of this run is delivered."""
    run: FlowRun | None
    problems: str | None = None

    def messages(self, limit: int) -> list[str]:
        """Return messages of at most `limit` characters about it, in Markdown; none if nobody has to look at it."""
        told: list[str] = []
        if self.run and (needs_attention(self.run) or self.problems):
            told.append(to_markdown(self.run))
        if self.problems:
            what = "Other values of this run" if self.run else "A flow run notification"
            told.append(f"{what} cannot be read: see table `runs`, key `{self.key}`.")
        return split("\n\n".join(told), limit) if told else []


def read_received(result: ParseResult, digest: str) -> Iterator[Received]:
    """Yield the runs of a payload, sound and broken. The digest is that of the payload."""
    for item in (*result.runs, *result.errors):
        match item:
            case FlowRun():
                yield Received(dedup_key(item), item)
            case InvalidFlowRunError():
                run = None
                with suppress(InvalidFlowRunError):
                    run = item.salvage()
                yield Received(dedup_key(run) if run else _key_without_run(item, digest), run, str(item))


def _key_without_run(error: InvalidFlowRunError, digest: str) -> str:
    """Return a key that does not depend on the place of a delivery in its batch, where the delivery has an id."""
    event_id, path = error.delivery.event_id, error.path
    source = f"{digest}\n{path}" if event_id is None else f"{event_id}\n{_BATCH_INDEX.sub('', path)}"
    return hashlib.sha256(source.encode()).hexdigest()


def split(text: str, limit: int) -> list[str]:
    """Cut a text into parts of at most `limit` characters, at ends of lines where there are any."""
    parts: list[str] = []
    while len(text) > limit:
        end = text.rfind("\n", 1, limit + 1)
        parts.append(text[: end if end > 0 else limit])
        text = text[len(parts[-1]) :].removeprefix("\n")
    return [*parts, text]


# The next version of the library has these.


def dedup_key(run: FlowRun) -> str:
    """Return `run.dedup_key`."""
    return hashlib.sha256(f"{run.id}\n{run.updated_at}\n{run.status}".encode()).hexdigest()


def needs_attention(run: FlowRun) -> bool:
    """Return `run.needs_attention`."""
    return run.failed or run.is_partial


def to_markdown(run: FlowRun) -> str:
    """Return `to_markdown(run)`."""
    return run.summary()
