"""The runs in a payload, and the messages about those that a person should look at."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from flowrun_notifications import FlowRun, InvalidFlowRunError, OtherMessage, ParseResult, to_markdown

_BATCH_INDEX = re.compile(r"\A\[\d+\]")


class Received(NamedTuple):
    """A run as it was received: a sound one, or the readable part of a broken one, if any, with its problems."""

    key: str
    """Text that is the same whenever this state of this run is delivered."""
    run: FlowRun | None
    problems: str | None = None

    def messages(self, limit: int) -> list[str]:
        """Return messages of at most `limit` characters about it, in Markdown; none if nobody has to look at it."""
        told: list[str] = []
        if self.run and (self.run.needs_attention or self.problems):
            told.append(to_markdown(self.run))
        if self.problems:
            what = "Other values of this run" if self.run else "A flow run notification"
            told.append(f"{what} cannot be read: see table `runs`, key `{self.key}`.")
        return split("\n\n".join(told), limit) if told else []


def read_received(result: ParseResult, digest: str) -> Iterator[Received]:
    """Yield the runs of a payload, sound and broken. The digest is that of the payload."""
    for item in result.items:
        match item:
            case FlowRun():
                yield Received(_hash(item.dedup_key), item)
            case InvalidFlowRunError():
                run = None
                with suppress(InvalidFlowRunError):
                    run = item.salvage()
                yield Received(_hash(run.dedup_key if run else _place(item, digest)), run, str(item))
            case OtherMessage():
                pass


def _hash(text: str) -> str:
    """Return a text without a meaning, which no payload can choose."""
    return hashlib.sha256(text.encode()).hexdigest()


def _place(error: InvalidFlowRunError, digest: str) -> str:
    """Return where a run stands. A delivery with an id may come again in another batch, so its index does not count."""
    event_id = error.delivery.event_id
    return f"{digest}\n{error.path}" if event_id is None else f"{event_id}\n{_BATCH_INDEX.sub('', error.path)}"


def split(text: str, limit: int) -> list[str]:
    """Cut a text into parts of at most `limit` characters, at ends of lines where there are any."""
    parts: list[str] = []
    while len(text) > limit:
        end = text.rfind("\n", 1, limit + 1)
        parts.append(text[: end if end > 0 else limit])
        text = text[len(parts[-1]) :].removeprefix("\n")
    return [*parts, text]
