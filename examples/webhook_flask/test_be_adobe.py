"""The smallest webhook believes what plays Adobe for it, as a newcomer tries it: two programs, on their ports."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
KEY_HOST = "http://127.0.0.1:8001"


@pytest.fixture
def webhook(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The URL of the webhook, started as its README says, and its log."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path / "log"
    command = [sys.executable, "-m", "flask", "--app", "webhook_flask", "run", "--port", str(port)]
    settings = os.environ | {"ADOBE_CLIENT_ID": "test", "ADOBE_KEY_HOST": KEY_HOST}
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=FOLDER, env=settings, stdout=output, stderr=subprocess.STDOUT)
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}/webhook", log
    server.terminate()
    server.wait(timeout=60)


def test_what_a_newcomer_sees(webhook: tuple[str, Path]) -> None:
    """The challenge is answered, the notification accepted and logged, the forged one refused."""
    url, log = webhook
    command = [sys.executable, str(FOLDER / "be_adobe.py"), url, "test"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == ["challenge: 200 hello", "notification: 200", "forged notification: 401"]
    logged = [line for line in log.read_text(encoding="utf-8").splitlines() if "failed: flow run" in line]
    assert len(logged) == 1
    assert "Orders, nightly; 133 No files in batch." in logged[0]
