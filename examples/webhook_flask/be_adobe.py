"""Play Adobe I/O Events for a webhook on this machine: send a challenge, a forged notification, and a signed one.

Signs with a new key, which it serves at http://127.0.0.1:8001: start the webhook with that as ADOBE_KEY_HOST. With
--chat it is the chat, too: start the webhook with http://127.0.0.1:8001/chat as CHAT_WEBHOOK_URL.
"""

from __future__ import annotations

import argparse
import base64
import json
import secrets
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx2
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HOST = ("127.0.0.1", 8001)
PATIENCE = 60  # seconds to wait for an answer; Adobe waits 10
KEY = generate_private_key(65537, 2048)
KEY_PATH = f"/be-adobe-{secrets.token_hex(8)}.pem"  # a new key has a new path, as Adobe's have
RUN = {
    "id": "0b9f61c2-7d3e-4a58-9c14-e2a7d5083f6b",
    "flowId": "d41c7e90-35ab-4f62-8e07-96b1c3fa2d58",
    "flowName": "Orders, nightly",
    "metrics": {"statusSummary": {"status": "failed", "errors": [{"code": "133", "message": "No files in batch."}]}},
}


class Host(BaseHTTPRequestHandler):
    """Serves the key to verify with, and takes the messages to the chat."""

    def do_GET(self) -> None:
        """Answer with the key."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def do_POST(self) -> None:
        """Print a message to the chat."""
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        tell(f"chat: {message['text']}")
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def main() -> None:
    """Send all three, and print how each was answered."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="where the webhook is, for example http://127.0.0.1:8000/webhook")
    parser.add_argument("client_id", help="the ADOBE_CLIENT_ID of the webhook")
    parser.add_argument("--chat", action="store_true", help="print what the chat is told, until Ctrl+C")
    arguments = parser.parse_args()
    with HTTPServer(HOST, Host) as host:
        threading.Thread(target=host.serve_forever, args=(0.05,), daemon=True).start()
        with suppress(KeyboardInterrupt):
            send_all(arguments.url, arguments.client_id)
            while arguments.chat:
                time.sleep(1)
        host.shutdown()


def send_all(url: str, client_id: str) -> None:
    """Send a challenge, a forged notification, and a signed one."""
    body = json.dumps({"event_id": "e-1", "recipient_client_id": client_id, "event": RUN}).encode()
    headers = {
        "content-type": "application/json",
        "x-adobe-public-key1-path": KEY_PATH,
        "x-adobe-digital-signature-1": base64.b64encode(KEY.sign(body, PKCS1v15(), SHA256())).decode(),
    }
    answer = httpx2.get(url, params={"challenge": "hello"}, timeout=PATIENCE)
    tell(f"challenge: {answer.status_code} {answer.text}")
    for words, content in (("forged notification", body.replace(b"nightly", b"hourly")), ("notification", body)):
        answer = httpx2.post(url, content=content, headers=headers, timeout=PATIENCE)
        tell(f"{words}: {answer.status_code}")


def tell(text: str) -> None:
    """Print at once and in one piece, because the chat prints from another thread."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
