"""Serve the webhook in child processes that kill themselves with SIGKILL before a line, for tests.

Prints its port and the steps from a request to its message, as JSON. Then reads a step, prints the process id of a
child that serves until it comes to that step, waits for the child's end, and reads the next. With `null` it goes on.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

import anyio
import anyio.to_thread
import uvicorn
from sqlalchemy import Engine

import outbox

WEBHOOK: Any = importlib.import_module("webhook_fastapi")  # type checkers take the folder of this name for it
FILES = {WEBHOOK.__file__, outbox.__file__}

BEFORE = ("receive", "store", "insert_new")
"""What runs in a request, up to the commit of runs and messages."""
AFTER = ("wake", "send_next", "_take", "_note", "note")
"""What runs from then on. A sender that looks for messages before that is not interrupted."""


def statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements within a function or a statement, without those of functions within it and after errors."""
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if not isinstance(child, ast.FunctionDef | ast.ExceptHandler):
            if isinstance(child, ast.stmt) and not is_docstring:
                yield child
            yield from statements(child)


def steps() -> list[tuple[str, int, int]]:
    """Return the steps: names of functions, lines of statements, and which visit of the line is meant."""
    found: set[tuple[str, int, int]] = set()
    for file in FILES:
        for function in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and function.name in BEFORE + AFTER:
                for node in statements(function):
                    found.add((function.name, node.lineno, 1))
                    if isinstance(node, ast.With):
                        found.add((function.name, node.lineno, 2))  # its end, where a transaction is committed
    return sorted(found, key=lambda step: ((BEFORE + AFTER).index(step[0]), *step[1:]))


def kill_before(name: str, line: int, visit: int) -> None:
    """Kill this process when a thread that is started from now on comes to a step."""
    armed = threading.Event()
    arming = "receive" if name in BEFORE else "wake"
    visits = 0

    def trace_call(frame: FrameType, _event: str, _argument: Any) -> Any:
        if frame.f_code.co_name == arming and frame.f_code.co_filename in FILES:
            armed.set()
        return trace_line if frame.f_code.co_name == name and frame.f_code.co_filename in FILES else None

    def trace_line(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal visits
        if event == "line" and frame.f_lineno == line and armed.is_set():
            visits += 1
            if visits == visit:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace_line

    threading.settrace(trace_call)


def main() -> None:
    """Do as the lines of the standard input say."""
    outbox.LEASE = timedelta(seconds=0.01)  # a child that is killed holds it
    outbox.POLL = 0.02
    engines: list[Engine] = []

    def open_database(url: str) -> Engine:
        engines.append(outbox.open_database(url))
        return engines[0]

    with patch.object(WEBHOOK, "open_database", open_database):
        app = WEBHOOK.create_app(WEBHOOK.CliApp.run(WEBHOOK.Settings, []))
    engines[0].dispose()  # processes cannot share a connection
    anyio.run(anyio.to_thread.run_sync, os.getpid)  # imports what each child would import anew
    listener = socket.create_server(("127.0.0.1", 0))
    print(json.dumps([listener.getsockname()[1], steps()]), flush=True)
    for command in sys.stdin:
        child = os.fork()
        if child == 0:
            step = json.loads(command)
            if step:
                kill_before(*step)
            config = uvicorn.Config(app, log_level="warning")
            uvicorn.Server(config).run(sockets=[listener])
            sys.exit()
        print(child, flush=True)
        os.waitpid(child, 0)
        print("dead", flush=True)


if __name__ == "__main__":
    main()
