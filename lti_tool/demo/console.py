"""What the demo says to the person at the keyboard, and what it can say about trouble."""

from __future__ import annotations

import sys

import requests

from lti_tool.demo.answer_key import QuestionUnknown
from lti_tool.demo.browser import PageNotAsExpected, TooManyHops
from lti_tool.demo.people import Stopped
from lti_tool.demo.processes import CommandFailed, NotHealthy, ProgramStopped

TROUBLE = (
    CommandFailed,
    NotHealthy,
    PageNotAsExpected,
    ProgramStopped,
    QuestionUnknown,
    Stopped,
    TooManyHops,
    requests.RequestException,
)
"""What can go wrong and is told in words, without a trace."""


def say(text: str = "") -> None:
    """Print a line at once, also when the output is a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def in_words(trouble: Exception) -> str:
    """What went wrong, with what was noted along the way."""
    return "\n".join([f"{type(trouble).__name__}: {trouble}", *getattr(trouble, "__notes__", ())])
