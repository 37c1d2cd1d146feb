"""Shows a run as Markdown that chats, mail and tickets take: GitHub, Slack's mrkdwn, Teams and their like.

The dialects share single asterisks for emphasis, hyphens for lists, and code spans. Every text of a payload stands in a
code span, where GitHub and Slack apply no markup. That alone is not enough: Slack makes links, and commands in angle
brackets, in code too, and Teams' Adaptive Cards have no code spans. So what could become a mention, a link or markup
there is broken by a zero-width space, or replaced by a character that looks like it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowrun_notifications._display.facts import Fact, facts, heading, read_ending
from flowrun_notifications._display.wording import GAP, Quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowrun_notifications._models.flow_run import FlowRun

__all__ = ["to_markdown"]

_REPLACED = (
    ("`", "'"),
    ("<", "\u2039"),  # angle quotation marks
    (">", "\u203a"),
    ("*", "\u2217"),  # the asterisk operator
    ("~", "\u223c"),  # the tilde operator
    ("@", "\u200b@\u200b"),  # an address
)

# A channel or an issue; the parts of a URL or a domain; the text of a link and its target; a function of Adaptive
# Cards, such as {{DATE(…)}}; an underscore that could end emphasis. Each begins with plain text, which Python finds
# many times as fast.
_ACTIVE = re.compile(r"#|/(?=/)|\.(?<=\w\.)(?=\w)|\](?=[(\[:])|\{(?=\{)|_(?!\w)")
_BREAK = "\\g<0>\u200b"
_BULLET = "\u2022 "


def to_markdown(run: FlowRun) -> str:
    """Return what happened in a run as Markdown, for a chat, a mail or a ticket.

    It says what :func:`explain` says. It can be posted to GitHub, Slack (as ``mrkdwn``) and Teams: no text of the
    payload becomes markup, a mention or a link. For that, ``< > * ~`` and backticks are replaced by characters that
    look like them, and a zero-width space stands within ``@name``, ``#name``, URLs and domains. Text without any of
    these, such as a UUID or an error code, is unchanged. :func:`explain` has the exact URLs.
    """
    ending = read_ending(run)
    head = heading(run, ending)
    words, _ = head.outcome
    outcome = _span(words) if isinstance(words, Quote) else f"*{words.upper()}*"
    return "\n".join([f"{outcome} {_line(head.name)}", "", *map(_item, facts(run, ending))])


def _item(fact: Fact) -> str:
    """Return a fact as an item of a list, each further paragraph on a line of its own."""
    first, *others = map(_line, fact.paragraphs)
    lead = _span(fact.lead) if isinstance(fact.lead, Quote) else f"*{fact.lead}*"
    start = f"- *{fact.label}* {lead} {first}" if fact.lead else f"- *{fact.label}* {first}"
    return "\n".join([start, *(f"  {line}" for line in others)])


def _line(paragraph: Iterable[str]) -> str:
    return "".join(map(_span, paragraph))


def _span(part: str) -> str:
    if not isinstance(part, Quote):
        # Items within items would swallow the paragraph behind them.
        return _BULLET if part == "- " else part.replace(GAP, " ")
    text = _ACTIVE.sub(_BREAK, part)
    for char, harmless in _REPLACED:  # in a quarter of the time that translate() takes
        text = text.replace(char, harmless)
    return f"`{text}`" if text else "(empty)"
