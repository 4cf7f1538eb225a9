"""Reads a request: headers, parameters and statements, in the usual syntax and the alternate one.

xAPI 1.0.3, Communication part, sections 1.2 to 1.5, 2.1 and 3.3
(https://github.com/adlnet/xAPI-Spec/blob/master/xAPI-Communication.md). A refusal never repeats a value.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Request
from werkzeug.datastructures import Authorization
from werkzeug.http import parse_options_header

from xapi.formats import find_instant, is_iri, is_uuid, is_version
from xapi.lrs_server import keys
from xapi.lrs_server.answers import FORMATS
from xapi.lrs_server.keys import Json, Key
from xapi.lrs_server.store import Query
from xapi.rules import agent_problems, problems

VERSION_HEADER = "X-Experience-API-Version"
MOST = 500
"""Statements on one page at most."""
USUAL = 100
LARGEST_BODY = 16 * 1024 * 1024
DEEPEST = 100
"""Levels of JSON in one statement."""

SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"

LIST_PARAMETERS = frozenset(
    {
        "agent",
        "verb",
        "activity",
        "registration",
        "related_activities",
        "related_agents",
        "since",
        "until",
        "limit",
        "format",
        "attachments",
        "ascending",
        "cursor",  # ours: stands in `more` only
    }
)
ONE_PARAMETERS = frozenset({"statementId", "voidedStatementId"})
WITH_ONE_STATEMENT = frozenset({"attachments", "format"})

ALTERNATE_METHODS = frozenset({"GET", "POST", "PUT"})
ALTERNATE_HEADERS = frozenset(
    {
        "authorization",
        "x-experience-api-version",
        "content-type",
        "content-length",
        "if-match",
        "if-none-match",
    }
)

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""How half a character comes in: escaped, as the body itself is sound UTF-8."""
_WHOLE = re.compile(r"[0-9]{1,18}")


