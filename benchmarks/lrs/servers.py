"""Both servers as processes of their own, each one process: ours by `digivaardig lrs serve`, Ralph by uvicorn."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.launches.house import TENANT, environment
from benchmarks.launches.servers import served
from benchmarks.lrs.caller import Caller
from lti_tool.demo.processes import free_port
from xapi.credentials import Access, Credentials

OWNER: Final = Access(TENANT, "write", "operator")
"""Whose statements they are."""


@contextmanager
def ours(folder: Path, database_url: str) -> Iterator[tuple[Caller, Caller]]:
    """Who writes, and who reads."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {**environment(database_url), "LOG_LEVEL": "warning"}
    keys = Credentials(json.loads(wanted["LRS_KEYS"]))
    port = free_port()
    arguments = ("-m", "lti_tool.cli", "lrs", "serve", "--port", str(port))
    with served(folder, wanted, arguments, f"http://127.0.0.1:{port}/xapi/about"):
        callers = [
            Caller(port, "/xapi/statements", *keys.make(TENANT, right))
            for right in ("write_operator", "read_operator")
        ]
        yield callers[0], callers[1]
        for caller in callers:
            caller.close()


@contextmanager
def ralph(folder: Path, python: str) -> Iterator[Caller]:
    """Ralph with its `fs` backend in an empty folder."""
    folder.mkdir(parents=True)
    port = free_port()
    name, password = "bench", secrets.token_urlsafe(24)
    agent = {"account": {"homePage": "https://tool.example", "name": name}, "objectType": "Agent"}
    user = {"agent": agent, "scopes": ["all"], "username": name, "hash": _hashed(python, password)}
    (folder / "auth.json").write_text(json.dumps([user]))
    wanted = {
        "RALPH_APP_DIR": str(folder),
        "RALPH_AUTH_FILE": str(folder / "auth.json"),
        "RALPH_HISTORY_FILE": str(folder / "history.json"),
        "RALPH_RUNSERVER_BACKEND": "fs",
        "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(folder / "statements"),
        "PYTHONPATH": str(Path(__file__).parent),
    }
    options = ("--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--log-level", "warning")
    arguments = ("-m", "uvicorn", *options, "peer_app:app")
    with served(folder, wanted, arguments, f"http://127.0.0.1:{port}/__heartbeat__", python):
        caller = Caller(port, "/xAPI/statements/", name, password)
        yield caller
        caller.close()


def _hashed(python: str, password: str) -> str:
    """As Ralph keeps it; at its cheapest, since it is remembered after the first request."""
    program = "import bcrypt, sys; print(bcrypt.hashpw(sys.argv[1].encode(), bcrypt.gensalt(4)).decode())"
    done = subprocess.run([python, "-c", program, password], check=True, capture_output=True, text=True)
    return done.stdout.strip()
