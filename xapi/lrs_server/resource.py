"""The Statements and About resources over HTTP.

xAPI 1.0.3, Communication part: https://github.com/adlnet/xAPI-Spec/blob/master/xAPI-Communication.md
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from sqlalchemy import Engine

from xapi.credentials import Access, Credentials
from xapi.engine import writing
from xapi.formats import as_timestamp, find_instant, is_iri, is_uuid
from xapi.lrs_server import keys, store
from xapi.lrs_server.answers import FORMATS, as_asked
from xapi.rules import agent_problems, problems

Json = dict[str, Any]

VERSIONS = ["1.0.3", "1.0.2", "1.0.1", "1.0.0"]
VERSION_HEADER = "X-Experience-API-Version"
CONSISTENT_HEADER = "X-Experience-API-Consistent-Through"
MOST = 500
"""Statements on one page at most."""
USUAL = 100
LARGEST_BODY = 16 * 1024 * 1024

GET_PARAMETERS = frozenset(
    {
        "statementId",
        "voidedStatementId",
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
        "cursor",
    }
)
WITH_ONE_STATEMENT = frozenset({"statementId", "voidedStatementId", "attachments", "format"})

_VERSION = re.compile(r"1\.0(\.\d+)?")


class Refused(Exception):
    """A request that is answered with an error; the message says what is wrong, without repeating values."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def lrs_blueprint(engine: Callable[[], Engine], credentials: Credentials, home_page: str) -> Blueprint:
    """The LRS, to be mounted at a prefix.

    Args:
        engine: gives the database when a request needs it; its schema must be the newest.
        credentials: who may do what.
        home_page: IRI under which the authorities of statements are accounts.
    """
    blueprint = Blueprint("lrs", __name__)
    lrs = _Lrs(engine, credentials, home_page)
    blueprint.add_url_rule("/about", view_func=lrs.about, endpoint="about", methods=["GET"])
    blueprint.add_url_rule("/statements", view_func=lrs.get, endpoint="get", methods=["GET"])
    blueprint.add_url_rule("/statements", view_func=lrs.post, endpoint="post", methods=["POST"])
    blueprint.add_url_rule("/statements", view_func=lrs.put, endpoint="put", methods=["PUT"])
    blueprint.before_request(lrs.check_version)
    blueprint.after_request(_say_version)
    blueprint.register_error_handler(Refused, _answer_refusal)
    return blueprint


class _Lrs:
    def __init__(self, engine: Callable[[], Engine], credentials: Credentials, home_page: str) -> None:
        self._engine = engine
        self._credentials = credentials
        self._home_page = home_page

    def check_version(self) -> None:
        """Every resource but About needs the header (section 3.3); alternate request syntax is not offered."""
        request.max_content_length = LARGEST_BODY
        if request.path.endswith("/about"):
            return
        version = request.headers.get(VERSION_HEADER)
        if version is None or not _VERSION.fullmatch(version):
            raise Refused(400, f"{VERSION_HEADER} must be 1.0.x")

    def about(self) -> Response:
        return _json(200, {"version": VERSIONS})

    def post(self) -> Response:
        access = self._access("write")
        _only_parameters(frozenset())
        body = _body()
        statements = body if isinstance(body, list) else [body]
        for index, statement in enumerate(statements):
            _check(statement, f"[{index}]" if isinstance(body, list) else "")
            statement.setdefault("id", str(uuid.uuid4()))
        ids = [statement["id"].lower() for statement in statements]
        if len(set(ids)) != len(ids):
            raise Refused(400, "one id stands twice in this request")
        return _json(200, self._keep(access, statements))

    def put(self) -> Response:
        access = self._access("write")
        _only_parameters(frozenset({"statementId"}))
        statement_id = _uuid(request.args.get("statementId"), "statementId")
        body = _body()
        _check(body, "")
        if body.setdefault("id", statement_id).lower() != statement_id:
            raise Refused(400, "the statement has another id than statementId")
        self._keep(access, [body])
        return Response(status=204)

    def get(self) -> Response:
        access = self._access("read")
        _only_parameters(GET_PARAMETERS)
        form = _one_of("format", FORMATS, "exact")
        languages = [tag for tag, _ in request.accept_languages]
        if request.args.keys() & {"statementId", "voidedStatementId"}:
            return self._one(access, form, languages)
        query = _query()
        with self._engine().connect() as connection, connection.begin():
            page = store.find(connection, access, query)
            through = store.consistent_through(connection, datetime.now(UTC))
        more = _more(page.more_after) if page.more_after is not None else ""
        statements = [as_asked(found, form, languages) for found in page.statements]
        response = _json(200, {"statements": statements, "more": more})
        response.headers[CONSISTENT_HEADER] = as_timestamp(through)
        return response

    def _one(self, access: Access, form: str, languages: list[str]) -> Response:
        if not request.args.keys() <= WITH_ONE_STATEMENT or request.args.keys() >= {
            "statementId",
            "voidedStatementId",
        }:
            raise Refused(400, "statementId or voidedStatementId goes with attachments and format only")
        _flag("attachments")
        voided = "voidedStatementId" in request.args
        name = "voidedStatementId" if voided else "statementId"
        statement_id = _uuid(request.args[name], name)
        with self._engine().connect() as connection, connection.begin():
            found = store.find_one(connection, access, statement_id, voided=voided)
            through = store.consistent_through(connection, datetime.now(UTC))
        if found is None:
            raise Refused(404, "there is no such statement")
        response = _json(200, as_asked(found, form, languages))
        response.headers[CONSISTENT_HEADER] = as_timestamp(through)
        response.last_modified = find_instant(found["stored"])
        return response

    def _keep(self, access: Access, statements: list[Json]) -> list[str]:
        account = {"homePage": self._home_page, "name": f"{access.owner}/{access.stream}"}
        authority = {"objectType": "Agent", "account": account}
        try:
            with writing(self._engine()) as connection:
                return store.keep(connection, access, statements, authority)
        except store.IdTaken as err:
            raise Refused(409, f"another statement has the id {err}") from err
        except store.CannotVoid as err:
            raise Refused(400, "a voiding statement cannot be voided") from err

    def _access(self, action: str) -> Access:
        """Who is asking (HTTP Basic), and may they do this."""
        given = request.authorization
        access = None
        if given is not None and given.type == "basic":
            access = self._credentials.check(given.username or "", given.password or "")
        if access is None:
            raise Refused(401, "no valid credentials")
        if access.action != action:
            raise Refused(403, f"these credentials may not {action}")
        return access