class Refused(Exception):
    """A request that is answered with an error; the message says what is wrong, without repeating values."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


@dataclass(frozen=True)
class Asked:
    """What is asked for, whichever syntax it came in."""

    method: str
    parameters: Mapping[str, str]
    authorization: Authorization | None
    version: str | None
    content_type: str
    content: bytes

    def check_version(self) -> None:
        """Section 3.3. Raises Refused."""
        if self.version is None or not is_version(self.version):
            raise Refused(400, f"{VERSION_HEADER} must be 1.0 or 1.0.x")

    def one_of(self, name: str, allowed: Sequence[str], usual: str) -> str:
        """A parameter of a few words. Raises Refused."""
        value = self.parameters.get(name, usual)
        if value not in allowed:
            raise Refused(400, f"{name} must be one of: {', '.join(allowed)}")
        return value

    def flag(self, name: str) -> bool:
        """`true` or `false`, as in JSON. Raises Refused."""
        return self.one_of(name, ("true", "false"), "false") == "true"

    @property
    def form(self) -> str:
        return self.one_of("format", FORMATS, "exact")


def read(request: Request) -> Asked:
    """Understand a request. Raises Refused."""
    request.max_content_length = request.max_form_memory_size = LARGEST_BODY
    if request.method == "POST" and "method" in request.args:
        return _alternate(request)
    return Asked(
        method=request.method,
        parameters=_single(request.args.to_dict(flat=False)),
        authorization=request.authorization,
        version=request.headers.get(VERSION_HEADER),
        content_type=request.headers.get("Content-Type", ""),
        content=request.get_data() if request.method in {"POST", "PUT"} else b"",
    )


def statement_id(asked: Asked, name: str) -> str:
    """The UUID in a parameter, in lower case. Raises Refused."""
    value = asked.parameters.get(name, "")
    if not is_uuid(value):
        raise Refused(400, f"{name} must be a UUID")
    return value.lower()


def only_parameters(asked: Asked, known: frozenset[str]) -> None:
    """Parameters that the standard does not know are refused (section 2.1). Raises Refused."""
    if not asked.parameters.keys() <= known:
        raise Refused(400, "there is a parameter that is not allowed here")


def statements(asked: Asked) -> list[Json]:
    """The statements of a POST, each with an id. Raises Refused."""
    body = _json(asked)
    several = body if isinstance(body, list) else [body]
    for index, statement in enumerate(several):
        _check(statement, f"statement {index}: " if isinstance(body, list) else "")
        statement.setdefault("id", str(uuid.uuid4()))
    ids = [statement["id"].lower() for statement in several]
    if len(set(ids)) != len(ids):
        raise Refused(400, "one id stands twice in this request")
    return [_with_lists(statement) for statement in several]


def one_statement(asked: Asked) -> Json:
    """The statement of a PUT, with the id of the parameter. Raises Refused."""
    wanted = statement_id(asked, "statementId")
    statement = _json(asked)
    _check(statement, "")
    if statement.setdefault("id", wanted).lower() != wanted:
        raise Refused(400, "the statement has another id than statementId")
    return _with_lists(statement)


def query(asked: Asked) -> Query:
    """The conditions of a GET (section 2.1.3). Raises Refused."""
    asked_for = asked.parameters
    wanted: list[Key] = []
    agents = "any_agent" if asked.flag("related_agents") else "agent"
    activities = "any_activity" if asked.flag("related_activities") else "activity"
    if "agent" in asked_for:
        wanted.append(keys.key(agents, _agent(asked_for["agent"])))
    for name, kind in (("verb", "verb"), ("activity", activities)):
        if name in asked_for:
            if not is_iri(asked_for[name]):
                raise Refused(400, f"{name} must be an IRI")
            wanted.append(keys.key(kind, asked_for[name]))
    if "registration" in asked_for:
        wanted.append(keys.key("registration", statement_id(asked, "registration")))
    limit = _whole(asked, "limit")
    return Query(
        keys=tuple(wanted),
        since=_instant(asked, "since"),
        until=_instant(asked, "until"),
        ascending=asked.flag("ascending"),
        limit=USUAL if limit is None else min(limit or MOST, MOST),
        after=_whole(asked, "cursor"),
    )


def agent_to_erase(asked: Asked) -> Key:
    """The agent whose statements are to be erased. Raises Refused."""
    only_parameters(asked, frozenset({"agent"}))
    return keys.key("any_agent", _agent(asked.parameters.get("agent", "")))


def _alternate(request: Request) -> Asked:
    """Alternate request syntax: everything stands in the form of a POST (section 1.3)."""
    method = request.args["method"]
    if method not in ALTERNATE_METHODS or len(request.args) > 1:
        raise Refused(400, "method must be GET, POST or PUT, and the only parameter in the address")
    form = _single(request.form.to_dict(flat=False))
    headers = {name.lower(): form.pop(name) for name in list(form) if name.lower() in ALTERNATE_HEADERS}
    authorization = headers.get("authorization")
    return Asked(
        method=method,
        content=form.pop("content", "").encode("utf-8", "surrogatepass"),
        parameters=form,
        authorization=Authorization.from_header(authorization) if authorization else request.authorization,
        version=headers.get("x-experience-api-version", request.headers.get(VERSION_HEADER)),
        content_type=headers.get("content-type", "application/json"),
    )


def _single(values: Mapping[str, list[str]]) -> dict[str, str]:
    if any(len(several) > 1 for several in values.values()):
        raise Refused(400, "a parameter stands twice")
    return {name: several[0] for name, several in values.items()}


def _json(asked: Asked) -> Any:
    if parse_options_header(asked.content_type)[0] != "application/json":
        raise Refused(400, "Content-Type must be application/json; attachments are not taken")
    try:
        body = json.loads(
            asked.content.decode(),
            parse_constant=_no_constant,
            parse_float=_finite,
            object_pairs_hook=_no_repeats,
        )
    except (ValueError, RecursionError) as err:
        raise Refused(400, "the body is not JSON in UTF-8, or a name stands twice in an object") from err
    if not _is_shallow(body):
        raise Refused(400, f"the body has more than {DEEPEST} levels")
    if _HALF.search(asked.content) and not _is_whole(body):
        raise Refused(400, "a text holds half a character")
    return body


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("too large")
    return value


def _no_repeats(pairs: list[tuple[str, Any]]) -> Json:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice")
    return made


def _is_shallow(body: object) -> bool:
    level = [body]
    for _ in range(DEEPEST):
        deeper: list[object] = []
        for part in level:
            if isinstance(part, dict):
                deeper.extend(part.values())
            elif isinstance(part, list):
                deeper.extend(part)
        if not deeper:
            return True
        level = deeper
    return False


def _is_whole(body: object) -> bool:
    """Whether every text can be written in UTF-8."""
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _check(statement: Any, place: str) -> None:
    """Raises Refused when it is not a statement that we may keep."""
    found = problems(statement)
    if found:
        raise Refused(400, place + "; ".join(found[:5]))
    for attachment in _attachments(statement):
        if "fileUrl" not in attachment or attachment["usageType"] == SIGNATURE:
            raise Refused(400, f"{place}attachments: only those with a fileUrl are taken, and no signatures")


def _attachments(statement: Json) -> list[Json]:
    found: list[Json] = [*statement.get("attachments", []), *statement["object"].get("attachments", [])]
    return found


def _with_lists(statement: Json) -> Json:
    """The same, with every context activity in a list (Data part, section 2.4.6.2); changes it in place."""
    for part in (statement, statement["object"]):
        activities = part.get("context", {}).get("contextActivities", {})
        for name, found in activities.items():
            if isinstance(found, dict):
                activities[name] = [found]
    return statement


def _agent(text: str) -> str:
    try:
        agent = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise Refused(400, "agent must be JSON") from err
    identity = None if agent_problems(agent) else keys.identity(agent)
    if identity is None:
        raise Refused(400, "agent must be an Agent or an identified Group")
    return identity


def _instant(asked: Asked, name: str) -> datetime | None:
    text = asked.parameters.get(name)
    if text is None:
        return None
    moment = find_instant(text)
    if moment is None:
        raise Refused(400, f"{name} must be a timestamp")
    return moment


def _whole(asked: Asked, name: str) -> int | None:
    text = asked.parameters.get(name)
    if text is None:
        return None
    if not _WHOLE.fullmatch(text):
        raise Refused(400, f"{name} must be a whole number from 0")
    return int(text)
