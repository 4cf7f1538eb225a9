"""The demo portal and a small tool on two real ports: login, launch, token, score, mark."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape
from re import findall, search
from typing import Any

import pytest
import requests

from tests.functional.small_tool import AGS, RESULT, SmallTool, serving


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def portal_and_tool() -> Iterator[tuple[str, SmallTool]]:
    """The portal as the demo runs it, in a process of its own."""
    portal_port, tool_port = free_port(), free_port()
    portal_url = f"http://127.0.0.1:{portal_port}"
    tool = SmallTool(portal_url)
    command = [sys.executable, "-m", "lti_tool.demo_portal", "--port", str(portal_port)]
    process = subprocess.Popen(
        [*command, "--tool-url", f"http://localhost:{tool_port}"], stdout=subprocess.PIPE, text=True
    )
    try:
        with serving(tool.app, "localhost", tool_port):
            assert process.stdout is not None
            assert process.stdout.readline() == f"Leerportaal: {portal_url}\n"
            yield portal_url, tool
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=10)
    assert process.returncode == 0
    assert not rest


def page_form(text: str) -> tuple[str, dict[str, str]]:
    action = search(r'<form method="post" action="([^"]*)" data-sends-itself>', text)
    assert action is not None, text
    fields = findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text)
    return unescape(action[1]), {name: unescape(value) for name, value in fields}


def launch(portal_url: str, person_id: str, activity_id: str) -> requests.Response:
    """Walk from the portal's login to the tool's page, as a browser would."""
    portal, tool = requests.Session(), requests.Session()
    portal.post(f"{portal_url}/login", data={"person_id": person_id}, timeout=5).raise_for_status()
    action, fields = page_form(portal.get(f"{portal_url}/activity/{activity_id}/launch", timeout=5).text)
    login = tool.post(action, data=fields, timeout=5, allow_redirects=False)
    proof = login.headers["Set-Cookie"].split(";")[0]
    action, fields = page_form(portal.get(login.headers["Location"], timeout=5).text)
    return requests.post(action, data=fields, headers={"Cookie": proof}, timeout=5, allow_redirects=False)


def marks(portal_url: str) -> dict[str, dict[str, Any]]:
    found = requests.get(f"{portal_url}/api/marks", timeout=5).json()["marks"]
    return {m["person_id"]: m for m in found}


def test_a_learner_is_launched_and_the_mark_comes_back(portal_and_tool: tuple[str, SmallTool]) -> None:
    portal_url, tool = portal_and_tool
    answer = launch(portal_url, "101", "1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/start")
    claims = tool.launches[-1]
    assert claims["sub"] == "101"
    sent = tool.send_completion(claims)
    assert (sent.status_code, sent.content) == (200, b"")
    assert marks(portal_url)["101"]["done"] is True


def test_a_second_score_within_the_second_is_a_conflict_with_a_reason(
    portal_and_tool: tuple[str, SmallTool],
) -> None:
    portal_url, tool = portal_and_tool
    launch(portal_url, "102", "1")
    time.sleep(1 - time.time() % 1)  # both in one second
    assert tool.send_completion(tool.launches[-1]).status_code == 200
    again = tool.send_completion(tool.launches[-1])
    assert (again.status_code, again.reason) == (409, "Refusing score with an earlier timestamp for item 11")


def test_a_teacher_cannot_be_graded(portal_and_tool: tuple[str, SmallTool]) -> None:
    portal_url, tool = portal_and_tool
    launch(portal_url, "103", "1")
    refused = tool.send_completion(tool.launches[-1])
    assert refused.status_code == 400
    assert refused.reason.startswith("Incorrect score received")
    assert "103" not in marks(portal_url)


def test_each_municipality_has_its_own_client_and_its_own_grades(
    portal_and_tool: tuple[str, SmallTool],
) -> None:
    portal_url, tool = portal_and_tool
    launch(portal_url, "301", "2")
    kleindorp = tool.launches[-1]
    launch(portal_url, "101", "1")
    voorbeeldstad = tool.launches[-1]
    assert kleindorp["iss"] == voorbeeldstad["iss"]
    assert kleindorp["aud"] != voorbeeldstad["aud"]
    token = tool.token(kleindorp["aud"], RESULT)
    before, _, query = voorbeeldstad[AGS]["lineitem"].partition("?")
    answer = requests.get(f"{before}/results?{query}", headers={"Authorization": f"Bearer {token}"}, timeout=5)
    assert answer.status_code == 404


def test_the_portal_refuses_a_port_that_is_taken() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        command = [
            sys.executable,
            "-m",
            "lti_tool.demo_portal",
            "--port",
            port,
            "--tool-url",
            "http://localhost:1",
        ]
        assert subprocess.run(command, capture_output=True, timeout=30, check=False).returncode != 0
