"""The language of the pages: Dutch, or English when somebody chose it; content stays Dutch."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, session
from flask_babel import Babel

LANGUAGES = ("nl", "en")
CATALOGUES = Path(__file__).parent / "translations"


def speak(app: Flask) -> None:
    """Install the translations."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "nl")
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Europe/Amsterdam")
    Babel(app, locale_selector=language, default_translation_directories=str(CATALOGUES))


def language() -> str:
    """`nl` or `en`: the session's choice, else Dutch."""
    chosen = session.get("locale") if session else None
    return chosen if chosen in LANGUAGES else "nl"
