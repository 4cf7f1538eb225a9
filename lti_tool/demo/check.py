"""`make demo CHECK=1`: walks the whole thread over HTTP, says what holds, and ends with 0 or 1."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from lti_tool.demo import walks
from lti_tool.demo.answer_key import AnswerKey
from lti_tool.demo.browser import Browser, Tab
from lti_tool.demo.console import TROUBLE, in_words, say
from lti_tool.demo.findings import Findings, percentile
from lti_tool.demo.interruption import AskedToStop, Interruption
from lti_tool.demo.lrs_reader import LrsReader
from lti_tool.demo.municipalities import KLEINDORP
from lti_tool.demo.own_http import get
from lti_tool.demo.people import TEAMS, Colleague
from lti_tool.demo.stage import CONTENT, OPERATOR, PROJECT, Stage

LEARNER, SKIPPER, TEACHER, TEACHER_OF_KLEINDORP = "101", "102", "103", "307"
COLLEAGUES = 24
DOUBLE_CLICK_AT, PAUSE_AT = 2, 4
DELIVERY_SECONDS = 20.0
TOO_FEW = "te weinig mensen voor een groepsbeeld"
LARGE_TEAM = TEAMS[0][0]
SMALL_TEAMS = [team for team, size in TEAMS if size < 10]
PROOF = PROJECT / "build" / "proof" / "demo-check.json"

Seen = TypeVar("Seen")

P95_MS, TOOL_START_S, WHOLE_S = 60, 3, 180


def check(proof: Path = PROOF) -> int:
    """Start everything, walk, stop, print. Returns 0 when every fact holds, else 1."""
    began = time.perf_counter()
    findings = Findings()
    trouble = ""
    try:
        with Interruption() as interruption, Stage(usual_ports=False, interruption=interruption) as stage:
            say(f"Everything runs ({time.perf_counter() - began:.1f} s). Walking …")
            findings.figure("tool start", stage.tool_start_seconds, "s", TOOL_START_S)
            Walk(stage, findings).whole()
            stage.programs.check()
    except AskedToStop:
        say("Stopped before the end.")
        return 1
    except TROUBLE as err:
        trouble = in_words(err)
    findings.fact("the walk came to its end", not trouble, trouble)
    findings.figure("whole check", time.perf_counter() - began, "s", WHOLE_S)
    findings.write(proof)
    say("\n".join(findings.lines))
    say(f"\n{findings.table()}\n")
    if findings.missing:
        say(f"{len(findings.missing)} of {len(findings.lines)} facts do not hold.")
        return 1
    say(f"All {len(findings.lines)} facts hold.")
    return 0


class Walk:
    """The people of the demo, one after another."""

    def __init__(self, stage: Stage, findings: Findings) -> None:
        self._stage = stage
        self._fact = findings.fact
        self._figure = findings.figure
        self._key = AnswerKey.read(CONTENT)
        self._operator_lrs = LrsReader(stage.lrs_url, *stage.lrs_credentials("operator"))
        self._group_lrs = LrsReader(stage.lrs_url, *stage.lrs_credentials("group"))

    def whole(self) -> None:
        """Everybody, in the order in which the facts can be told apart."""
        self.learner()
        self.skipper()
        began = time.perf_counter()
        questions = self._stage.let_people_take_part(COLLEAGUES)
        self._figure("colleagues, two rounds", time.perf_counter() - began, "s")
        self._figure("questions they answered", questions, "questions")
        self.teacher()
        self.kleindorp()
        self.analyst()
        self.operator()

    def learner(self) -> None:
        """Sanne: practice, questions with a double click and a closed browser, advice, training, progress."""
        browser = Browser()
        tool = walks.launch(browser, self._stage.portal_url, LEARNER)
        self._fact("the learner comes in on the start page", tool.path == walks.START, tool.path)
        self._practice(tool)
        walks.begin(tool)
        milliseconds, queries = self._answer_some(tool, PAUSE_AT)
        position = _position(tool)
        tool.press("do", "pause")
        self._fact("the learner can pause", tool.path == "/paused", tool.path)
        browser.close()

        browser = Browser()  # the browser was closed in the middle of the assessment
        tool = walks.launch(browser, self._stage.portal_url, LEARNER)
        walks.begin(tool)
        self._fact("the assessment goes on where it was", _position(tool) == position, _position(tool))
        more, more_queries = self._answer_some(tool, walks.MOST_QUESTIONS)
        milliseconds, queries = milliseconds + more, queries + more_queries
        self._fact("after the questions comes the advice", tool.path == walks.ADVICE, tool.path)
        self._figure("questions for the learner", len(milliseconds), "questions")
        self._figure("answer to next question, p50", percentile(milliseconds, 0.50), "ms")
        self._figure("answer to next question, p95", percentile(milliseconds, 0.95), "ms", P95_MS)
        self._fact("the tool tells its number of queries", bool(queries))
        self._figure("queries in one answer, most", max(queries, default=0), "queries")

        shown = tool.page.words
        self._fact("the advice offers everybody a conversation", "Praat erover" in shown)
        tool.follow("antwoorden met uitleg")
        self._fact("the answers are explained", tool.path == "/answers", tool.path)
        tool.open(walks.ADVICE)
        pages = walks.take_training(tool, self._key, self._someone(LEARNER))
        self._fact("a training goes to its end", "Je hebt deze training gedaan" in tool.page.words)
        self._figure("pages of the training", pages, "pages")
        tool.open("/progress")
        self._fact("own progress can be seen", tool.page.status == 200, tool.page.status)
        browser.close()

        told = _wait_for(self._operator_lrs.statements, lambda found: len(found) > 0)
        self._fact("statements are in the LRS after the first learner", len(told) > 0, len(told))
        self._fact("the group key reads none of them", self._group_lrs.statements() == [])

    def skipper(self) -> None:
        """Youssef skips; at the portal that looks the same as taking part."""
        browser = Browser()
        tool = walks.launch(browser, self._stage.portal_url, SKIPPER)
        tool.press("do", "skip")
        self._fact("skipping leads to a training", tool.path == walks.ADVICE, tool.path)
        found = _wait_for(self._marks, lambda marks: {LEARNER, SKIPPER} <= set(marks))
        self._fact("both marks arrive at the portal", {LEARNER, SKIPPER} <= set(found), sorted(found))
        if {LEARNER, SKIPPER} <= set(found):
            same = found[LEARNER] == found[SKIPPER]
            self._fact("the mark is the same for done and skipped", same, found)
        course = walks.log_in(browser, self._stage.portal_url, SKIPPER)
        self._fact("the course page says klaar", "✓ klaar" in course.page.words)
        browser.close()

    def teacher(self) -> None:
        """Marijke looks around as a learner, which counts nowhere, and sees the group."""
        browser = Browser()
        tool = walks.launch(browser, self._stage.portal_url, TEACHER)
        self._fact("the teacher comes in on the page for staff", tool.path == "/staff", tool.path)
        before = self._settled()
        tool.press("do", "preview")
        walks.begin(tool)
        walks.answer_all(tool, self._key, self._someone(TEACHER))
        self._fact("the preview writes no statement", self._settled() == before)
        self._fact("the teacher gets no mark", TEACHER not in self._marks())
        tool.open("/staff")
        tool.follow("groepscijfers")
        words = tool.page.words
        self._fact("the group page shows the total", "minstens 20 mensen" in words)
        self._fact("the group page shows the team of 12", f"{LARGE_TEAM} minstens 10 mensen" in words)
        for team in SMALL_TEAMS:
            shown = f"{team} minstens" in words or f"? {team}" in words
            said = f"{team} {TOO_FEW}" in words
            self._fact(f"the group page hides the team of 6 {team!r}", said and not shown)
        browser.close()

    def kleindorp(self) -> None:
        """Six people are too few for a picture of the group."""
        browser = Browser()
        tool = walks.launch(browser, self._stage.portal_url, TEACHER_OF_KLEINDORP)
        tool.follow("groepscijfers")
        self._fact(f"{KLEINDORP} shows {TOO_FEW!r}", TOO_FEW in tool.page.words, tool.page.words[:200])
        browser.close()

    def analyst(self) -> None:
        """The CSV and the group stream hold published groups only."""
        answer = get(self._stage.csv_address())
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        self._fact("the analyst reads the CSV", answer.status_code == 200 and bool(rows), answer.status_code)
        groups = sorted({row["group"] for row in rows})
        right = groups == ["all", f"team:{LARGE_TEAM}"]
        self._fact("the CSV has the total and the team of 12, no other", right, groups)
        effects = [row for row in rows if row["measure"].startswith("effect:") and row["group"] == "all"]
        self._fact("the CSV has an effect with its interval", len(effects) >= 3, len(effects))
        told = _wait_for(self._group_lrs.statements, lambda found: len(found) > 0)
        self._fact("the group key reads group statements", len(told) > 0, len(told))
        individual = {s["id"] for s in self._operator_lrs.statements()}
        self._figure("individual statements in the LRS", len(individual), "statements")
        seen = sum(s["id"] in individual for s in told)
        self._figure("individual statements with the group key", seen, "statements", 0)
        self._fact("individual statements readable with the group key = 0", seen == 0, seen)
        status = self._group_lrs.status_of(next(iter(individual)))
        self._fact("asking for one by its id gives nothing either", status == 404, status)

    def operator(self) -> None:
        """The operator logs in and sees what arrives."""
        browser = Browser()
        tab = browser.tab()
        tab.open(f"{self._stage.tool_url}/operator/login")
        form = next(f for f in tab.page.forms if f.field("password"))
        tab.submit(form, {"name": OPERATOR, "password": self._stage.operator_password()})
        self._fact("the operator sees statements", "Werkwoord" in tab.page.words, tab.page.heading)
        self._fact("that page refreshes itself", "Refresh" in tab.page.headers)
        tab.open(f"{self._stage.tool_url}/demo/what-happened")
        self._fact("the page behind the scenes shows why questions came", "Waarom" in tab.page.words)
        browser.close()

    def _practice(self, tool: Tab) -> None:
        tool.press("do", "practice")
        walks.answer_one(tool, self._key, self._someone(LEARNER, always=True))
        self._fact("the practice question gives feedback", 'id="feedback"' in tool.page.source)

    def _answer_some(self, tool: Tab, count: int) -> tuple[list[float], list[int]]:
        """Answer at most `count` questions; milliseconds from answer to next page, and queries per answer."""
        milliseconds, queries = [], []
        for number in range(1, count + 1):
            if tool.path != walks.QUESTION:
                break
            asked, form = _position(tool), walks.question_form(tool.page)
            began = time.perf_counter()
            walks.answer_one(tool, self._key, self._someone(LEARNER))
            milliseconds.append((time.perf_counter() - began) * 1000)
            if "X-Queries" in tool.hops[0].headers:
                queries.append(int(tool.hops[0].headers["X-Queries"]))
            if number == DOUBLE_CLICK_AT and asked == number:
                shown = _position(tool)
                tool.submit(form, {}, "dont_know")  # the second click on a page that was answered
                self._fact("a double click changes nothing", _position(tool) == shown, tool.path)
        return milliseconds, queries

    def _someone(self, person_id: str, *, always: bool = False) -> walks.Responding:
        """How this person answers; `always` gives an answer to everything, never "weet ik niet"."""
        responder = Colleague(person_id, None).responding(1)
        if not always:
            return responder
        return lambda question, form: responder(question, form) or {"choice": form.values_of("choice")[0]}

    def _marks(self) -> dict[str, dict[str, Any]]:
        """By person: all that the portal knows except who and when."""
        answer = get(f"{self._stage.portal_url}/api/marks")
        told = ("done", "score_given", "score_maximum", "result", "activity_progress", "grading_progress")
        return {m["person_id"]: {name: m[name] for name in told} for m in answer.json()["marks"]}

    def _settled(self) -> int:
        """The number of statements in the operator stream once nothing arrives any more."""
        seen = -1
        while True:
            count = len(self._operator_lrs.statements())
            if count == seen:
                return count
            seen = count
            time.sleep(2.0)


def _wait_for(look: Callable[[], Seen], enough: Callable[[Seen], bool]) -> Seen:
    """Look until it is enough, or until delivery should long have come; returns what was seen last."""
    deadline = time.monotonic() + DELIVERY_SECONDS
    seen = look()
    while not enough(seen) and time.monotonic() < deadline:
        time.sleep(0.2)
        seen = look()
    return seen


def _position(tool: Tab) -> int:
    """The number of the question on the page."""
    field = walks.question_form(tool.page).field("position")
    return int(field.value) if field is not None else 0
