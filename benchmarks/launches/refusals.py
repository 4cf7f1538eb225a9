"""What the tool does with bad launches: every one through the whole web app, on a database, in its own login.

Between the bad ones good ones come in, or "nothing was accepted" would say nothing. What is looked for in every
answer, in the log and in the audit are the token's own parts and the mark that all its texts about somebody carry.
"""

from __future__ import annotations

import io
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from flask import Flask

from benchmarks.launches import claim_sets
from benchmarks.launches.good import Good
from benchmarks.launches.house import TENANT, Answer, Begun, Visitor, environment, open_house
from benchmarks.launches.mutations import mutate
from benchmarks.launches.portal import MARK, Portal, sign
from benchmarks.proof import Figure, figure
from lti_tool.lti.errors import LAUNCH_REASONS
from lti_tool.storage import audit
from lti_tool.storage.database import transaction

GOOD_EVERY: Final = 50
PIECE: Final = 24
"""Characters of a token that together are no accident when they come back."""
_CODE = re.compile(r"<code>([a-z_]+)</code>")

Form = dict[str, str]
Made = tuple[str, Form, str, frozenset[str]]
"""What it is called, what the browser sends, its proof, and the codes that are right; none named: any code."""


@dataclass
class Tally:
    """What came of the launches that were tried."""

    tried: int = 0
    accepted: int = 0
    failed: int = 0
    echoed: int = 0
    without_code: int = 0
    another_reason: int = 0
    good_refused: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    remarkable: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        for name in ("tried", "accepted", "failed", "echoed", "without_code", "another_reason", "good_refused"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.codes += other.codes
        self.kinds += other.kinds
        self.remarkable += other.remarkable

    def note(self, name: str, answer: Answer, form: Form, codes: frozenset[str]) -> None:
        self.tried += 1
        self.kinds[name] += 1
        found = _CODE.search(answer.said)
        code = found[1] if found else ""
        self.codes[code or str(answer.status)] += 1
        wrongs = {
            "accepted": answer.came_in,
            "failed": answer.status >= 500,
            "echoed": echoes(answer.said, form),
            # Larger than any form may be is refused before anybody reads it.
            "without_code": code not in LAUNCH_REASONS and answer.status != 413,
            "another_reason": bool(codes) and code not in codes,
        }
        for wrong, is_so in wrongs.items():
            if is_so:
                setattr(self, wrong, getattr(self, wrong) + 1)
                self.remarkable.append(f"{wrong}: {name}: {answer.status} {code}")

    def figures(self, what: str, tried: int) -> list[Figure]:
        return [
            figure(f"{what} tried", self.tried, "", f">= {tried}"),
            figure(f"{what} accepted", self.accepted, "", "<= 0"),
            figure(f"{what} answered with 5xx", self.failed, "", "<= 0"),
            figure(f"{what} of which something came back, or is in log or audit", self.echoed, "", "<= 0"),
            figure(f"{what} refused without a code of the table", self.without_code, "", "<= 0"),
            figure(f"{what} refused for another reason than what is wrong", self.another_reason, "", "<= 0"),
            figure(f"good launches among the {what} that were refused", self.good_refused, "", "<= 0"),
            figure(f"{what}: different codes", len(self.codes)),
        ]


def echoes(said: str, form: Form) -> bool:
    """Whether a text holds something of the token, or of what it says about somebody."""
    token = form.get("id_token", "")
    pieces = [part[:PIECE] for part in token.split(".") if len(part) >= PIECE]
    return (
        MARK in said or any(piece in said for piece in pieces) or (len(token) >= PIECE and token[-PIECE:] in said)
    )


def attack(
    database_url: str, folder: Path, portal: Portal, mutated: int, sets: int, seed: int
) -> tuple[Tally, Tally]:
    """Mutated tokens and generated claim sets, at one house; runs in a process of its own."""
    rng = Random(seed)  # noqa: S311 - to be the same in another run
    with _listening() as log:
        app = open_house(folder, portal, environment(database_url))
        visitor = Visitor(app, portal)
        of_tokens, of_sets = Tally(), Tally()
        _try_all(visitor, _mutated(visitor, mutated, rng), log, of_tokens)
        _try_all(visitor, _claim_sets(visitor, sets, rng, of_sets), log, of_sets)
        _look_in_audit(app, of_tokens)
    return of_tokens, of_sets


def _try_all(visitor: Visitor, made: Iterator[Made], log: io.StringIO, tally: Tally) -> None:
    for number, (name, form, proof, codes) in enumerate(made):
        answer = visitor.launch(form, proof)
        tally.note(name, answer, form, codes)
        written = log.getvalue()
        if not answer.came_in and "launch_refused" not in written and answer.status not in (413, 500):
            raise RuntimeError(f"this refusal is not in the log: {name}, {answer.status}")
        if echoes(written, form):
            tally.echoed += 1
            tally.remarkable.append(f"in the log: {name}")
        log.seek(0)
        log.truncate()
        if number % GOOD_EVERY == 0:
            begun = visitor.begin()
            good = sign(visitor.claims("learner", begun), visitor.portal.key)
            tally.good_refused += not visitor.launch({"state": begun.state, "id_token": good}, begun.proof).came_in


def _mutated(visitor: Visitor, number: int, rng: Random) -> Iterator[Made]:
    roles = ("learner", "instructor", "admin")
    portal = visitor.portal
    before = visitor.begin()
    for place in range(number):
        begun = visitor.begin()
        role = roles[place % 3]
        claims = visitor.claims(role, begun)
        if place % 40 == 0:
            yield _misplaced(visitor, begun, before, sign(claims, portal.key), rng)
        else:
            other = sign(visitor.claims(rng.choice(roles), before), portal.key)
            kind, token = mutate(Good(portal, claims, sign(claims, portal.key), other), rng)
            yield kind, {"state": begun.state, "id_token": token}, begun.proof, frozenset()
        before = begun


def _misplaced(visitor: Visitor, begun: Begun, before: Begun, token: str, rng: Random) -> Made:
    """A token without a fault, in the wrong place: another state, another browser, or a second time."""
    form = {"state": begun.state, "id_token": token}
    way = rng.choice(["replay", "another state", "a used state", "another browser", "no state"])
    if way == "replay":
        if not visitor.launch(form, begun.proof).came_in:
            raise RuntimeError("a good launch is refused")
        return way, form, begun.proof, frozenset({"state_unknown"})
    if way == "another browser":
        return way, form, before.proof, frozenset({"browser_differs"})
    if way == "no state":
        return way, {"id_token": token}, begun.proof, frozenset({"state_missing"})
    if way == "a used state":
        return way, {**form, "state": before.state}, begun.proof, frozenset({"state_unknown", "browser_differs"})
    fresh = visitor.begin(begun.proof)
    return way, {**form, "state": fresh.state}, begun.proof, frozenset({"nonce_differs"})


def _claim_sets(visitor: Visitor, number: int, rng: Random, tally: Tally) -> Iterator[Made]:
    portal = visitor.portal
    for place in range(number):
        begun = visitor.begin()
        made = claim_sets.wrong_set(portal, begun.nonce, time.time(), rng)
        kind = str(made.claims.get("https://purl.imsglobal.org/spec/lti/claim/message_type"))
        form = {"state": begun.state, "id_token": sign(made.claims, portal.key)}
        yield kind, form, begun.proof, made.codes
        if place % GOOD_EVERY == 0:
            begun = visitor.begin()
            good = claim_sets.good_set(portal, begun.nonce, time.time(), rng)
            form = {"state": begun.state, "id_token": sign(good.claims, portal.key)}
            answer = visitor.launch(form, begun.proof)
            if not answer.came_in:
                tally.good_refused += 1
                tally.remarkable.append(f"a good set is refused: {answer.status} {_CODE.findall(answer.said)}")


def _look_in_audit(app: Flask, tally: Tally) -> None:
    with app.app_context(), transaction(writes=False):
        rows = [*audit.audit_rows(TENANT), *audit.audit_rows("")]
    if not rows:
        raise RuntimeError("no refusal is in the audit")
    tally.echoed += sum(MARK in " ".join(map(str, row)) for row in rows)


@contextmanager
def _listening() -> Iterator[io.StringIO]:
    """What the tool logs, in memory; loggers that are made inside write there."""
    log = io.StringIO()
    with redirect_stderr(log):
        yield log
