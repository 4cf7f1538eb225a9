"""Logs are one JSON object a line, with nothing about a person in them."""

from __future__ import annotations

import json
import logging

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool import logs
from lti_tool.web.handles import Handles


@pytest.fixture
def lines(capsys):
    """What was written to standard error since the last time one looked."""

    def read() -> list[dict[str, object]]:
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    yield read
    structlog.reset_defaults()


def test_a_line_is_one_json_object_with_a_level_and_a_moment_in_utc(lines):
    logs.configure("info")
    structlog.get_logger().info("statements_sent", endpoint="voorbeeldstad/operator", sent=12)
    (line,) = lines()
    moment = str(line.pop("timestamp"))
    assert moment.endswith("Z")
    assert line == {
        "event": "statements_sent",
        "level": "info",
        "endpoint": "voorbeeldstad/operator",
        "sent": 12,
    }


@pytest.mark.parametrize(("level", "written"), [("debug", 3), ("info", 2), ("warning", 1), ("error", 0)])
def test_what_is_below_the_level_is_not_written(lines, level, written):
    logs.configure(level)
    log = structlog.get_logger()
    log.debug("a")
    log.info("b")
    log.warning("c")
    assert len(lines()) == written


def test_an_exception_is_written_on_the_same_line(lines):
    logs.configure("info")
    try:
        raise LookupError("no such row")
    except LookupError:
        structlog.get_logger().exception("failed")
    (line,) = lines()
    assert "LookupError: no such row" in str(line["exception"])


def test_what_was_bound_earlier_is_dropped_too(lines):
    logs.configure("info")
    structlog.get_logger().bind(sub="a-user", tenant="voorbeeldstad").info("launched")
    (line,) = lines()
    assert "sub" not in line
    assert line["tenant"] == "voorbeeldstad"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(sorted(logs.NEVER_LOGGED)), st.text(min_size=1), min_size=1))
def test_keys_about_a_person_or_a_secret_are_never_written(lines, about):
    logs.configure("info")
    structlog.get_logger().info("launched", **about)
    (line,) = lines()
    assert set(line) == {"event", "level", "timestamp"}


HANDLE = "Ab_-" * 10 + "xyz"


@pytest.mark.parametrize("name", logs.SERVERS)
def test_a_session_in_a_path_is_in_no_line_of_the_server(caplog, name):
    logs.configure("info")
    logs.configure("info")
    server = logging.getLogger(name)
    assert sum(isinstance(known, logs.WithoutHandles) for known in server.filters) == 1
    with caplog.at_level("INFO", name):
        server.error("Error handling request %s %s", "GET", f"/s/{HANDLE}/question?x=1")
        server.info("%s has nothing to hide", "/start")
    assert [record.getMessage() for record in caplog.records] == [
        "Error handling request GET /s/…/question?x=1",
        "/start has nothing to hide",
    ]


@given(handle=st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_session_in_a_path_is_in_no_line_of_ours(lines, handle):
    logs.configure("info")
    try:
        raise LookupError(f"/s/{handle}/start")
    except LookupError:
        structlog.get_logger().exception("failed", path=f"/s/{handle}/start")
    (line,) = lines()
    assert handle not in str(line)
    assert line["path"] == "/s/…/start"
    assert moves(f"/s/{handle}/start"), "what is taken out of the log is what the web calls a handle"


def moves(path):
    """Whether the layer of handles takes something out of a path."""
    environ = {"PATH_INFO": path}
    Handles(lambda environ, start_response: [])(environ, None)
    return environ["PATH_INFO"] != path
