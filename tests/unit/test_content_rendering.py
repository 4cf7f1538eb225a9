from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.content_library.rendering import (
    complaints,
    fill,
    has_loose_braces,
    render,
    render_with_words,
    variables_in,
)

VALUES = {"gemeente.naam": "Voorbeeldstad"}

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](//evil.test)",
    "[x](/start)",
    "[x](uitleg.nl.md)",
    "[x](http://evil.test)",
    "![x](https://evil.test/pixel.png)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://a.test "onmouseover=alert(1)")',
    "<a href='https://a.test' onclick='x'>y</a>",
    "<svg/onload=alert(1)>",
    "<iframe src=https://a.test>",
    "`<script>`",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<style>*{}</style>",
    "|a|\n|:-|\n|<b onclick=x>|",
]


class _Elements(HTMLParser):
    """What a browser would find."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


SAFE = {"p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a", "dfn"} | {
    *("h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td")
}


def assert_safe(html: str) -> None:
    for tag, attributes in _Elements(html).found:
        assert tag in SAFE
        assert set(attributes) <= {"href", "rel", "target", "start"}
        assert str(attributes.get("href", "https://")).startswith("https://")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_runs_or_leads_astray_comes_out_of_markdown(payload: str) -> None:
    assert_safe(render(payload, {}))


@given(st.text(alphabet="<>[]()!*`#|-\"'= abhref:/javscript\n&;", max_size=120))
def test_any_markdown_comes_out_safe(markdown: str) -> None:
    assert_safe(render(markdown, {}))


@given(
    st.text(max_size=60),
    st.sampled_from(["{{gemeente.naam}}", "`{{ gemeente.naam }}`", "[{{gemeente.naam}}](https://a.test)"]),
)
def test_what_a_municipality_fills_in_stays_text(value: str, markdown: str) -> None:
    filled = render(markdown, {"gemeente.naam": value})
    assert_safe(filled)
    assert {tag for tag, _ in _Elements(filled).found} <= {"p", "code", "a"}


def test_a_value_is_not_read_as_markdown() -> None:
    assert render("Bel {{gemeente.naam}}", {"gemeente.naam": "*Jan* <b> & [x](y)"}) == (
        "<p>Bel *Jan* &lt;b&gt; &amp; [x](y)</p>\n"
    )


def test_links_open_beside_the_portal_and_tell_it_nothing() -> None:
    link = _Elements(render("[wet](https://wetten.overheid.nl)", {})).found[1]
    assert link == (
        "a",
        {"href": "https://wetten.overheid.nl", "target": "_blank", "rel": "noopener noreferrer"},
    )


@pytest.mark.parametrize(
    ("markdown", "tags"),
    [
        ("# a\n\n## b", ["h2", "h3"]),
        ("## a\n\n### b", ["h2", "h3"]),
        ("#### a", ["h2"]),
        ("# a\n\n##### b\n\n###### c", ["h2", "h6", "h6"]),
        ("geen kop", []),
    ],
)
def test_headings_begin_under_those_of_the_page(markdown: str, tags: list[str]) -> None:
    assert re.findall(r"<(h\d)>", render(markdown, {})) == tags


def test_tables_and_lists_come_through() -> None:
    assert "<th>a</th>" in render("|a|\n|-|\n|b|", {})
    assert '<ol start="3">' in render("3. a\n4. b", {})


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("Een <b>vet</b> woord", ["HTML is not allowed; use Markdown"]),
        ("<!-- later -->", ["HTML is not allowed; use Markdown"]),
        ("![x](https://a.test/b.png)", ["a picture is a block of its own, of type image"]),
        ("[x](http://a.test) en [y](//a.test)", ["a link must begin with https://"] * 2),
        ("<https://a.test> en [y](https://a.test), 3 < 4, a<3", []),
    ],
)
def test_an_author_hears_what_would_not_reach_the_reader(markdown: str, said: list[str]) -> None:
    assert list(complaints(markdown)) == said


def test_variables_are_found_and_filled_with_or_without_spaces() -> None:
    text = "{{gemeente.naam}} en {{ gemeente.naam }}"
    assert variables_in(text) == {"gemeente.naam"}
    assert fill(text, VALUES) == "Voorbeeldstad en Voorbeeldstad"
    assert not has_loose_braces(text)


@pytest.mark.parametrize("text", ["{{gemeente naam}}", "{{gemeente.naam", "x}}", "{{Naam}}", "{{}}"])
def test_braces_that_hold_no_name_are_found(text: str) -> None:
    assert has_loose_braces(text)


def test_single_braces_are_just_braces() -> None:
    assert not has_loose_braces("{A1;B1}")


@pytest.mark.parametrize(
    ("markdown", "words", "marked", "found"),
    [
        ("Een link en een link.", ["link"], "Een <dfn>link</dfn> en een link.", ["link"]),
        (
            "Links, link-naam en a-link, dan Link.",
            ["link"],
            "Links, link-naam en a-link, dan <dfn>Link</dfn>.",
            ["link"],
        ),
        ("Een valse mail.", ["mail", "valse mail"], "Een <dfn>valse mail</dfn>.", ["valse mail"]),
        (
            "Een **mail** en `mail`.",
            ["mail"],
            "Een <strong><dfn>mail</dfn></strong> en <code>mail</code>.",
            ["mail"],
        ),
        ("Typ `mail`.", ["mail"], "Typ <code>mail</code>.", []),
        ("Bij {{gemeente.naam}} en gemeente.", ["gemeente"], "Bij Stad en <dfn>gemeente</dfn>.", ["gemeente"]),
        (
            "Q&A over c++ (x)",
            ["Q&A", "c++", "(x)"],
            "<dfn>Q&amp;A</dfn> over <dfn>c++</dfn> <dfn>(x)</dfn>",
            ["Q&A", "c++", "(x)"],
        ),
        ("&lt;dfn&gt;mail&lt;/dfn&gt; <dfn>", ["link"], "&lt;dfn&gt;mail&lt;/dfn&gt; &lt;dfn&gt;", []),
    ],
)
def test_the_first_use_of_a_word_is_marked(markdown: str, words: list[str], marked: str, found: list[str]) -> None:
    html, used = render_with_words(markdown, {"gemeente.naam": "Stad"}, words)
    assert html == f"<p>{marked}</p>\n"
    assert list(used) == found


def test_a_word_is_not_explained_inside_a_heading_or_a_link() -> None:
    markdown = "# Een mail\n\n[mail](https://mail.example)\n\nMail"
    html, used = render_with_words(markdown, {}, ["mail"])
    assert html.count("<dfn>") == 1
    assert html.endswith("<p><dfn>Mail</dfn></p>\n")
    assert used == ("mail",)


@given(
    st.lists(st.text(alphabet="abé ß{}.*`[]()<>&#\n-", max_size=12), max_size=6),
    st.lists(
        st.text(alphabet="abé ß*.-(", min_size=1, max_size=4).filter(str.strip), max_size=4, unique_by=str.casefold
    ),
)
def test_any_text_with_any_words_has_a_mark_for_each_word_found(texts: list[str], words: list[str]) -> None:
    html, found = render_with_words("a".join(texts), {}, words)
    assert html.count("<dfn>") == html.count("</dfn>") == len(found) == len(set(found))
    assert set(found) <= set(words)
    assert_safe(html)
