"""The language of the pages: Dutch, or English when somebody or their browser chose it."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, g, request, session
from flask_babel import Babel

LANGUAGES = ("nl", "en")
CATALOGUES = Path(__file__).parent / "translations"


def speak(app: Flask) -> None:
    """Install the translations."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "nl")
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Europe/Amsterdam")
    Babel(app, locale_selector=language, default_translation_directories=str(CATALOGUES))


def language() -> str:
    """`nl` or `en`: the session's choice, else the browser's where a page follows that, else Dutch."""
    chosen = session.get("locale") if session else g.get("browser_language")
    return chosen if chosen in LANGUAGES else "nl"


def follow_browser() -> None:
    """Before a request for a page that has no session and so no choice: what the browser asks for."""
    g.browser_language = request.accept_languages.best_match(LANGUAGES)


def vary(response: Response) -> Response:
    """After it: the answer differs by that."""
    response.vary.add("Accept-Language")
    return response
