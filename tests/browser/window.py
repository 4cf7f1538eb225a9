"""A person's browser that blocks cookies, proves that it does, and hears every complaint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, request
from playwright.sync_api import Browser, BrowserContext, Frame, Page

from tests import chromium
from tests.browser.conftest import QUIET, served

SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
PORTALS, TOOLS = "http://127.0.0.1,*", "http://localhost,http://localhost"
"""Patterns of Chromium's settings: cookies of whom, on whose page."""
ALLOW, BLOCK = 1, 2
ATTRIBUTES = "; Path=/; Secure; HttpOnly; SameSite=None"


class Cookies(Enum):
    """What somebody chose in the settings of their browser."""

    NO_THIRD_PARTY = "no third-party cookies"
    NONE_IN_FRAMES = "none of the tool in a frame of another site, not even partitioned ones"
    NONE_OF_THE_TOOL = "none but the portal's"

    @property
    def preferences(self) -> dict[str, Any]:
        """As Chromium keeps them."""
        if self is Cookies.NO_THIRD_PARTY:
            return {"cookie_controls_mode": 1, "block_third_party_cookies": True}
        allowed = [PORTALS] if self is Cookies.NONE_OF_THE_TOOL else [PORTALS, TOOLS]
        exceptions = {pattern: {"setting": ALLOW} for pattern in allowed}
        return {
            "default_content_setting_values": {"cookies": BLOCK},
            "content_settings": {"exceptions": {"cookies": exceptions}},
        }

    @property
    def in_a_frame(self) -> dict[str, str]:
        """What comes back from a frame of another site."""
        return {"partitioned": "1"} if self is Cookies.NO_THIRD_PARTY else {}


@dataclass
class Window:
    """A window and all that its browser complained about: a CSP report, a script error, a missing file."""

    context: BrowserContext
    page: Page
    complaints: list[str]

    @property
    def tool(self) -> Frame:
        """The frame in the portal's page."""
        frame = self.page.locator("iframe").element_handle().content_frame()
        assert frame is not None
        return frame

    def shoot(self, path: Path, *, phone: bool = False) -> None:
        """Keep what the person sees; with `phone` also what they would see on a small screen."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._picture(path)
        if phone:
            self.page.set_viewport_size(PHONE)
            self._picture(path.with_stem(f"{path.stem}-phone"))
            self.page.set_viewport_size(WIDE)
            self.scroll_to_frame()

    def scroll_to_frame(self) -> None:
        """Bring all of the portal's frame into view, when there is one.

        Clicks in it then never make the outer page scroll; Chromium without a screen sends a click that comes
        right after such a scroll to where the frame was before.
        """
        for frame in self.page.locator("iframe").all():
            frame.evaluate("frame => frame.scrollIntoView({block: 'end'})")

    def _picture(self, path: Path) -> None:
        self.scroll_to_frame()
        self.page.screenshot(path=path)


@contextmanager
def window(
    browser: Browser, profile: Path, *, javascript: bool = True, cookies: Cookies = Cookies.NO_THIRD_PARTY
) -> Iterator[Window]:
    """A new browser of the same make with an empty profile; at the end it must have nothing to complain of."""
    preferences = profile / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(json.dumps({"profile": cookies.preferences}), "utf-8")
    context = browser.browser_type.launch_persistent_context(
        profile,
        executable_path=chromium.find(),
        args=[*QUIET, "--no-first-run"],
        viewport=WIDE,
        locale="nl-NL",
        java_script_enabled=javascript,
    )
    failed = True
    try:
        complaints: list[str] = []
        context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        opened = Window(context, context.pages[0], complaints)
        _prove(opened, cookies)
        yield opened
        assert complaints == []
        failed = False
    finally:
        if failed:
            context.pages[0].screenshot(path=SHOTS / "thread-failed.png")
        context.close()


def _prove(opened: Window, cookies: Cookies) -> None:
    """In a frame of another site an ordinary cookie gets lost, a partitioned one only where it should, and a
    broken CSP rule is heard."""
    received: dict[str, str] = {}
    with (
        served(_other_site(received)) as inner,
        served(_portal(inner), "127.0.0.1") as outer,
        opened.context.expect_console_message(lambda said: "Content Security Policy" in said.text),
    ):
        opened.page.goto(outer)
    assert received == cookies.in_a_frame, "this browser keeps other cookies than it should"
    assert opened.complaints, "what a frame complains about gets lost"
    opened.context.clear_cookies()
    opened.page.goto("about:blank")
    opened.complaints.clear()


def _portal(inner: str) -> Flask:
    app = Flask("portal")

    @app.get("/")
    def frame() -> str:
        return f'<link rel="icon" href="data:,"><iframe src="{inner}/give"></iframe>'

    return app


def _other_site(received: dict[str, str]) -> Flask:
    app = Flask("other-site")

    @app.get("/give")
    def give() -> Response:
        answer = redirect("/take")
        answer.headers.add("Set-Cookie", f"ordinary=1{ATTRIBUTES}")
        answer.headers.add("Set-Cookie", f"partitioned=1{ATTRIBUTES}; Partitioned")
        return answer

    @app.get("/take")
    def take() -> Response:
        received.update(request.cookies)
        answer = Response("<style>p { color: red }</style><p>received</p>", mimetype="text/html")
        answer.headers["Content-Security-Policy"] = "default-src 'none'"
        return answer

    return app
