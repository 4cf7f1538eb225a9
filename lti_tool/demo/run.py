"""`make demo`: starts everything, lets the fictitious colleagues take part, and says where to look."""

from __future__ import annotations

import time

from lti_tool.demo.console import TROUBLE, in_words, say
from lti_tool.demo.interruption import AskedToStop, Interruption
from lti_tool.demo.stage import OPERATOR, Stage


def run(people: int) -> int:
    """Start, let people take part, print where to look, and stay until stopped. Returns the exit code."""
    say("Starting the portal, the LRS, the tool and the worker …")
    try:
        with Interruption() as interruption, Stage(usual_ports=True, interruption=interruption) as stage:
            say(f"\n  Open this in your browser:  {stage.portal_url}\n")
            if people:
                say(f"{people} fictitious colleagues and the six of Kleindorp take part now: about a minute.")
                say("You can already look around.")
                began = time.perf_counter()
                questions = stage.let_people_take_part(people)
                say(f"They answered {questions} questions in {time.perf_counter() - began:.0f} s.")
            _tell(stage)
            stage.programs.watch()
    except AskedToStop:
        say("\nEverything has stopped.")
    except TROUBLE as err:
        say(f"\nThe demo stopped. {in_words(err)}")
        return 1
    return 0


def _tell(stage: Stage) -> None:
    group_name, group_password = stage.lrs_credentials("group")
    say(f"""
PORTAL     {stage.portal_url}
  Gemeente Voorbeeldstad: Sanne de Boer and Youssef el Idrissi (learners), Marijke Visser (teacher),
  Ton Bakker (administrator). Gemeente Kleindorp: six learners, Greetje van Dam (teacher). No passwords.
ANALYST    figures as CSV: {stage.csv_address()}
  LRS, group statements only: {stage.lrs_url}  name: {group_name}  password: {group_password}
OPERATOR   {stage.tool_url}/operator/statements  name: {OPERATOR}  password: {stage.operator_password()}
BEHIND THE SCENES of the last visit: {stage.tool_url}/demo/what-happened

Ctrl-C stops everything.""")
