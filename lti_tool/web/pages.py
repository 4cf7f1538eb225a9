"""What all pages share: going on after a form, and the few things a template asks for by itself."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, make_response, redirect, session, url_for
from flask_babel import format_date, format_decimal, format_time

from lti_tool.domain.scoring import mixed_choices, shuffled_options
from lti_tool.web import media, new_window, words
from lti_tool.web.handles import without_handle
from lti_tool.web.languages import LANGUAGES, language
from lti_tool.web.response_forms import lacking
from lti_tool.web.wiring import view

STATIC = Path(__file__).parent / "static"


def go_to(endpoint: str, anchor: str = "title", **values: Any) -> Response:
    """Redirect after a POST; the anchor moves the focus to the heading, or to what is new, without script."""
    return make_response(redirect(url_for(endpoint, _anchor=anchor, **values), 303))


def remember_helpers(text: str) -> None:
    """Whom to ask for help, so that it stands in the same place on every page (WCAG 3.2.6)."""
    if session.get("helpers") != text:
        session["helpers"] = text


def equip_templates(app: Flask) -> None:
    """Give templates the functions and words that they use."""
    app.jinja_env.globals.update(
        static_url=static_url,
        language=language,
        languages=LANGUAGES,
        words=words,
        new_window_link=new_window.link,
        theme=lambda: view().theme_of(session.get("tenant_id") if session else None),
        shuffled_options=shuffled_options,
        mixed_choices=mixed_choices,
        lacking=lacking,
        media_url=media.media_url,
    )
    app.jinja_env.filters.update(
        signed=signed,
        date_in_words=lambda day: format_date(day, "long"),
        hour_in_words=hour_in_words,
        at_words=at_words,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def at_words(html: str) -> list[str]:
    """A text of a micro-training cut at the words that it explains: text, word, text, word, text."""
    return re.split(r"</?dfn>", html)


def signed(value: float) -> str:
    """A change with its sign, as this language writes numbers: "+0,3", "−0,1", "0"."""
    text = str(format_decimal(abs(value), "0.##"))
    return text if not float(f"{value:.2f}") else f"{'+' if value > 0 else '−'}{text}"


def hour_in_words(at: datetime) -> str:
    """The time of day where the municipalities are: "14.00", in English "14:00"."""
    return str(format_time(at, "HH:mm" if language() == "en" else "HH.mm"))


def static_url(name: str) -> str:
    """The address of a file, with its fingerprint, so that it may be cached for a year."""
    return without_handle(url_for("web.static", filename=name, v=_fingerprint(name)))


@lru_cache(maxsize=64)
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
