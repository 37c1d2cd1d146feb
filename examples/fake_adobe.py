"""Stand-ins for Adobe, for tests: keys, signed requests, and a server that answers as it is told."""

from __future__ import annotations

import base64
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_PATHS = ("/prod/keys/pub-key-one.pem", "/prod/keys/pub-key-two.pem")
KEYS = tuple(rsa.generate_private_key(65537, 2048) for _ in KEY_PATHS)
FORGER = rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public half of a key as Adobe publishes it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def signature(key: rsa.RSAPrivateKey, body: bytes) -> str:
    """Return a signature as it stands in a header."""
    return base64.b64encode(key.sign(body, PKCS1v15(), SHA256())).decode()


def signed(body: bytes, *numbers: int) -> dict[str, str]:
    """Return the headers that I/O Events sends with a body: both signatures, or those of the numbers."""
    headers = {"content-type": "application/json"}
    for number in numbers or (1, 2):
        headers[f"x-adobe-public-key{number}-path"] = KEY_PATHS[number - 1]
        headers[f"x-adobe-digital-signature-{number}"] = signature(KEYS[number - 1], body)
    return headers


def published_keys() -> dict[str, tuple[int, bytes]]:
    """Return what Adobe's key host answers."""
    return {path: (200, pem(key)) for path, key in zip(KEY_PATHS, KEYS, strict=True)}


@dataclass
class Fake:
    """A server on loopback. It gives the next answer of `script`, then that of `answers` for the path, else 404."""

    answers: dict[str, tuple[int, bytes]]
    script: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    url: str = ""
    requests: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    is_open: threading.Event = field(default_factory=threading.Event)
    """While this is not set, requests are noted and wait for their answer."""

    def paths(self) -> list[str]:
        """Return the paths that were asked for."""
        return [path for path, _ in self.requests]


@contextmanager
def serve(answers: dict[str, tuple[int, bytes]]) -> Generator[Fake, None, None]:
    """Run a fake."""
    fake = Fake(answers)
    fake.is_open.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.requests.append((self.path, self.rfile.read(int(self.headers.get("content-length", 0)))))
            fake.is_open.wait()
            status, content = fake.script.pop(0) if fake.script else fake.answers.get(self.path, (404, b""))
            self.send_response(status)
            for name, value in {**fake.headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # whoever asked has hung up
                self.end_headers()
                self.wfile.write(content)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        fake.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield fake
        fake.is_open.set()
        server.shutdown()
