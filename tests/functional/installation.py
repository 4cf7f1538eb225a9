"""A whole installation on real ports: portal, LRS and tool over HTTP, on a database that tests can look into."""

from __future__ import annotations

import io
import json
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jwt
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, text
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from lti_tool.app import Commands, create_app, create_lrs, migrate
from lti_tool.demo import walks
from lti_tool.demo.browser import Browser, Tab
from lti_tool.demo.lrs_reader import LrsReader
from lti_tool.demo.municipalities import VOORBEELDSTAD, write_files
from lti_tool.demo.page import Field, Form, Page
from lti_tool.demo.processes import free_port
from lti_tool.demo_portal.app import create_portal
from lti_tool.domain.people import Where
from lti_tool.settings import LRS_RIGHTS, Settings
from lti_tool.storage import participations as participation_rows
from lti_tool.storage.database import db, transaction
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.lrs_access import LrsAccess
from tests.profiled import fits_profile
from xapi import outbox_care
from xapi.engine import make_engine

CONTENT = Path(__file__).resolve().parents[2] / "content_packages"
Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Write nothing."""


class Server:
    """A WSGI application on a port; it can be stopped and started again, and keeps what it knows."""

    def __init__(self, app: Wsgi, host: str, port: int) -> None:
        self._app = app
        self._place = (host, port)
        self._running: tuple[BaseWSGIServer, threading.Thread] | None = None

    def start(self) -> None:
        server = make_server(*self._place, self._app, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        self._running = (server, thread)

    def stop(self) -> None:
        if self._running is not None:
            server, thread = self._running
            self._running = None
            server.shutdown()
            thread.join()
            server.server_close()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody answers at this port inside the block."""
        self.stop()
        try:
            yield
        finally:
            self.start()


