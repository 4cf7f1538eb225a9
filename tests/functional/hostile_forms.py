"""Every form of the tool, filled in by somebody who means harm."""

from __future__ import annotations

from tests.functional.clear_pages import NEVER_SHOWN
from tests.functional.installation import Installation
from tests.functional.visitors import Learner

NUL = "a\x00b"
HOSTILE = (NUL, "\x00", "%ED%A0%80", "\udced\udca0\udc80", "-1", "9" * 5000, "<script>alert(1)</script>", "{{7}}")
"""NUL, half a surrogate pair (as text, and as its raw bytes), numbers that are none, and code."""


FORMS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "/start": ({"do": "team"}, ("do", "team")),
    "/practice": ({"do": "answer"}, ("item", "choice", "text")),
    "/question": ({"do": "answer"}, ("do", "item", "position", "choice", "text", "place-a", "row-0")),
    "/trainings/M-VEI-001": ({"do": "check"}, ("do", "step", "item", "choice", "text")),
    "/language": ({}, ("locale", "back")),
    "/undo-skip": ({}, ("x",)),
    "/roles": ({"do": "accept"}, ("do", "role", "code")),
    "/admin/roles": ({"do": "invite"}, ("do", "role", "tenant", "portal", "number", "invitation")),
    "/operator/login": ({}, ("name", "password")),
    "/lti/login": ({}, ("iss", "login_hint", "target_link_uri", "client_id", "lti_message_hint")),
    "/lti/launch": ({}, ("state", "id_token", "error")),
}


def send_hostile_forms(house: Installation, learner: Learner) -> None:
    """Every form of the tool with every hostile value in every field."""
    learner.tool.open("/start")
    token = learner.token()
    for path, (usual, names) in FORMS.items():
        for value in HOSTILE:
            sent = value.encode("utf-8", "surrogateescape")
            for some in (*((name,) for name in names if value is NUL), names):
                fields = {"csrf_token": token, **usual, **dict.fromkeys(some, sent)}
                page = learner.tool.submit(house.form(path, fields))
                statuses = [hop.status for hop in learner.tool.hops]
                assert max(statuses) < 500, (path, some, value[:20], page.words)
                assert not NEVER_SHOWN.search(page.source), (path, some, value[:20])
                assert "<script>alert" not in page.source
