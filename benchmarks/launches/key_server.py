"""A portal's key set over HTTP: `python key_server.py PORT FILE`; says "ready" when it answers."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Keys(BaseHTTPRequestHandler):
    body = b""
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


if __name__ == "__main__":
    _Keys.body = Path(sys.argv[2]).read_bytes()
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Keys)
    print("ready", flush=True)
    server.serve_forever()
