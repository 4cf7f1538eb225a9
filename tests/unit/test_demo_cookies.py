"""The walker's cookie jar refuses and sends what Chromium with third-party cookies blocked does."""

from __future__ import annotations

import pytest

from lti_tool.demo.cookies import CookieJar, Setting, site_of

PORTAL = "http://127.0.0.1:8600/course/2"
TOOL = "http://localhost:8601/start"
PARTITIONED = "__Host-a=1; Secure; HttpOnly; Path=/; SameSite=None; Partitioned"

AT_PORTAL = Setting("http://127.0.0.1", cross_site=False, top_level=True)
AT_TOOL = Setting("http://localhost", cross_site=False, top_level=True)
TOOL_IN_PORTAL = Setting("http://127.0.0.1", cross_site=True, top_level=False)
PORTAL_IN_PORTAL = Setting("http://127.0.0.1", cross_site=False, top_level=False)


def test_a_site_has_no_port() -> None:
    assert site_of(PORTAL) == "http://127.0.0.1"
    assert site_of(TOOL) == "http://localhost"


def test_a_partitioned_cookie_works_in_the_frame_and_nowhere_else() -> None:
    jar = CookieJar()
    assert jar.store(PARTITIONED, TOOL, TOOL_IN_PORTAL)
    assert jar.header_for(TOOL, TOOL_IN_PORTAL) == "__Host-a=1"
    assert jar.header_for(TOOL, AT_TOOL) == ""
    assert jar.header_for(TOOL, Setting("http://other.example", True, False)) == ""


def test_each_partition_keeps_its_own_value() -> None:
    jar = CookieJar()
    jar.store(PARTITIONED, TOOL, TOOL_IN_PORTAL)
    jar.store(PARTITIONED.replace("=1;", "=2;"), TOOL, AT_TOOL)
    assert jar.header_for(TOOL, TOOL_IN_PORTAL) == "__Host-a=1"
    assert jar.header_for(TOOL, AT_TOOL) == "__Host-a=2"


@pytest.mark.parametrize(
    "header",
    [
        "a=1; Path=/",
        "a=1; Path=/; SameSite=Lax",
        "a=1; Path=/; SameSite=None; Secure",
        "a=1; Path=/; SameSite=Lax; Secure; Partitioned",
    ],
)
def test_other_cookies_do_not_work_in_the_frame(header: str) -> None:
    jar = CookieJar()
    assert not jar.store(header, TOOL, TOOL_IN_PORTAL)
    assert jar.header_for(TOOL, TOOL_IN_PORTAL) == ""


def test_a_cookie_set_in_its_own_window_stays_out_of_the_frame() -> None:
    jar = CookieJar()
    assert jar.store("a=1; Path=/; SameSite=None; Secure", TOOL, AT_TOOL)
    assert jar.header_for(TOOL, AT_TOOL) == "a=1"
    assert jar.header_for(TOOL, TOOL_IN_PORTAL) == ""


def test_the_portals_lax_cookie_goes_along_inside_its_own_frame() -> None:
    jar = CookieJar()
    assert jar.store("leerportaal=x; HttpOnly; Path=/; SameSite=Lax", PORTAL, AT_PORTAL)
    assert jar.header_for(PORTAL, PORTAL_IN_PORTAL) == "leerportaal=x"


def test_a_lax_cookie_goes_along_with_a_link_from_elsewhere_but_not_with_a_form() -> None:
    jar = CookieJar()
    jar.store("a=1; Path=/", PORTAL, AT_PORTAL)
    jar.store("b=2; Path=/; SameSite=Strict", PORTAL, AT_PORTAL)
    link = Setting("http://127.0.0.1", cross_site=True, top_level=True)
    form = Setting("http://127.0.0.1", cross_site=True, top_level=True, method="POST")
    frame = Setting("http://127.0.0.1", cross_site=True, top_level=False)
    assert jar.header_for(PORTAL, link) == "a=1"
    assert jar.header_for(PORTAL, form) == ""
    assert jar.header_for(PORTAL, frame) == ""
    assert jar.header_for(PORTAL, AT_PORTAL) == "a=1; b=2"


@pytest.mark.parametrize(
    "header",
    [
        "__Host-a=1; Path=/",
        "__Host-a=1; Secure; Path=/lti",
        "__Host-a=1; Secure",
        "__Host-a=1; Secure; Path=/; Domain=localhost",
        "a=1; SameSite=None",
        "a=1; Partitioned",
        "a=1; Domain=example.org",
    ],
)
def test_a_cookie_that_breaks_the_rules_is_refused(header: str) -> None:
    assert not CookieJar().store(header, TOOL, AT_TOOL)


def test_secure_cookies_need_tls_except_on_this_machine() -> None:
    jar = CookieJar()
    elsewhere = Setting("http://tool.example", cross_site=False, top_level=True)
    assert not jar.store("a=1; Secure", "http://tool.example/", elsewhere)
    with_tls = Setting("https://tool.example", cross_site=False, top_level=True)
    assert jar.store("a=1; Secure", "https://tool.example/", with_tls)
    assert jar.header_for("http://tool.example/", elsewhere) == ""
    assert jar.store("a=1; Secure", TOOL, AT_TOOL)


def test_a_cookie_keeps_to_its_host_and_path() -> None:
    jar = CookieJar()
    jar.store("a=1; Path=/lti", TOOL, AT_TOOL)
    assert jar.header_for("http://localhost:8601/lti/login", AT_TOOL) == "a=1"
    assert jar.header_for("http://localhost:8601/lti", AT_TOOL) == "a=1"
    assert jar.header_for("http://localhost:8601/ltix", AT_TOOL) == ""
    assert jar.header_for("http://localhost:8601", AT_TOOL) == ""
    assert jar.header_for("http://127.0.0.1:8601/lti", AT_PORTAL) == ""


@pytest.mark.parametrize("ending", ["Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_cookie_can_be_taken_back(ending: str) -> None:
    jar = CookieJar()
    jar.store("a=1; Max-Age=60", TOOL, AT_TOOL)
    assert jar.header_for(TOOL, AT_TOOL) == "a=1"
    jar.store(f"a=; {ending}", TOOL, AT_TOOL)
    assert jar.header_for(TOOL, AT_TOOL) == ""
