"""A small tool with an assessment of three questions, in the form that the real pages have."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import yaml
from flask import Response, abort, redirect, request

from tests.functional.small_tool import SmallTool

SESSION = "__Host-session"
TEAMS = ("Balie en klantcontact", "Wmo", "Vergunningen")
ITEMS: tuple[dict[str, Any], ...] = (
    {"id": "VEI-INT-0001", "type": "single_choice", "options": [{"id": "a", "correct": True}, {"id": "b"}]},
    {"id": "VEI-INT-0002", "type": "order", "options": [{"id": "a"}, {"id": "b"}, {"id": "c"}]},
    {
        "id": "VEI-INT-0003",
        "type": "match",
        "pairs": [{"left": "l", "right": "r"}, {"left": "k", "right": "s"}],
    },
)
RIGHT = (
    {"choice": "a"},
    {"place-a": "1", "place-b": "2", "place-c": "3"},
    {"row-0": "7", "row-1": "8"},
)
TRAINING = "/trainings/M-VEI-001"


def write_content(folder: Path) -> None:
    """The item files that belong to the questions."""
    items = folder / "small" / "items" / "veiligheid"
    items.mkdir(parents=True)
    for item in ITEMS:
        described = {"version": 1, "domain": "veiligheid", "difficulty": {"b": 0.0}, **item}
        (items / f"{item['id']}.yaml").write_text(yaml.safe_dump(described), "utf-8")


class SmallAssessment(SmallTool):
    """Remembers each person's team and answers; a person may take part twice."""

    def __init__(self, portal_url: str) -> None:
        super().__init__(portal_url)
        self.teams: dict[str, str] = {}
        self.answers: dict[str, list[bool]] = {}
        self.training: dict[str, list[str]] = {}
        self._sessions: dict[str, str] = {}
        rules = (
            ("/question", self.question),
            ("/advice", self.advice),
            (TRAINING, self.step),
        )
        for rule, view in rules:
            self.app.add_url_rule(rule, view_func=view, methods=["GET", "POST"])
        self.app.add_url_rule("/start", "choose", self.choose, methods=["POST"])

    def entered(self, claims: dict[str, Any]) -> Response:
        answer = super().entered(claims)
        session = secrets.token_urlsafe(16)
        self._sessions[session] = claims["sub"]
        answer.set_cookie(SESSION, session, secure=True, httponly=True, samesite="None", partitioned=True)
        return answer

    def start(self) -> str:
        self._who()
        options = "".join(f"<option value='{team}'>{team}</option>" for team in TEAMS)
        return _page(
            "Start",
            "<form method=post action=/start><button name=do value=begin>Start</button></form>"
            f"<form method=post action=/start><select name=team><option value=''>-</option>{options}</select>"
            "<button name=do value=team>Bewaar</button></form>",
        )

    def choose(self) -> Response:
        who = self._who()
        if request.form["do"] == "team":
            self.teams[who] = request.form["team"]
            return redirect("/start#title", 303)  # type: ignore[return-value]
        return redirect("/question#title", 303)  # type: ignore[return-value]

    def question(self) -> Any:
        who = self._who()
        given = self.answers.setdefault(who, [])
        number = len(given) % len(ITEMS)
        if request.method == "POST":
            right = all(request.form.get(name) == value for name, value in RIGHT[number].items())
            given.append(right and request.form["do"] == "answer")
            return redirect("/advice" if number == len(ITEMS) - 1 else "/question", 303)
        return _page(f"Vraag {number + 1}", f"<form method=post>{_fields(number)}{_BUTTONS}</form>")

    def advice(self) -> str:
        self._who()
        form = f"<form method=post action={TRAINING}><button name=do value=open>Begin</button></form>"
        return _page("Advies", form)

    def step(self) -> Any:
        done = self.training.setdefault(self._who(), [])
        if request.method == "POST":
            done.append(request.form.get("do") or f"step {request.form['step']}")
            return redirect(TRAINING, 303)
        check = "<button name=do value=check>Kijk na</button>"
        question = f"<form method=post>{_fields(0)}{check}</form>" if "step 2" in done else ""
        on = "<button name=do value=finish>Klaar</button>"
        if "step 2" not in done:
            on = "<button name=step value=2>Volgende stap</button>"
        return _page("Stap", f"{question}<form method=post>{on}</form>")

    def _who(self) -> str:
        session = request.cookies.get(SESSION, "")
        if session not in self._sessions:
            abort(403)
        return self._sessions[session]


_BUTTONS = (
    "<button name=do value=answer>Antwoord geven</button><button name=do value=dont_know>Weet ik niet</button>"
)


def _fields(number: int) -> str:
    item = ITEMS[number]
    hidden = f"<input type=hidden name=item value='{item['id']}@1'>"
    if item["type"] == "single_choice":
        radios = (f"<input type=radio name=choice value={o['id']}>" for o in item["options"])
        return hidden + "".join(radios)
    names = [f"place-{o['id']}" for o in item.get("options", ())] or ["row-0", "row-1"]
    shown = {"1": "1", "2": "2", "3": "3"} if item["type"] == "order" else {"8": "s", "7": "r"}
    options = "".join(f"<option value={value}>{text}</option>" for value, text in shown.items())
    return hidden + "".join(f"<select name={name}>{options}</select>" for name in names)


def _page(title: str, body: str) -> str:
    return f"<!doctype html><html lang=nl><title>{title}</title><h1>{title}</h1>{body}"
