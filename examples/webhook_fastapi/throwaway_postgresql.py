"""A PostgreSQL server of one's own for tests: a new cluster in a temporary folder, reached by a Unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def run_postgresql() -> Generator[str, None, None]:
    """Start a server, yield the URL of its database, and remove all of it. Skip the test where there is no server."""
    if shutil.which("pg_ctl") is None or shutil.which("initdb") is None:
        reason = "needs PostgreSQL: `initdb` and `pg_ctl` are not on the PATH"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # PostgreSQL refuses to run as root, so root gives the folder to the user that its package makes.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder, cluster = Path(name), Path(name, "cluster")
        shutil.chown(folder, user)

        def run(*command: str) -> None:
            # pg_ctl hands its output on to the server, so a pipe would stay open.
            with folder.joinpath("log").open("a") as log:
                subprocess.run(command, check=True, cwd=folder, user=user, stdout=log, stderr=log)

        run("initdb", "--pgdata", str(cluster), "--auth", "trust", "--encoding", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        run("pg_ctl", "start", "--wait", "--pgdata", str(cluster), "--options", options)
        try:
            yield f"postgresql://{user}@/postgres?host={folder}"
        finally:
            run("pg_ctl", "stop", "--wait", "--pgdata", str(cluster), "--mode", "immediate")
