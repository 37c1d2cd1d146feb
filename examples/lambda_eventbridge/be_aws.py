"""Play AWS and the chat for the function on this machine: an event bus delivers one failure twice.

Needs requirements-test.txt, too. DynamoDB is played by moto.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from types import SimpleNamespace

from moto.server import ThreadedMotoServer

from flowrun_notifications.testing import make_payload

boto3 = import_module("boto3")  # it has no types


class Chat(BaseHTTPRequestHandler):
    """Prints what the chat is told."""

    def do_POST(self) -> None:
        """Print a message."""
        print(json.loads(self.rfile.read(int(self.headers["content-length"])))["text"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def main() -> None:
    """Deliver the event twice."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would log each request to DynamoDB
    chat = HTTPServer(("127.0.0.1", 0), Chat)
    threading.Thread(target=chat.serve_forever, args=(0.05,), daemon=True).start()
    dynamodb = ThreadedMotoServer(port=0, verbose=False)
    dynamodb.start()
    host, port = dynamodb.get_host_and_port()
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_DYNAMODB": f"http://{host}:{port}",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "CHAT_WEBHOOK_URL": f"http://127.0.0.1:{chat.server_port}",
        "IDEMPOTENCY_TABLE": "told",
    }
    boto3.client("dynamodb").create_table(
        TableName="told",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    function = import_module("lambda_eventbridge")  # it connects to AWS by the environment
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
    event = make_payload("eventbridge", outcome="failed")
    for delivery in ("first", "second"):
        print(f"--- {delivery} delivery")
        function.handler(event, context)
    dynamodb.stop()
    chat.shutdown()


if __name__ == "__main__":
    main()
