"""Launches in a second beside the Flask pattern of PyLTI1p3 2.0.0, which fetches the portal's key every time.

Both run under gunicorn with one process and four threads, take turns, and get tokens of the same portal. Ours
writes in its database, the peer in memory; therefore the peer can have one process only. The key comes over TLS,
which every portal must use (LTI security framework 1.0, section 3), from the same machine; what it would be
over plain HTTP is printed as well.
"""

from __future__ import annotations

import http.client
import json
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from benchmarks.launches import servers
from benchmarks.launches.house import PROOF_COOKIE, TOOL_URL, Begun, Visitor, environment, open_house
from benchmarks.launches.portal import Portal, sign
from benchmarks.launches.published_keys import SecureKeys
from benchmarks.launches.replays import HOST
from benchmarks.proof import Figure, could_not_be_run, figure
from lti_tool.demo.processes import free_port

AT_LEAST: Final = ">= 3"
AT_ONCE: Final = 8
PEOPLE: Final = 50
NAME: Final = "launches: ours / PyLTI1p3 2.0.0 Flask pattern"

Send = Callable[[int], float]
"""So many launches; the seconds that they took."""


def figures(
    folder: Path,
    kind: str,
    database_url: str,
    portal: Portal,
    keys: SecureKeys,
    peer_python: str,
    launches: int,
    turns: int,
) -> list[Figure]:
    if not Path(peer_python).exists():
        return [could_not_be_run(NAME, f"no {peer_python}", AT_LEAST)]
    plain_url = portal.registration()["jwks_url"]
    with (
        _ours(folder, database_url, portal) as ours,
        _peer(folder / "peer", portal, peer_python, keys.url, keys.authorities) as peer,
        _peer(folder / "peer-plain", portal, peer_python, plain_url, keys.authorities) as plain,
    ):
        times: list[tuple[float, float, float]] = []
        ours(20), peer(20), plain(20)
        for _ in range(turns):
            times.append((ours(launches), peer(launches), plain(launches)))
    us, them, over_http = (statistics.median(column) for column in zip(*times, strict=True))
    return [
        figure(f"launches a second, ours, {kind}, one process", launches / us, "/s"),
        figure("launches a second, PyLTI1p3 2.0.0 Flask pattern", launches / them, "/s"),
        figure("the same over plain HTTP", launches / over_http, "/s"),
        figure(f"{NAME}, {kind}", statistics.median(b / a for a, b, _ in times), "x", AT_LEAST),
        figure(f"{NAME} over plain HTTP, {kind}", statistics.median(c / a for a, _, c in times), "x"),
    ]


@contextmanager
def _ours(folder: Path, database_url: str, portal: Portal) -> Iterator[Send]:
    wanted = {**environment(database_url), "LOG_LEVEL": "warning"}
    place = folder / "ours"
    place.mkdir()
    visitor = Visitor(open_house(place, portal, wanted), portal)
    port = free_port()
    arguments = ("-m", "lti_tool.cli", "serve", "--port", str(port), "--workers", "1")
    with servers.served(place, wanted, arguments, f"http://127.0.0.1:{port}/health"):
        yield lambda number: _send(port, "/lti/launch", portal, (_begun(visitor) for _ in range(number)))


def _begun(visitor: Visitor) -> tuple[Begun, str]:
    begun = visitor.begin()
    return begun, f"{PROOF_COOKIE}={begun.proof}"


@contextmanager
def _peer(place: Path, portal: Portal, python: str, jwks_url: str, authorities: Path) -> Iterator[Send]:
    place.mkdir()
    port = free_port()
    wanted = {
        "SECRET_KEY": secrets.token_hex(32),
        "REGISTRATION": json.dumps({**portal.registration(), "jwks_url": jwks_url}),
        "REQUESTS_CA_BUNDLE": str(authorities),
        "LAUNCH_URL": portal.launch_url,
        "PYTHONPATH": str(Path(__file__).parent),
    }
    options = ("--bind", f"127.0.0.1:{port}", "--workers", "1", "--worker-class", "gthread", "--threads", "4")
    arguments = ("-m", "gunicorn", *options, "--no-control-socket", "peer_app:app")
    with servers.served(place, wanted, arguments, f"http://127.0.0.1:{port}/health", python):
        yield lambda number: _send(port, "/launch", portal, (_peer_login(port, portal) for _ in range(number)))


def _peer_login(port: int, portal: Portal) -> tuple[Begun, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": HOST, "X-Forwarded-For": "192.0.2.1"}
    connection.request("GET", f"/login?{urlencode(portal.login())}", headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    seen = parse_qs(urlsplit(answer.headers["Location"]).query)
    cookies = "; ".join(said.partition(";")[0] for said in answer.headers.get_all("Set-Cookie") or [])
    return Begun(seen["state"][0], seen["nonce"][0], ""), cookies


def _send(port: int, path: str, portal: Portal, logins: Iterator[tuple[Begun, str]]) -> float:
    requests = []
    for number, (begun, cookie) in enumerate(logins):
        claims = portal.claims("learner", begun.nonce, time.time(), str(number % PEOPLE))
        body = urlencode({"state": begun.state, "id_token": sign(claims, portal.key)}).encode()
        requests.append(servers.post(path, urlsplit(TOOL_URL).netloc, body, cookie))
    found, seconds = servers.statuses(port, requests, AT_ONCE)
    if found != {303: len(requests)}:
        raise RuntimeError(f"good launches at {path} are answered with {dict(found)}")
    return seconds
