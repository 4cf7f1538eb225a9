"""The Link header: what real portals write, what nobody should write, and where it may never lead."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.addresses import origin_of
from lti_tool.lti.links import MAX_HEADER, NextPageUnusable, next_page

MOODLE = "http://127.0.0.1:8090/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
HOST = "https://lms.example"
ASKED = f"{HOST}/api/Course/7/memberships?page=1"
SECOND = f"{HOST}/api/Course/7/memberships?page=2"

# Recorded from a Moodle 4.5.6: participants as the specification says, line items with curly quotes (whose
# UTF-8 arrives as Latin-1) and `&amp;`.
MOODLE_MEMBERS = f'<{MOODLE}?limit=2&from=2>; rel="next"'
MOODLE_ITEMS = "http://127.0.0.1:8090/mod/lti/services.php/2/lineitems?type_id=1"
MOODLE_LAST = (
    f"<{MOODLE_ITEMS}&amp;limit=1&amp;from=0>; rel=â\x80\x9cfirstâ\x80\x9d, "
    f"<{MOODLE_ITEMS}&amp;limit=1&amp;from=0>; rel=â\x80\x9ccanonicalâ\x80\x9d, "
    f"<{MOODLE_ITEMS}&amp;limit=1&amp;from=1>; rel=â\x80\x9clastâ\x80\x9d"
)
MOODLE_NEXT = MOODLE_LAST.replace("canonical", "next").replace(
    "from=0>; rel=â\x80\x9cnext", "from=1>; rel=â\x80\x9cnext"
)
BOOKMARK = f"{HOST}/api/lti/courses/7/names_and_roles?page=bookmark:WyJEZSBCb2VyIiwxMDFd&per_page=50"


@pytest.mark.parametrize(
    ("header", "asked", "found"),
    [
        (MOODLE_MEMBERS, MOODLE, f"{MOODLE}?limit=2&from=2"),
        (MOODLE_NEXT, MOODLE_ITEMS, f"{MOODLE_ITEMS}&limit=1&from=1"),
        (MOODLE_LAST, MOODLE_ITEMS, None),
        (f'<{HOST}/api?page=first>; rel="current",<{BOOKMARK}>; rel="next"', ASKED, BOOKMARK),
    ],
)
def test_what_real_portals_send_is_read(header: str, asked: str, found: str | None) -> None:
    assert next_page(header, asked) == found


@pytest.mark.parametrize(
    "header",
    [
        f'<{SECOND}>; rel="next"',
        f"<{SECOND}>; rel=next",
        f"<{SECOND}>;rel=next ; title=page",
        f"<{SECOND}>; rel=“next”",
        f"<{SECOND}>; rel=”next”",
        f"< {SECOND} > ; REL = NEXT",
        f'<{SECOND}>; rel="prefetch next"',
        f'<{SECOND}>; title="a, b; c"; rel="next"',
        f'<{SECOND}>; title="<{HOST}/evil>; rel=next"; rel="next"',
        f'<{SECOND}>; title="de \\"beste\\" pagina"; rel="next"',
        f'<{SECOND}>; title="de “beste” pagina"; rel="next"',
        f'<{SECOND}>; rel="next"; rel="last"',
        f'<{ASKED}>; rel="last", <{SECOND}>; rel="next", <{ASKED}>; rel="next"',
        f'<{ASKED}>, <{SECOND}>; rel="next"',
        f'</somebody/else>; rel="next"; anchor="/another/page", <{SECOND}>; rel="next"',
        '</api/Course/7/memberships?page=2>; rel="next"',
        '<?page=2>; rel="next"',
        '<memberships?page=2>; rel="next"',
        '<//lms.example/api/Course/7/memberships?page=2>; rel="next"',
        '<HTTPS://lms.example:443/api/Course/7/memberships?page=2>; rel="next"',
        f'nonsense, <{SECOND}>; rel="next"',
    ],
)
def test_however_it_is_written_the_next_page_is_found(header: str) -> None:
    found = next_page(header, ASKED)
    assert found is not None
    assert origin_of(found) == origin_of(SECOND)
    assert (urlsplit(found).path, urlsplit(found).query) == ("/api/Course/7/memberships", "page=2")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        f"<{SECOND}>",
        f"<{SECOND}>; rel",
        f'<{SECOND}>; rel=""',
        f'<{SECOND}>; rel="last"; rel="next"',
        f'<{SECOND}>; rel="nextish"',
        f'<{SECOND}>; title="next"',
        f'<{SECOND}>; rel="last"; title="; rel=next"',
        f'<{SECOND}; rel="next"',
        f'{SECOND}; rel="next"',
    ],
)
def test_without_a_next_page_this_was_the_last(header: str | None) -> None:
    assert next_page(header, ASKED) is None


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/page",
        "https://lms.example.evil.example/page",
        "https://lms.example@evil.example/page",
        "https://user@lms.example/page",
        "//evil.example/page",
        "http://lms.example/page",
        "https://lms.example:8443/page",
        "javascript:alert(1)",
        "ftp://lms.example/page",
        "https://[lms.example/page",
        "https://lms.example:port/page",
    ],
)
def test_a_next_page_at_another_origin_is_never_followed(target: str) -> None:
    with pytest.raises(NextPageUnusable):
        next_page(f'<{target}>; rel="next"', ASKED)


def test_a_header_without_end_is_not_read() -> None:
    with pytest.raises(NextPageUnusable):
        next_page("<" * (MAX_HEADER + 1), ASKED)


@given(st.text(max_size=200) | st.text('<>;,="“”\\ &a/:relnxt', max_size=200))
def test_whatever_a_header_says_it_leads_nowhere_else(header: str) -> None:
    try:
        found = next_page(header, ASKED)
    except NextPageUnusable:
        return
    assert found is None or origin_of(found) == origin_of(ASKED)


RELS = st.sampled_from(["first", "last", "prev", "canonical", "alternate"])
NAMES = st.sampled_from(["title", "type", "hreflang", "media", "x"])
WORDS = st.text(st.characters(codec="utf-8", exclude_characters='"\\“”„‟'), max_size=20)
PATHS = st.text("abcXYZ019-_.~:/?&=%,;", min_size=1, max_size=60).map(lambda path: f"{HOST}/{path}")
WAYS = st.sampled_from(['"{}"', "“{}”", "{}", " {} "])


@st.composite
def links(draw: st.DrawFn, rel: str) -> str:
    """A link with parameters in any order, the relation written in any way."""
    parameters = [f'{name}="{draw(WORDS)}"' for name in draw(st.lists(NAMES, unique=True))]
    written = draw(st.sampled_from(["rel=", "REL=", "rel =", "Rel= "])) + draw(WAYS).format(rel)
    parameters.insert(draw(st.integers(0, len(parameters))), written)
    return f"<{draw(PATHS)}>;" + draw(st.sampled_from([";", "; ", " ; "])).join(parameters)


@given(st.data())
def test_of_any_links_in_any_order_the_next_one_is_found_with_its_case_kept(data: st.DataObject) -> None:
    wanted = data.draw(links("next"))
    others = data.draw(st.lists(RELS.flatmap(links), max_size=4))
    place = data.draw(st.integers(0, len(others)))
    header = ", ".join([*others[:place], wanted, *others[place:]])
    target = wanted[1 : wanted.index(">")]
    for arrived in (header, header.encode().decode("latin-1")):
        assert next_page(arrived, ASKED) == target
    if others:
        assert next_page(", ".join(others), ASKED) is None
