"""Keys that are not there, and keys that look like them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

__all__ = ["find_look_alike"]

_MAX_KEYS = 100
_MAX_LONGER = 5  # separators
_MIN_FUZZY = 5


def find_look_alike(key: str, keys: Iterable[str]) -> str | None:
    """Return the key that looks like one that is missing: ``flowid``, ``flow_id`` or ``flwoId`` for ``flowId``.

    Letter case and separators do not count; of a key of five characters or more, one letter may be wrong, missing,
    too many, or in its neighbour's place.
    """
    wanted = _bare(key)
    for other in islice(keys, _MAX_KEYS):
        if other != key and -1 <= len(other) - len(key) <= _MAX_LONGER and _is_alike(wanted, _bare(other)):
            return other
    return None


@lru_cache(maxsize=1_000)  # a list of a million broken objects has few different keys
def _bare(key: str) -> str:
    return "".join(filter(str.isalnum, key)).lower()


def _is_alike(wanted: str, other: str) -> bool:
    if wanted == other:
        return True
    if len(wanted) < _MIN_FUZZY or abs(len(wanted) - len(other)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(wanted, other, strict=False)) if a != b), min(len(wanted), len(other))
    )
    rest, other_rest = wanted[start:], other[start:]
    return (
        rest[1:] in (other_rest, other_rest[1:])
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
    )
