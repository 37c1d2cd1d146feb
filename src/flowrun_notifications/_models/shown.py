"""Hands what a notebook shows to what renders it, which lies above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["show_in_notebook", "show_with"]

_RENDERERS: list[Callable[[Any], str]] = []


def show_with(render: Callable[[Any], str]) -> None:
    """Set the function that returns the HTML of whatever a notebook shows."""
    _RENDERERS[:] = [render]


def show_in_notebook(shown: object) -> str:
    """Return what a notebook shows: a class has this as its ``_repr_html_``."""
    return _RENDERERS[0](shown)
