"""What a page that says that something cannot be done must be: plain Dutch, safe, and without anything inner."""

from __future__ import annotations

import re

from lti_tool.demo.page import Page

NEVER_SHOWN = re.compile(
    r"Traceback|\bFile &#34;|sqlalchemy|sqlite3|psycopg|werkzeug|OperationalError|BEGIN IMMEDIATE", re.IGNORECASE
)


def assert_clear(page: Page, status: int, title: str, *words: str) -> None:
    """A page in plain Dutch with this heading and these words, and with the headers of every page."""
    assert (page.status, page.heading) == (status, title)
    for expected in words:
        assert expected in page.words
    assert '<html lang="nl"' in page.source
    assert not NEVER_SHOWN.search(page.source)
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors http://127.0.0.1:" in policy, "the page shows in the portal's frame, and only there"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def assert_echoes_nothing(page: Page, form: dict[str, str]) -> None:
    """Nothing of the launch stands in the answer: no token, no state, no name."""
    said = page.source + str(dict(page.headers))
    for part in (*form["id_token"].split("."), form["state"], "Boer", "fictieve"):
        assert part not in said
