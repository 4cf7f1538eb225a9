"""A small walker that does what a browser does: cookies by site, redirects, forms, frames.

It runs no scripts; of the one script that pages in the demo have (a form that sends itself) it does the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

import requests

from lti_tool.demo.cookies import CookieJar, Setting, site_of
from lti_tool.demo.own_http import TIMEOUT_SECONDS, own_session
from lti_tool.demo.page import Form, Page, read_page

MAX_HOPS = 20
REDIRECTS = (301, 302, 303, 307, 308)
KEEPS_METHOD = (307, 308)


class PageNotAsExpected(Exception):
    """The page that came is not the one that belongs here; says what was missing and what came."""

    def __init__(self, missing: str, page: Page) -> None:
        address = urlsplit(page.url)
        came = f"{address.netloc}{address.path} gave {page.status} with heading {page.heading!r}"
        super().__init__(f"{missing}; {came}")
        self.page = page


class TooManyHops(Exception):
    """Redirects without end."""


@dataclass(frozen=True)
class Hop:
    """One request of a navigation and the headers of its answer."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]


class Browser:
    """One person's browser, for use by one thread: a cookie jar and open connections."""

    def __init__(self) -> None:
        self.jar = CookieJar()
        self.http = own_session()
        self.http.headers.update({"User-Agent": "Digivaardig-demo", "Accept": "text/html,*/*;q=0.8"})

    def tab(self) -> Tab:
        """A new, empty window."""
        return Tab(self, frame_of=None)

    def close(self) -> None:
        self.http.close()


class Tab:
    """A window, or a frame in the page of another window (`frame_of` is that page's site)."""

    def __init__(self, browser: Browser, frame_of: str | None) -> None:
        self._browser = browser
        self._frame_of = frame_of
        self._page: Page | None = None
        self.hops: list[Hop] = []
        """The requests of the last navigation, first to last."""

    @property
    def page(self) -> Page:
        if self._page is None:
            raise LookupError("nothing was opened here yet")
        return self._page

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def open(self, address: str) -> Page:
        """Type an address, or go to one of the same page."""
        return self._navigate("GET", urljoin(self._page.url if self._page else "", address), None)

    def follow(self, text: str) -> Page:
        """Click the link with these words.

        Raises:
            PageNotAsExpected: there is none.
        """
        link = self.page.link(text)
        if link is None:
            raise PageNotAsExpected(f"no link {text!r}", self.page)
        return self._navigate("GET", link.address, None)

    def press(
        self,
        name: str,
        value: str,
        values: Mapping[str, str | Sequence[str]] | None = None,
    ) -> Page:
        """Fill in the form that has this button, and press the button.

        Raises:
            PageNotAsExpected: the page has no such button, or the form no such field.
        """
        form = self.page.form_with(name, value)
        if form is None:
            raise PageNotAsExpected(f"no button {name}={value}", self.page)
        try:
            filled = form.filled(values or {})
        except KeyError as err:
            raise PageNotAsExpected(f"no field {err}", self.page) from err
        button = form.button(name, value)
        action = button.action if button is not None else ""
        return self._send(form, [*filled, (name, value)], action)

    def press_button(self, text: str) -> Page:
        """Press the button with these words.

        Raises:
            PageNotAsExpected: the page has none.
        """
        for form in self.page.forms:
            for button in form.buttons:
                if button.text == text:
                    return self._send(form, [*form.filled({}), (button.name, button.value)], button.action)
        raise PageNotAsExpected(f"no button {text!r}", self.page)

    def submit(self, form: Form, values: Mapping[str, str | Sequence[str]] | None = None, do: str = "") -> Page:
        """Send this form of the page, with its button `do` when one is named."""
        pressed = [("do", do)] if do else []
        return self._send(form, [*form.filled(values or {}), *pressed])

    def frame(self) -> Tab:
        """Load the first frame of this page.

        Raises:
            PageNotAsExpected: the page has no frame.
        """
        if not self.page.frames:
            raise PageNotAsExpected("no frame", self.page)
        inner = Tab(self._browser, frame_of=site_of(self.page.url))
        inner._navigate("GET", self.page.frames[0].address, None, started_by=self.page.url)
        return inner

    def _send(self, form: Form, filled: list[tuple[str, str]], action: str = "") -> Page:
        address = action or form.action
        if form.method == "POST":
            return self._navigate("POST", address, filled)
        return self._navigate("GET", f"{address.partition('?')[0]}?{urlencode(filled)}", None)

    def _navigate(
        self, method: str, url: str, form: list[tuple[str, str]] | None, started_by: str | None = None
    ) -> Page:
        """Go there, follow redirects, and let a form that sends itself do so."""
        self.hops = []
        started_by = started_by or (self._page.url if self._page else None)
        passed: list[str] = []  # the addresses of this request and of what redirected to it
        for _ in range(MAX_HOPS):
            passed.append(url)
            answer = self._request(method, passed, form, started_by)
            target = answer.headers.get("Location")
            if answer.status_code in REDIRECTS and target:
                url = urljoin(url, target)
                if answer.status_code not in KEEPS_METHOD:
                    method, form = "GET", None
                continue
            answer.encoding = "utf-8"
            self._page = read_page(url, answer.status_code, answer.headers, answer.text)
            own = next((f for f in self._page.forms if f.sends_itself), None)
            if own is None:
                return self._page
            method, started_by, url, form = own.method, url, own.action, own.filled({})
            passed = []
        raise TooManyHops(urlsplit(url).path)

    def _request(
        self, method: str, passed: list[str], form: list[tuple[str, str]] | None, started_by: str | None
    ) -> requests.Response:
        url = passed[-1]
        site = site_of(url)
        top_site = self._frame_of or site
        setting = Setting(
            top_site=top_site,
            cross_site=top_site != site or (started_by is not None and site_of(started_by) != site),
            top_level=self._frame_of is None,
            method=method,
        )
        headers = _fetch_metadata(passed, started_by, setting)
        cookies = self._browser.jar.header_for(url, setting)
        if cookies:
            headers["Cookie"] = cookies
        answer = self._browser.http.request(
            method, url, data=form, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
        for header in answer.raw.headers.getlist("Set-Cookie"):
            self._browser.jar.store(header, url, setting)
        self.hops.append(Hop(method, url, answer.status_code, answer.headers))
        return answer


def _fetch_metadata(passed: Sequence[str], started_by: str | None, setting: Setting) -> dict[str, str]:
    """The headers by which a browser says where a navigation comes from (Fetch Metadata, W3C)."""
    origin = _origin(started_by) if started_by else None
    headers = {
        "Sec-Fetch-Dest": "document" if setting.top_level else "iframe",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Site": _relation(passed, started_by),
        "Sec-Fetch-User": "?1",
        "Upgrade-Insecure-Requests": "1",
    }
    if started_by and origin:
        headers["Referer"] = started_by if origin == _origin(passed[-1]) else f"{origin}/"
        if setting.method == "POST":
            headers["Origin"] = origin
    return headers


def _relation(passed: Sequence[str], started_by: str | None) -> str:
    """How far apart the starting page and the addresses are; the farthest of all redirects counts."""
    if started_by is None:
        return "none"
    if any(site_of(url) != site_of(started_by) for url in passed):
        return "cross-site"
    same = all(_origin(url) == _origin(started_by) for url in passed)
    return "same-origin" if same else "same-site"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
