"""Logs are one JSON object a line, with nothing about a person in them."""

from __future__ import annotations

import json

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool import logs


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
