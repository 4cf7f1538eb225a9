"""HTML of other programs as plain text: nothing that says something goes in silence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.content_library.exchange.html_text import as_html, plain
from tests.unit.exchange.items import texts

SHOWN = {
    "<p>Een</p><p>Twee</p>": "Een\n\nTwee",
    "Een<br>\n  twee<br/>drie": "Een\ntwee\ndrie",
    "<p>Kies:</p><ul><li>rood</li><li>geel</li></ul>": "Kies:\n- rood\n- geel",
    "<ol><li>rood<ol><li>a</li></ol></li><li>geel</li></ol>": "1. rood\n1. a\n2. geel",
    "a &lt; b &amp; c&nbsp;d &eacute; &#x1F600;": "a < b & c d é 😀",
    "x <y en <naam> en </naam>": "x <y en <naam> en </naam>",
    "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>": "a | b\nc",
    "<script>alert(1)</script>veilig<style>p{}</style>": "veilig",
    "<pre>a\n  b</pre>": "a\nb",
    "<!-- stil -->tekst<span style='font-size: 12px'> hier</span>": "tekst hier",
    "<svg/>tekst": "tekst",
    "</li></ul></script>tekst": "tekst",
}


@pytest.mark.parametrize("source", SHOWN)
def test_it_reads_as_it_looked(source: str) -> None:
    assert plain(source)[0] == SHOWN[source]


TOLD = {
    "<strong>a</strong>": "bold (<strong>)",
    "m<sup>2</sup>": "superscript (<sup>)",
    "<h3>a</h3>": "heading (<h3>)",
    "<table><tr><td>a</td></tr></table>": "table (<table>)",
    '<img src="@@PLUGINFILE@@/a.png" alt="Een pijl">': "a picture a.png: Een pijl",
    '<img src="data:image/png;base64,AAAA">': "a picture inside the text",
    '<a href="https://a.example/x">hier</a>': "a link to https://a.example/x",
    '<iframe src="https://a.example"></iframe>': "sound, film or other page (<iframe>)",
    '<span class="multilang" lang="en">x</span>': "several languages: all of them stand in the text now",
    '<span style="color: red">x</span>': "colour",
    r"\(x^2\)": "a formula stays as it was typed",
    "<![CDATA[x]]>": "<![CDATA[x",
}


@pytest.mark.parametrize("source", TOLD)
def test_what_means_something_is_told(source: str) -> None:
    assert plain(source)[1] == [TOLD[source]]


@given(texts(200))
def test_a_text_comes_back_from_html_as_it_was(text: str) -> None:
    single = "\n\n".join(part.strip("\n") for part in text.split("\n\n") if part.strip("\n"))
    assert plain(as_html(single))[0] == plain(as_html(plain(as_html(single))[0]))[0]
    if "\n\n" not in single:
        assert plain(as_html(single)) == (single, plain(as_html(single))[1])


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for text_format in ("html", "markdown", "plain_text", "moodle_auto_format"):
        shown, _ = plain(text, text_format)
        assert "\x00" not in shown
