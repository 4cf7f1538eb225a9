"""One good launch, sent many times at the same moment to the tool in two processes: it comes in once."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from benchmarks.launches import servers
from benchmarks.launches.house import PROOF_COOKIE, TOOL_URL, Begun, Visitor, environment, open_house
from benchmarks.launches.portal import Portal, sign
from benchmarks.proof import Figure, figure
from lti_tool.demo.processes import free_port

PROCESSES: Final = 2
HOST: Final = TOOL_URL.removeprefix("https://")


def figures(folder: Path, kind: str, database_url: str, portal: Portal, replays: int) -> list[Figure]:
    wanted = environment(database_url)
    visitor = Visitor(open_house(folder, portal, wanted), portal)
    port = free_port()
    arguments = ("-m", "lti_tool.cli", "serve", "--port", str(port), "--workers", str(PROCESSES))
    with servers.served(folder, wanted, arguments, f"http://127.0.0.1:{port}/health"):
        warm, _ = servers.statuses(port, [request(visitor, visitor.begin(), "1")], 1)
        if warm != {303: 1}:
            raise RuntimeError(f"a good launch is answered with {dict(warm)}")
        found, seconds = servers.statuses(port, [request(visitor, visitor.begin(), "2")] * replays, replays)
    name = f"{replays:,} replays at once, {PROCESSES} processes, {kind}"
    return [
        figure(f"{name}: came in", found[303], "", "1..1"),
        figure(f"{name}: refused with 400", found[400], "", f"{replays - 1}..{replays - 1}"),
        figure(f"{name}: took", seconds, "s"),
    ]


def request(visitor: Visitor, begun: Begun, person: str) -> bytes:
    """A launch as bytes on the wire."""
    token = sign(visitor.claims("learner", begun, person), visitor.portal.key)
    body = urlencode({"state": begun.state, "id_token": token}).encode()
    return servers.post("/lti/launch", HOST, body, f"{PROOF_COOKIE}={begun.proof}")
