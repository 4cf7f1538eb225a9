"""A municipality with every journey wired on a real database, and people to walk through them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import event, func, select

from lti_tool.domain.content import Item
from lti_tool.domain.people import Attempt, Where
from lti_tool.domain.scoring import Response
from lti_tool.domain.tenant import Tenant
from lti_tool.lti.launch import Launch
from lti_tool.recording import Pen
from lti_tool.storage import attempts as attempt_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import portals as portal_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import db, transaction
from lti_tool.storage.sealing import Seal
from lti_tool.storage.tables import Base
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.enter import Enter, Visit
from lti_tool.use_cases.inspect_visit import InspectVisit
from lti_tool.use_cases.publish_figures import PublishFigures
from lti_tool.use_cases.read_advice import ReadAdvice
from lti_tool.use_cases.read_reports import ReadReports
from lti_tool.use_cases.take_assessment import TakeAssessment
from lti_tool.use_cases.take_module import TakeModule
from tests.factories import NOW, make_campaign, make_tenant, right_response, wrong_response
from xapi.outbox import outbox

IRI_BASE = "https://digivaardig.example/xapi/"
ISSUER = "https://leren.voorbeeldstad.example"
LINE_ITEM = f"{ISSUER}/lineitems/7?type_id=3"
ENCRYPTION_KEY = Fernet.generate_key()
DONT_KNOW = Response(dont_know=True)


class AsRequests:
    """A journey of which every step has an application context of its own, as a request has."""

    def __init__(self, app: Flask, journey: object) -> None:
        self._app = app
        self._journey = journey

    def __getattr__(self, name: str) -> Callable[..., Any]:
        step = getattr(self._journey, name)

        @wraps(step)
        def in_a_request(*args: Any, **kwargs: Any) -> Any:
            with self._app.app_context():
                return step(*args, **kwargs)

        return in_a_request


class Town:
    """The journeys of one installation, as `create_app` wires them, without the doors.

    Its one municipality is Voorbeeldstad, with a portal and an open default campaign.
    """

    def __init__(
        self,
        app: Flask,
        content_folder: Path,
        *,
        door: Any = None,
        keep_claims: bool = True,
        completions_at_once: bool = False,
    ) -> None:
        self.app = app
        self.seal = Seal((ENCRYPTION_KEY,))
        self.content = ChooseContent(content_folder)
        self.pen = Pen(IRI_BASE, self.seal, completions_at_once=completions_at_once)
        self.enter = AsRequests(app, Enter(door, self.content, self.pen, self.seal, keep_claims=keep_claims))
        self.assessment = self.assessment_with(self.pen)
        self.advice = AsRequests(app, ReadAdvice(self.content))
        self.module = AsRequests(app, TakeModule(self.content, self.pen))
        self.figures = AsRequests(app, PublishFigures(self.content, self.pen))
        self.reports = AsRequests(app, ReadReports(self.content))
        self.inspect = AsRequests(app, InspectVisit(self.content, self.pen))

    def assessment_with(self, pen: Any) -> Any:
        """The assessment with another pen."""
        return AsRequests(self.app, TakeAssessment(self.content, pen))

    def in_transaction(self, act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a storage function as a journey would."""
        with self.app.app_context(), transaction():
            return act(*args, **kwargs)

    def settle(self, tenant_id: str = "voorbeeldstad", **changes: Any) -> None:
        """Add or change a municipality with its portal."""

        def save() -> None:
            tenant_rows.save_tenant(make_tenant(id=tenant_id, **changes))
            db.session.flush()
            portal_rows.save_portal(
                portal_rows.Portal(
                    tenant_id=tenant_id,
                    id="leerportaal",
                    name="Leerportaal",
                    issuer=ISSUER,
                    client_id=f"client-of-{tenant_id}",
                    auth_login_url=f"{ISSUER}/auth",
                    token_url=f"{ISSUER}/token",
                    jwks_url=f"{ISSUER}/jwks",
                    deployment_ids=frozenset({"1"}),
                )
            )

        self.in_transaction(save)

    def tenant(self) -> Tenant:
        """Voorbeeldstad as it was saved."""
        return self.in_transaction(tenant_rows.load_tenant, "voorbeeldstad")  # type: ignore[no-any-return]

    def hold_campaign(self, **changes: Any) -> None:
        """Add or change a campaign; the default one of Voorbeeldstad unless said otherwise."""
        self.in_transaction(tenant_rows.save_campaign, make_campaign(**changes))

    def visit(self, sub: str = "learner-1", now: datetime = NOW, **changes: Any) -> Visit:
        """Somebody clicks in the portal; the protocol is tested elsewhere."""
        with self.app.app_context(), transaction():
            return self.enter._journey._visit(launch(sub, **changes), now)  # type: ignore[no-any-return]

    def arrive(self, sub: str = "learner-1", now: datetime = NOW, **changes: Any) -> Where:
        """A learner who read the start page and goes on."""
        where = self.visit(sub, now, **changes).where
        self.enter.acknowledge(where, now)
        return where

    def begin(self, sub: str = "learner-1", now: datetime = NOW, **changes: Any) -> Where:
        """A learner in front of the first question."""
        where = self.arrive(sub, now, **changes)
        self.assessment.begin(where, now)
        return where

    def reply(
        self, where: Where, how: Callable[[Item], Response], now: datetime = NOW
    ) -> tuple[str, int, Response]:
        """Answer the question being asked; returns what was sent."""
        question = self.assessment.question(where)
        sent = (question.item.key, question.position, how(question.item))
        self.assessment.answer(where, *sent, now)
        return sent

    def answer_all(self, where: Where, how: Callable[[Item], Response], now: datetime = NOW) -> int:
        """Answer to the end; returns how many questions there were."""
        asked = 0
        while (question := self.assessment.question(where)) is not None:
            asked += 1
            self.assessment.answer(where, question.item.key, question.position, how(question.item), now)
        return asked

    def finish(self, sub: str, how: Callable[[Item], Response], now: datetime = NOW, **changes: Any) -> Where:
        """A whole sitting, from the portal's page to the advice."""
        where = self.begin(sub, now, **changes)
        self.answer_all(where, how, now)
        return where

    def rename(self, where: Where, **changes: Any) -> None:
        """Change a participation's row directly."""

        def change() -> None:
            participation = participation_rows.load_participation(where)
            participation_rows.save_participation(replace(participation, **changes))

        self.in_transaction(change)

    def attempts(self, where: Where) -> list[Attempt]:
        """The sittings of somebody, oldest first."""
        return self.in_transaction(attempt_rows.attempts, where)  # type: ignore[no-any-return]

    def items_of(self, where: Where) -> list[str]:
        """The items that somebody answered, in order."""
        return [answer.item_id for attempt in self.attempts(where) for answer in attempt.answers]

    def outbox(self, kind: str = "statement", stream: str = "operator") -> list[dict[str, Any]]:
        """The rows that wait to leave, oldest first."""
        query = select(outbox).where(outbox.c.kind == kind, outbox.c.stream == stream).order_by(outbox.c.seq)
        rows = self.in_transaction(lambda: db.session.execute(query).mappings().all())
        return [dict(row) for row in rows]

    def statements(self, stream: str = "operator") -> list[dict[str, Any]]:
        """The statements that wait to leave, oldest first."""
        return [json.loads(row["body"]) for row in self.outbox(stream=stream)]

    def verbs(self) -> list[str]:
        """The last word of the verb of each waiting statement, oldest first."""
        return [statement["verb"]["id"].rsplit("/", 1)[-1] for statement in self.statements()]

    @contextmanager
    def counting_queries(self) -> Iterator[list[str]]:
        """Every SQL statement of the block; BEGIN and COMMIT are not among them."""
        seen: list[str] = []

        def keep(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if not statement.startswith("BEGIN"):
                seen.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", keep)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", keep)

    def count(self, table: str) -> int:
        """The number of rows of a table."""
        return int(self.in_transaction(db.session.scalar, select(func.count()).select_from(_table(table))))


