"""Play Adobe for the poller on this machine: give out an access token, and two pages of a journal.

Start the poller with http://127.0.0.1:8001/token as ADOBE_TOKEN_URL and http://127.0.0.1:8001/journal as JOURNAL_URL.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from flowrun_notifications.testing import make_other_message, make_payload

PAGES = [
    {
        "events": [
            {"position": "1", "event": make_payload("event")},
            {"position": "2", "event": make_other_message("alert")},
        ]
    },
    {"events": [{"position": "3", "event": make_payload("event", outcome="failed")}]},
]


class Host(BaseHTTPRequestHandler):
    """Answers as I/O Events and Adobe's identity service do."""

    def do_POST(self) -> None:
        """Give out a token."""
        self.answer(200, {"access_token": "for-tests"})

    def do_GET(self) -> None:
        """Send a page with a link to the next one; at the end of the journal, nothing but that link."""
        page = int(parse_qs(urlsplit(self.path).query).get("since", ["0"])[0])
        if page < len(PAGES):
            self.answer(200, PAGES[page], {"link": f'</journal?since={page + 1}>; rel="next"'})
        else:
            self.answer(204, None, {"link": f'</journal?since={page}>; rel="next"'})

    def answer(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        """Answer with JSON, or without a body."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if content is not None:
            self.wfile.write(json.dumps(content).encode())


if __name__ == "__main__":
    with HTTPServer(("127.0.0.1", 8001), Host) as server:
        print("http://127.0.0.1:8001/journal")
        server.serve_forever()