def _query() -> store.Query:
    arguments = request.args
    wanted = []
    if "agent" in arguments:
        kind = "any_agent" if _flag("related_agents") else "agent"
        wanted.append((kind, _agent(arguments["agent"])))
    if "verb" in arguments:
        wanted.append(("verb", _iri(arguments["verb"], "verb")))
    if "activity" in arguments:
        kind = "any_activity" if _flag("related_activities") else "activity"
        wanted.append((kind, _iri(arguments["activity"], "activity")))
    if "registration" in arguments:
        wanted.append(("registration", _uuid(arguments["registration"], "registration")))
    for name in ("related_agents", "related_activities", "attachments"):
        _flag(name)
    limit = _whole("limit", 0) or MOST if "limit" in arguments else USUAL
    return store.Query(
        keys=tuple(wanted),
        since=_instant("since"),
        until=_instant("until"),
        ascending=_flag("ascending"),
        limit=min(limit, MOST),
        after=_whole("cursor", 0) if "cursor" in arguments else None,
    )


def _more(after: int) -> str:
    """The address of the next page, relative to the host (section 2.1.3, `more`)."""
    arguments = [(name, value) for name, value in request.args.items() if name != "cursor"]
    return f"{request.path}?{urlencode([*arguments, ('cursor', str(after))])}"


def _only_parameters(known: frozenset[str]) -> None:
    """Parameters are case-sensitive, unknown ones are refused, and none stands twice (section 2.1)."""
    for name in request.args:
        if name not in known:
            raise Refused(400, "an unknown parameter")
        if len(request.args.getlist(name)) > 1:
            raise Refused(400, f"{name} stands twice")


def _body() -> Any:
    if request.mimetype != "application/json":
        raise Refused(400, "Content-Type must be application/json; attachments are not taken")
    try:
        return json.loads(request.get_data(), parse_constant=_no_constant, object_pairs_hook=_no_repeats)
    except (ValueError, RecursionError) as err:
        raise Refused(400, "the body is not JSON") from err


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _no_repeats(pairs: list[tuple[str, Any]]) -> Json:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice")
    return made


def _check(statement: Any, place: str) -> None:
    """Raises Refused when it is not a statement that we may keep."""
    found = problems(statement)
    if found:
        raise Refused(400, f"{place}{found[0]}")
    try:
        json.dumps(statement, ensure_ascii=False).encode()
    except UnicodeEncodeError as err:
        raise Refused(400, "a text holds half a character") from err
    if any("fileUrl" not in attachment for attachment in statement.get("attachments", [])):
        raise Refused(400, "attachments are not taken, only their addresses (fileUrl)")


def _agent(text: str) -> str:
    try:
        agent = json.loads(text)
    except ValueError as err:
        raise Refused(400, "agent is not JSON") from err
    key = None if agent_problems(agent) else keys.agent_key(agent)
    if key is None:
        raise Refused(400, "agent is not an agent or identified group")
    return key


def _iri(text: str, name: str) -> str:
    if not is_iri(text):
        raise Refused(400, f"{name} is not an IRI")
    return text


def _uuid(text: str | None, name: str) -> str:
    if text is None or not is_uuid(text):
        raise Refused(400, f"{name} is not a UUID")
    return text.lower()


def _instant(name: str) -> datetime | None:
    text = request.args.get(name)
    if text is None:
        return None
    moment = find_instant(text)
    if moment is None:
        raise Refused(400, f"{name} is not a moment")
    return moment


def _flag(name: str) -> bool:
    return _one_of(name, ("true", "false"), "false") == "true"


def _one_of(name: str, allowed: tuple[str, ...], usual: str) -> str:
    value = request.args.get(name, usual)
    if value not in allowed:
        raise Refused(400, f"{name} must be one of {', '.join(allowed)}")
    return value


def _whole(name: str, least: int) -> int:
    text = request.args[name]
    if not re.fullmatch(r"\d{1,15}", text) or int(text) < least:
        raise Refused(400, f"{name} is not a whole number from {least}")
    return int(text)


def _json(status: int, value: object) -> Response:
    return Response(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")), status, mimetype="application/json"
    )


def _say_version(response: Response) -> Response:
    response.headers[VERSION_HEADER] = VERSIONS[0]
    return response


def _answer_refusal(refused: Refused) -> Response:
    response = _json(refused.status, {"error": str(refused)})
    if refused.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="LRS"'
    return response
