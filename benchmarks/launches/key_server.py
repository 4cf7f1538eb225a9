"""A portal's key set over HTTP and over TLS: `python key_server.py FILE PORT TLS_PORT CERTIFICATE`.

It says "ready" when it answers at both.
"""

from __future__ import annotations

import ssl
import sys
import threading
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


class _Secure(ThreadingHTTPServer):
    """Shakes hands in the thread of the connection, so that one slow client keeps nobody waiting."""

    def __init__(self, port: int, certificate: str) -> None:
        super().__init__(("127.0.0.1", port), _Keys)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)

    def finish_request(self, request: object, client_address: object) -> None:
        with self._tls.wrap_socket(request, server_side=True) as secure:  # type: ignore[arg-type]
            super().finish_request(secure, client_address)  # type: ignore[arg-type]


if __name__ == "__main__":
    file, port, tls_port, certificate = sys.argv[1:]
    _Keys.body = Path(file).read_bytes()
    server, secure = ThreadingHTTPServer(("127.0.0.1", int(port)), _Keys), _Secure(int(tls_port), certificate)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    print("ready", flush=True)
    server.serve_forever()
