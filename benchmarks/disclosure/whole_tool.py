"""The same organisations in the whole tool: what its page, CSV and group statements say is what was attacked."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import secrets
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Final

import yaml
from flask import Flask
from sqlalchemy import select
from werkzeug.test import Client

from benchmarks.disclosure.organisations import (
    DOMAINS,
    LEVELS,
    MODULES,
    History,
    Organisation,
    Person,
    history,
    moment_of,
)
from benchmarks.launches.house import TENANT, TOOL_URL, described, environment, open_house
from benchmarks.launches.portal import Portal
from lti_tool.app import Commands
from lti_tool.domain.disclosure import DisclosedFigure, newest
from lti_tool.domain.funnel import STEPS
from lti_tool.domain.people import DomainResult, Identity, Participation, Training, Where
from lti_tool.settings import Settings
from lti_tool.storage import attempts as attempt_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage import trainings as training_rows
from lti_tool.storage.database import db, new_id, transaction
from lti_tool.storage.sealing import Seal
from xapi.outbox import outbox

Told = tuple[str, str, int, str, str]
"""Measure, group, at least so many people, name of a value, and the value as text."""

# The tool weighs answers for an effect, and people here gave none: what it says there is its own.
_OWN_VALUES: Final = "effect"


def differences(seed: int, snapshots: int, folder: Path) -> dict[str, int]:
    """How many lines differ from what was attacked, where a reader can look; and how many lines there were."""
    lived = history(seed, snapshots)
    portal = Portal("http://127.0.0.1:1", TOOL_URL)
    wanted = environment(f"sqlite:///{folder / 'tool.sqlite3'}")
    app = open_house(folder, portal, {**wanted, "LOG_LEVEL": "warning"})
    seal = Seal(
        Settings(**{k.lower(): json.loads(v) if k == "LRS_KEYS" else v for k, v in wanted.items()}).fernet_keys
    )
    with app.app_context():
        campaign_id = _live(app, portal, Organisation(seed), snapshots, folder, seal)
        commands: Commands = app.extensions["commands"]
        link = commands.reports.make_csv_link(TENANT, campaign_id, datetime.now(UTC))
        password = commands.operate.add_operator("lezer", datetime.now(UTC))
        query = select(outbox.c.body).where(outbox.c.stream == "group").order_by(outbox.c.seq)
        bodies = list(db.session.scalars(query))
    client = Client(app)
    text = client.get(f"/figures/{link}.csv", base_url=TOOL_URL).get_data(as_text=True)
    attacked = [_told(figure) for moment in lived.moments for figure in moment.disclosed.figures]
    expected = sorted(line for lines in attacked for line in lines)
    return {
        "lines attacked": len(expected),
        "CSV": _apart(expected, _of_csv(text)),
        "group statements": _apart(expected, _of_statements(bodies)),
        "page": _apart(_page_numbers(lived), _on_the_page(client, campaign_id, password)),
    }


def _live(app: Flask, portal: Portal, people: Organisation, snapshots: int, folder: Path, seal: Seal) -> str:
    """The same life as in memory, written to the database; publishes after each step."""
    commands: Commands = app.extensions["commands"]
    file = folder / "with-teams.yaml"
    file.write_text(yaml.safe_dump({**described(portal), "teams": list(people.teams)}))
    commands.connect.apply(file, datetime.now(UTC))
    with transaction():
        (campaign,) = tenant_rows.campaigns(TENANT)
        tenant_rows.save_campaign(replace(campaign, post_from=moment_of(0) - timedelta(days=1)))
    places: dict[str, Where] = {}
    kept: dict[str, int] = {}
    for number in range(snapshots):
        people.live(late=number >= snapshots // 2)
        now = moment_of(number)
        with transaction():
            for gone in places.keys() - {person.id for person in people.inside}:
                participation_rows.remove_participation(places.pop(gone))
            for person in people.inside:
                if person.id not in places:
                    places[person.id] = _takes_part(person, campaign.id, seal, now)
                for sitting in range(kept.get(person.id, 0), len(person.sittings)):
                    _sits(places[person.id], person, sitting, now)
                kept[person.id] = len(person.sittings)
                _trains(places[person.id], person, now)
        commands.figures.publish_everywhere(now)
    return campaign.id


def _takes_part(person: Person, campaign_id: str, seal: Seal, now: datetime) -> Where:
    learner, _ = participation_rows.find_or_add_learner(TENANT, "leerportaal", person.id, now)
    participation = Participation(
        TENANT,
        new_id(now),
        campaign_id,
        learner,
        preview=False,
        team=person.team,
        language="nl",
        first_launch_at=now,
        acknowledged_at=now,
    )
    name = base64.b32encode(secrets.token_bytes(20)).decode().lower()
    participation_rows.add_participation(participation, Identity(name, str(uuid.uuid4())), seal)
    return participation.where


def _sits(where: Where, person: Person, sitting: int, now: datetime) -> None:
    attempt = attempt_rows.begin_attempt(
        where, number=sitting + 1, bank_version="b", package_sha256="s", excluded=(), now=now
    )
    profile = [
        DomainResult(
            domain,
            estimate,
            0.3,
            estimate - 0.6,
            estimate + 0.6,
            LEVELS[level],
            None,
            tuple(float(place == level) for place in range(len(LEVELS))),
            3,
            estimate,
            0.3,
        )
        for domain, (level, estimate) in zip(DOMAINS, person.sittings[sitting], strict=True)
    ]
    attempt_rows.finish_attempt(attempt, profile, "measured", now)


def _trains(where: Where, person: Person, now: datetime) -> None:
    for module, step in zip(MODULES, person.steps, strict=True):
        if step:
            finished = now if STEPS[step] == "done" else None
            row = Training(where.tenant_id, where.participation_id, module, "1", "goal", 0, now, finished)
            training_rows.save_training(row)


def _told(figure: DisclosedFigure) -> list[Told]:
    values = {} if figure.measure.startswith(_OWN_VALUES) else figure.values
    return [(figure.measure, figure.group, figure.n_shown, name, str(v)) for name, v in values.items()] or [
        (figure.measure, figure.group, figure.n_shown, "", "")
    ]


def _of_csv(text: str) -> list[Told]:
    rows = csv.DictReader(io.StringIO(text))
    found: dict[Told, str] = {}
    lines: list[Told] = []
    for row in rows:
        effect = row["measure"].startswith(_OWN_VALUES)
        named = ("", "") if effect else (row["value"], row["figure"])
        line: Told = (row["measure"], row["group"], int(row["n_at_least"]), *named)
        if effect and found.get(line) == row["published_at"]:
            continue  # one line of an effect stands for all of them
        found[line] = row["published_at"]
        lines.append(line)
    return lines


def _of_statements(bodies: Iterable[str]) -> list[Told]:
    lines: list[Told] = []
    for body in bodies:
        said = json.loads(body)["result"]["extensions"]
        group = next(value for name, value in said.items() if name.endswith("/group"))
        for measure, values in next(value for name, value in said.items() if name.endswith("/figures")).items():
            n = values.pop("n-at-least")
            lines += _told(DisclosedFigure(measure, group, values, n))
    return lines


def _page_numbers(lived: History) -> list[str]:
    seen = newest([moment.disclosed for moment in lived.moments])
    figures = seen.figures if seen else ()
    people = [f"minstens {figure.n_shown} mensen" for figure in figures if figure.measure == "participation"]
    shares = [
        f"ongeveer {share} %"
        for figure in figures
        if figure.measure.startswith(("levels", "module"))
        for share in figure.values.values()
    ]
    return people + shares


def _on_the_page(client: Client, campaign_id: str, password: str) -> list[str]:
    page = client.get("/operator/login", base_url=TOOL_URL).get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    form = {"name": "lezer", "password": password, "csrf_token": token[1] if token else ""}
    client.post("/operator/login", base_url=TOOL_URL, data=form, headers={"Referer": f"{TOOL_URL}/operator/login"})
    answer = client.get(f"/figures/campaigns/{campaign_id}", base_url=TOOL_URL, query_string={"tenant": TENANT})
    if answer.status_code != 200:
        raise RuntimeError(f"the page of figures answers {answer.status_code}")
    text = unescape(answer.get_data(as_text=True))
    bold = re.findall(r"<strong>(minstens \d+ mensen)</strong>", text)
    return bold + re.findall(r">(ongeveer \d+ %)<", text)


def _apart(expected: Iterable[object], found: Iterable[object]) -> int:
    """How many lines are in one and not in the other, each as often as it is there."""
    first, second = Counter(expected), Counter(found)
    return (first - second).total() + (second - first).total()