class Portal:
    """The demo portal with a counter at the address where scores arrive."""

    def __init__(self, port: int, tool_url: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.app = create_portal(self.url, tool_url)
        self.known = self.app.extensions["demo_portal"]
        self.scores: list[tuple[str, str]] = []
        """Of each score that was posted: the person, and the status that it got."""
        self.server = Server(self._counting, "127.0.0.1", port)

    def registrations(self) -> list[dict[str, Any]]:
        with self.app.test_client() as client:
            answer = client.get("/api/registrations", base_url=self.url)
            return list(answer.get_json()["registrations"])

    def sign(self, token: str, **changes: object) -> str:
        """The same token with other claims, signed with the portal's own key."""
        claims = jwt.decode(token, options={"verify_signature": False})
        return str(self.known.key.sign({**claims, **changes}))

    def marks_of(self, person_id: str) -> list[str]:
        """The statuses of the scores that were posted for somebody."""
        return [status for person, status in self.scores if person == person_id]

    def _counting(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if not environ["PATH_INFO"].endswith("/scores"):
            return self.app(environ, start_response)
        body = _body(environ)
        person = json.loads(body)["userId"]

        def start(status: str, headers: Any, *rest: Any) -> Any:
            self.scores.append((person, status.split()[0]))
            return start_response(status, headers, *rest)

        return self.app(environ, start)


class Doorstep:
    """Stands before the tool; while `holding`, a launch is kept here and does not come in."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self._hold = False
        self.kept: dict[str, str] = {}

    @contextmanager
    def holding(self) -> Iterator[None]:
        self._hold = True
        try:
            yield
        finally:
            self._hold = False

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if self._hold and environ["PATH_INFO"] == "/lti/launch":
            self.kept = dict(parse_qsl(_body(environ).decode()))
            start_response("200 OK", [("Content-Type", "text/html")])
            return [b"<h1>held</h1>"]
        return self._app(environ, start_response)


def _body(environ: Environ) -> bytes:
    """Read the body, and put it back for the next."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


@dataclass
class Addresses:
    """Where everything is, and what the environment of the tool says about it."""

    folder: Path
    database_url: str = ""
    mounted_lrs: bool = False
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ports = {name: free_port() for name in ("portal", "tool", "lrs")}
        self.database_url = self.database_url or f"sqlite:///{self.folder / 'tool.sqlite3'}"
        self.tool_url = f"http://localhost:{self.ports['tool']}"
        own_lrs = f"http://127.0.0.1:{self.ports['lrs']}/xapi"
        self.lrs_url = f"{self.tool_url}/xapi" if self.mounted_lrs else own_lrs
        self.environment = {
            "PUBLIC_URL": self.tool_url,
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": secrets.token_hex(32),
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "DEMO": "1",
            "ALLOW_PRIVATE_PORTALS": "1",
            "LRS_DATABASE_URL": "" if self.mounted_lrs else f"sqlite:///{self.folder / 'lrs.sqlite3'}",
            "LRS_URL": "" if self.mounted_lrs else own_lrs,
            "LRS_KEYS": json.dumps({name: secrets.token_urlsafe(24) for name in LRS_RIGHTS}),
            "CONTENT_DIR": str(CONTENT),
            "FIGURES_EVERY_MINUTES": "0",
            "LOG_LEVEL": "error",
        }

    def settings(self) -> Settings:
        values: dict[str, Any] = {name.lower(): value for name, value in self.environment.items()}
        return Settings(**{**values, "lrs_keys": json.loads(values["lrs_keys"])})


class Installation:
    """Portal, tool and LRS behind servers in threads of this process, with the two municipalities applied.

    `serve=False` leaves tool and LRS to processes of their own; the journeys of the command line are here.
    """

    def __init__(self, where: Addresses, *, serve: bool = True) -> None:
        self.where = where
        self.settings = where.settings()
        migrate(self.settings)
        self.app = create_app(self.settings)
        self.portal = Portal(where.ports["portal"], where.tool_url)
        self.doorstep = Doorstep(self.app)
        self.tool = Server(self.doorstep, "localhost", where.ports["tool"])
        self.engine: Engine = make_engine(where.database_url)
        self._serve = serve
        self._environment = pytest.MonkeyPatch()
        self.lrs = self._lrs_server()
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
        for file in write_files(where.folder, self.portal.registrations(), yesterday):
            with self.app.app_context():
                self.commands.connect.apply(file, datetime.now(UTC))

    def _lrs_server(self) -> Server | None:
        if not self._serve or self.settings.built_in_lrs_is_mounted:
            return None
        return Server(create_lrs(self.settings), "127.0.0.1", self.where.ports["lrs"])

    def __enter__(self) -> Installation:
        for name in ("NO_PROXY", "no_proxy"):  # no proxy of this machine stands between the parts
            self._environment.setenv(name, "127.0.0.1,localhost")
        self.portal.server.start()
        if self._serve:
            self.tool.start()
        if self.lrs is not None:
            self.lrs.start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self.tool, self.lrs, self.portal.server):
            if server is not None:
                server.stop()
        self._environment.undo()
        self.engine.dispose()
        with self.app.app_context():
            db.engine.dispose()

    @property
    def commands(self) -> Commands:
        made: Commands = self.app.extensions["commands"]
        return made

    def work(self) -> int:
        """One round of the worker; returns how many messages left."""
        with self.app.app_context():
            return self.commands.work.round(datetime.now(UTC))

    def reader(self, stream: str, owner: str = VOORBEELDSTAD) -> LrsReader:
        access = LrsAccess(self.settings.lrs_endpoint, self.settings.lrs_keys)
        return LrsReader(*access.reading_credentials(owner, stream))

    # --- people -----------------------------------------------------------------------------------

    def course(self, browser: Browser, person_id: str) -> Tab:
        return walks.log_in(browser, self.portal.url, person_id)

    def launch(self, browser: Browser, person_id: str) -> Tab:
        return walks.launch(browser, self.portal.url, person_id)

    def held_launch(self, browser: Browser, person_id: str) -> tuple[Tab, dict[str, str]]:
        """A frame that is about to launch, and the form that it would send."""
        course = self.course(browser, person_id)
        link = course.page.link_to("/activity/")
        assert link is not None
        course.open(link.address)
        with self.doorstep.holding():
            frame = course.frame()
        assert frame.page.heading == "held"
        return frame, dict(self.doorstep.kept)

    def send_launch(self, frame: Tab, form: Mapping[str, str]) -> Page:
        return frame.submit(self.form("/lti/launch", form))

    def form(self, path: str, values: Mapping[str, Any]) -> Form:
        """A form of our own making, to be sent to the tool; bytes go as they are."""
        fields = [Field(name, "hidden", value) for name, value in values.items()]
        return Form(f"{self.where.tool_url}{path}", "POST", fields=fields)

    # --- what the database knows ------------------------------------------------------------------

    def rows(self, sql: str, **values: object) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(sql), values).all())

    def place_of(self, person_id: str) -> Where:
        """The participation of a learner of Voorbeeldstad."""
        ((participation, campaign),) = self.rows(
            "select p.id, p.campaign_id from participation p join learner l"
            " on l.tenant_id = p.tenant_id and l.id = p.learner_id"
            " where l.sub = :sub and p.tenant_id = :tenant and not p.preview",
            sub=person_id,
            tenant=VOORBEELDSTAD,
        )
        return Where(VOORBEELDSTAD, campaign, participation)

    def answers_of(self, person_id: str) -> list[tuple[int, str]]:
        """Position and item of each answer of somebody, in order."""
        found = self.rows(
            "select a.position, a.item_id from answer a join attempt t on t.tenant_id = a.tenant_id"
            " and t.id = a.attempt_id where t.participation_id = :id order by a.position",
            id=self.place_of(person_id).participation_id,
        )
        return [(row.position, row.item_id) for row in found]

    def written_about(self, person_id: str) -> list[dict[str, Any]]:
        """The statements about somebody, as they stand in the outbox, oldest first."""
        place = self.place_of(person_id)
        with self.app.app_context(), transaction(writes=False):
            identity = participation_rows.load_identity(place, Seal(self.settings.fernet_keys))
            bodies = outbox_care.bodies_about(db.session.connection(), place.tenant_id, identity.pseudonym)
        said = [json.loads(body) for body in bodies]
        for statement in said:  # written by processes of their own
            fits_profile(statement)
        return said

    def answered(self, person_id: str) -> list[dict[str, Any]]:
        """The statements that say that somebody answered something."""
        return [s for s in self.written_about(person_id) if s["verb"]["id"].endswith("/answered")]
