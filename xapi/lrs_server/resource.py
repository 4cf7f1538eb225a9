"""The Statements and About resources over HTTP, and the erasing of a person.

xAPI 1.0.3, Communication part: https://github.com/adlnet/xAPI-Spec/blob/master/xAPI-Communication.md. Not
offered yet: the document, agents and activities resources (404), and raw attachments (400).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from xapi.credentials import ANYTHING, EVERYBODY, Access
from xapi.formats import as_timestamp, find_instant
from xapi.lrs_server import asking, store
from xapi.lrs_server.answers import as_asked, as_multipart, dumped, page
from xapi.lrs_server.asking import (
    LIST_PARAMETERS,
    ONE_PARAMETERS,
    VERSION_HEADER,
    WITH_ONE_STATEMENT,
    Asked,
    Refused,
)
from xapi.lrs_server.keys import Json

VERSIONS = ["1.0.3", "1.0.2", "1.0.1", "1.0.0"]
CONSISTENT_HEADER = "X-Experience-API-Consistent-Through"
RETRY_AFTER_SECONDS = 2
CHALLENGE = {"WWW-Authenticate": 'Basic realm="LRS", charset="UTF-8"'}
EVERY_METHOD = ("GET", "POST", "PUT", "DELETE", "PATCH")
"""Each is routed, so that a wrong one is answered here too, with the headers that every answer has."""


class Doorkeeper(Protocol):
    """Knows names and passwords: `xapi.credentials.Credentials`."""

    def check(self, name: str, password: str) -> Access | None: ...


def lrs_blueprint(engine: Callable[[], Engine], credentials: Doorkeeper, home_page: str) -> Blueprint:
    """The LRS, to be mounted at a prefix.

    Args:
        engine: gives the database when a request needs it; its schema must be the newest.
        credentials: who may do what.
        home_page: IRI under which the authorities of statements are accounts.
    """
    blueprint = Blueprint("lrs", __name__)
    lrs = _Lrs(engine, credentials, home_page)
    for path, view, endpoint in (
        ("/about", lrs.about, "about"),
        ("/statements", lrs.statements, "statements"),
        ("/extensions/statements", lrs.erase, "erase"),
        ("/<path:other>", lrs.other, "other"),
    ):
        blueprint.add_url_rule(path, endpoint, view, methods=EVERY_METHOD)
    blueprint.after_request(_say_version)
    blueprint.after_request(lrs.say_consistent_through)
    blueprint.register_error_handler(Refused, _answer_refusal)
    blueprint.register_error_handler(RequestEntityTooLarge, _answer_too_large)
    blueprint.register_error_handler(OperationalError, _answer_busy)
    return blueprint


class _Lrs:
    def __init__(self, engine: Callable[[], Engine], credentials: Doorkeeper, home_page: str) -> None:
        self._engine = engine
        self._credentials = credentials
        self._home_page = home_page

    def about(self) -> Response:
        """Section 2.8; needs neither credentials nor a version."""
        asking.only_parameters(_asked("GET", "HEAD"), frozenset())
        return _json(200, dumped({"version": VERSIONS}))

    def statements(self) -> Response:
        """Section 2.1, in the usual syntax and the alternate one."""
        asked = _asked("GET", "HEAD", "POST", "PUT")
        asked.check_version()
        if asked.method == "POST":
            return self._post(asked)
        if asked.method == "PUT":
            return self._put(asked)
        return self._get(asked)

    def erase(self) -> Response:
        """Delete what is kept about a person, for good; an extension of ours (section 2.0)."""
        asked = _asked("DELETE")
        asked.check_version()
        access = self._access(asked, "erase")
        erased = store.erase(self._engine(), access, asking.agent_to_erase(asked))
        return _json(200, dumped({"erased": erased}))

    def other(self, other: str) -> Response:
        raise Refused(404, "this LRS has the resources /statements and /about")

    def say_consistent_through(self, response: Response) -> Response:
        """On every answer of the Statements resource (section 2.1.3), unless the database is away."""
        if request.endpoint == f"{request.blueprint}.statements" and response.status_code != 503:
            try:
                moment = store.consistent_through(self._engine())
            except OperationalError:
                return response
            response.headers[CONSISTENT_HEADER] = as_timestamp(moment)
        return response

    def _post(self, asked: Asked) -> Response:
        access = self._access(asked, "write")
        asking.only_parameters(asked, frozenset())
        statements = asking.statements(asked)
        self._keep(access, statements)
        return _json(200, dumped([statement["id"] for statement in statements]))

    def _put(self, asked: Asked) -> Response:
        access = self._access(asked, "write")
        asking.only_parameters(asked, frozenset({"statementId"}))
        self._keep(access, [asking.one_statement(asked)])
        return Response(status=204)

    def _get(self, asked: Asked) -> Response:
        access = self._access(asked, "read")
        asked.flag("attachments")
        if asked.parameters.keys() & ONE_PARAMETERS:
            return self._get_one(asked, access)
        asking.only_parameters(asked, LIST_PARAMETERS)
        form = asked.form
        found = store.find(self._engine(), access, asking.query(asked))
        more = ""
        if found.more_after is not None:
            further = {**asked.parameters, "cursor": str(found.more_after)}
            more = f"{request.script_root}{request.path}?{urlencode(further)}"
        bodies = [as_asked(body, form, _languages()) for body in found.bodies]
        return _found(asked, page(bodies, more))

    def _get_one(self, asked: Asked, access: Access) -> Response:
        name = "voidedStatementId" if "voidedStatementId" in asked.parameters else "statementId"
        asking.only_parameters(asked, WITH_ONE_STATEMENT | {name})
        statement_id = asking.statement_id(asked, name)
        form = asked.form
        body = store.find_one(self._engine(), access, statement_id, voided=name == "voidedStatementId")
        if body is None:
            raise Refused(404, "there is no such statement")
        response = _found(asked, as_asked(dumped(body), form, _languages()))
        response.last_modified = find_instant(body["stored"])
        return response

    def _keep(self, access: Access, statements: list[Json]) -> None:
        account = {"homePage": self._home_page, "name": f"{access.owner}/{access.stream}"}
        authority = {"objectType": "Agent", "account": account}
        try:
            store.keep(self._engine(), access, statements, authority)
        except store.IdTaken as err:
            raise Refused(409, f"another statement has the id {err}") from err

    def _access(self, asked: Asked, action: str) -> Access:
        """Who is asking (HTTP Basic, section 4.0), and may they do this. Raises Refused."""
        given = asked.authorization
        access = None
        if given is not None and given.type == "basic":
            access = self._credentials.check(given.username or "", given.password or "")
        if access is None:
            raise Refused(401, "no valid credentials", CHALLENGE)
        if access.action not in {action, ANYTHING} or (action == "write" and access.owner == EVERYBODY):
            raise Refused(403, f"these credentials may not {action}")
        return access


def _asked(*methods: str) -> Asked:
    """What is asked for with one of these methods. Raises Refused: 405 for another one (section 3.2)."""
    asked = asking.read(request)
    if asked.method not in methods:
        raise Refused(405, f"this resource knows {', '.join(methods)}", {"Allow": ", ".join(methods)})
    return asked


def _found(asked: Asked, body: str) -> Response:
    if asked.flag("attachments"):
        body, content_type = as_multipart(body)
        return Response(body, 200, content_type=content_type)
    return _json(200, body)


def _languages() -> list[str]:
    return [tag for tag, _ in request.accept_languages]


def _json(status: int, body: str) -> Response:
    return Response(body, status, mimetype="application/json")


def _say_version(response: Response) -> Response:
    response.headers[VERSION_HEADER] = VERSIONS[0]
    return response


def _answer_refusal(refused: Refused) -> Response:
    response = _json(refused.status, dumped({"error": str(refused)}))
    response.headers.update(refused.headers)
    return response


def _answer_too_large(error: RequestEntityTooLarge) -> Response:
    return _json(413, dumped({"error": f"the body is larger than {asking.LARGEST_BODY} bytes"}))


def _answer_busy(error: OperationalError) -> Response:
    """The database is away or locked: the client keeps what it has and comes back."""
    response = _json(503, dumped({"error": "the database does not answer"}))
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