def _table(name: str) -> Any:
    return outbox if name == "outbox" else Base.metadata.tables[name]


def launch(sub: str = "learner-1", **changes: Any) -> Launch:
    """A verified launch of a learner."""
    tenant_id = changes.get("tenant_id", "voorbeeldstad")
    values: dict[str, Any] = {
        "tenant_id": tenant_id,
        "portal_id": "leerportaal",
        "deployment_id": "1",
        "issuer": ISSUER,
        "client_id": f"client-of-{tenant_id}",
        "sub": sub,
        "roles": ("Learner",),
        "is_staff": False,
        "context_id": "12",
        "context_title": "Digivaardig",
        "resource_link_id": "7",
        "custom": {},
        "line_item_url": LINE_ITEM,
        "line_item_scopes": ("https://purl.imsglobal.org/spec/lti-ags/scope/score",),
        "locale": "nl",
        "return_url": f"{ISSUER}/course/12",
        "claims_used": {"iss": ISSUER},
        "marks": "possible" if changes.get("line_item_url", LINE_ITEM) else "no_line_item",
        "portal_origins": (ISSUER,),
    }
    return Launch(**{**values, **changes})


right, wrong = right_response, wrong_response
"""How somebody replies."""


def dont_know(item: Item) -> Response:
    """ "Weet ik niet"."""
    return DONT_KNOW


def at_the_same_moment(acts: Iterable[Callable[[], Any]]) -> list[Any]:
    """Run each act in a thread of its own, all released together; the results, or what was raised."""
    acts = list(acts)
    together = threading.Barrier(len(acts), timeout=30)

    def run(act: Callable[[], Any]) -> Any:
        together.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        running = [pool.submit(run, act) for act in acts]
    return [future.exception() or future.result() for future in running]
