"""Run the portal: `python -m lti_tool.demo_portal --port 8600 --tool-url http://localhost:8601`."""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType

from werkzeug.serving import WSGIRequestHandler, make_server

from lti_tool.demo_portal.app import create_portal

HOST = "127.0.0.1"


class QuietRequests(WSGIRequestHandler):
    """Serves without an access log: the addresses carry who is logging in."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


def main(given: list[str] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    options = argparse.ArgumentParser(prog="python -m lti_tool.demo_portal")
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--tool-url", required=True, help="for example http://localhost:8601")
    chosen = options.parse_args(given)
    url = f"http://{HOST}:{chosen.port}"
    server = make_server(
        HOST,
        chosen.port,
        create_portal(url, chosen.tool_url),
        threaded=True,
        request_handler=QuietRequests,
    )
    signal.signal(signal.SIGTERM, _leave)
    sys.stdout.write(f"Leerportaal: {url}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
