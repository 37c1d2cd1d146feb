"""Play Adobe I/O Events for a webhook on this machine: send a challenge, a notification, and a forged one.

Signs with a new key, which it serves at http://127.0.0.1:8001: start the webhook with that as ADOBE_KEY_HOST.
"""

from __future__ import annotations

import argparse
import base64
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx2
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_HOST = ("127.0.0.1", 8001)
KEY = generate_private_key(65537, 2048)
KEY_PATH = f"/be-adobe-{secrets.token_hex(8)}.pem"  # a new key has a new path, as Adobe's have
RUN = {
    "id": "0b9f61c2-7d3e-4a58-9c14-e2a7d5083f6b",
    "flowId": "d41c7e90-35ab-4f62-8e07-96b1c3fa2d58",
    "flowName": "Orders, nightly",
    "metrics": {"statusSummary": {"status": "failed", "errors": [{"code": "133", "message": "No files in batch."}]}},
}


class KeyHost(BaseHTTPRequestHandler):
    """Serves the key to verify with."""

    def do_GET(self) -> None:
        """Answer with the key."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def main() -> None:
    """Send all three, and print how each was answered."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="where the webhook is, for example http://127.0.0.1:8000/webhook")
    parser.add_argument("client_id", help="the ADOBE_CLIENT_ID of the webhook")
    arguments = parser.parse_args()
    url: str = arguments.url
    delivery = {"event_id": "e-1", "recipient_client_id": arguments.client_id, "event": RUN}
    body = json.dumps(delivery).encode()
    headers = {
        "content-type": "application/json",
        "x-adobe-public-key1-path": KEY_PATH,
        "x-adobe-digital-signature-1": base64.b64encode(KEY.sign(body, PKCS1v15(), SHA256())).decode(),
    }
    with HTTPServer(KEY_HOST, KeyHost) as key_host:
        threading.Thread(target=key_host.serve_forever, args=(0.05,), daemon=True).start()
        answer = httpx2.get(url, params={"challenge": "hello"})
        print(f"challenge: {answer.status_code} {answer.text}")
        print(f"notification: {httpx2.post(url, content=body, headers=headers).status_code}")
        forged = body.replace(b"nightly", b"hourly")
        print(f"forged notification: {httpx2.post(url, content=forged, headers=headers).status_code}")
        key_host.shutdown()


if __name__ == "__main__":
    main()
