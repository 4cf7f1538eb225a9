"""One Chromium for all looks at the pages, and the app with example values behind a real address."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from werkzeug.serving import make_server

from lti_tool.demo.interruption import Interruption
from lti_tool.demo.stage import Stage
from tests import chromium

PATIENCE_MS = 20_000
"""For a page on a busy machine; also for a statement or a mark on its way."""
SECONDS_TO_STOP = 0.01
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    assert path, "the browser tests need Chromium: install the package 'chromium', or set CHROMIUM to its path"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=[*QUIET, "--no-first-run"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Portal, tool, worker and LRS: real processes with real databases."""
    with Stage(usual_ports=False, interruption=Interruption()) as running:
        yield running
        running.programs.check()


def _read_whole(app: Any) -> Any:
    """Werkzeug leaves a file open when a browser hangs up in the middle of it, and warnings are errors here."""

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        with closing(app(environ, start_response)) as parts:
            return list(parts)

    return answer


@contextmanager
def served(app: Any, host: str = "localhost") -> Iterator[str]:
    """The app at an address of its own for as long as the block lasts."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(host, 0, _read_whole(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(SECONDS_TO_STOP,))
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
