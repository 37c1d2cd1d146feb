"""Processes of their own, which nothing has warmed up or filled, and how large they grow."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["call", "can_tell_memory", "forget_most_memory", "memory", "most_memory"]

_PROCESS = Path("/proc/self")  # Linux only

_P = ParamSpec("_P")
_T = TypeVar("_T")


def call(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """What a function returns when a new process calls it."""
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *args, **kwargs).result()


def can_tell_memory() -> bool:
    """Whether the system says how large a process is."""
    return _PROCESS.joinpath("clear_refs").exists()


def memory() -> int:
    """How many bytes this process holds."""
    return _status("VmRSS")


def most_memory() -> int:
    """How many bytes this process has held at most."""
    return _status("VmHWM")


def forget_most_memory() -> None:
    """Sets :func:`most_memory` back to what the process holds."""
    _PROCESS.joinpath("clear_refs").write_text("5", encoding="ascii")


def _status(what: str) -> int:
    lines = _PROCESS.joinpath("status").read_text(encoding="utf-8").splitlines()
    kilobytes = next(line for line in lines if line.startswith(f"{what}:")).split()[1]
    return int(kilobytes) * 1024
