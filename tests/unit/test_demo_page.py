"""What the walker reads of a page."""

from __future__ import annotations

import pytest

from lti_tool.demo.page import Page, read_page

HTML = """<!doctype html><html lang="nl"><head><title> Vraag 3 </title><style>h1{}</style></head><body>
<h1>Wat doe <em>je</em>?</h1> <p>Er zijn geen foute vragen.</p><script>alert(1)</script>
<a href="/start#title">Naar <b>het begin</b></a> <a name="x">geen link</a>
<iframe title="Digivaardig" src="/activity/1/launch?target=iframe"></iframe>
<form method="post" action="/question?x=1" id="q">
  <input type="hidden" name="item" value="VEI-INT-0001@1">
  <input type="radio" name="choice" value="a"><input type="radio" name="choice" value="b" checked>
  <input type="checkbox" name="mail"><input type="checkbox" name="news" value="1" checked>
  <input name="text" value="oud"><textarea name="more">regel</textarea>
  <select name="row-0"><option value="">Kies</option><option value="1">rechts &amp; meer</option></select>
  <select name="team"><option value="w">Wmo</option><option value="v" selected>Vergunningen</option></select>
  <input name="off" value="1" disabled><input type="button" name="no" value="x"><input value="nameless">
  <button name="do" value="answer">Geef <i>antwoord</i></button>
  <input type="submit" name="do" value="pause">
</form>
<button form="q" name="do" value="stop" formaction="/stop">Stop</button><button>los</button>
<form><input type="search" name="q" value="zoek"></form>
</body></html>"""


def page(source: str = HTML, kind: str = "text/html; charset=utf-8") -> Page:
    return read_page("http://localhost:8601/question", 200, {"Content-Type": kind}, source)


def test_title_heading_and_words_are_read_without_scripts() -> None:
    read = page()
    assert read.title == "Vraag 3"
    assert read.heading == "Wat doe je?"
    assert "Er zijn geen foute vragen." in read.words
    assert "alert" not in read.words


def test_links_and_frames_are_absolute() -> None:
    read = page()
    link = read.link("het begin")
    assert link is not None
    assert (link.address, link.text) == ("http://localhost:8601/start#title", "Naar het begin")
    assert read.link_to("/start") == link
    assert read.link("weg") is None
    assert read.frames[0].title == "Digivaardig"
    assert read.frames[0].address == "http://localhost:8601/activity/1/launch?target=iframe"


def test_a_form_sends_what_stands_in_it() -> None:
    form = page().forms[0]
    assert form.filled({}) == [
        ("item", "VEI-INT-0001@1"),
        ("choice", "b"),
        ("news", "1"),
        ("text", "oud"),
        ("more", "regel"),
        ("row-0", ""),
        ("team", "v"),
    ]


def test_a_form_sends_what_was_filled_in() -> None:
    form = page().forms[0]
    sent = form.filled({"choice": ["a", "b"], "mail": "on", "text": "nieuw", "team": "w"})
    assert [pair for pair in sent if pair[0] == "choice"] == [("choice", "a"), ("choice", "b")]
    assert {("mail", "on"), ("text", "nieuw"), ("team", "w")} <= set(sent)
    with pytest.raises(KeyError, match="nowhere"):
        form.filled({"nowhere": "1"})


def test_buttons_of_a_form_are_found_also_outside_it() -> None:
    read = page()
    form = read.form_with("do", "stop")
    assert form is read.forms[0]
    assert [(b.value, b.text) for b in form.buttons] == [
        ("answer", "Geef antwoord"),
        ("pause", "pause"),
        ("stop", "Stop"),
    ]
    stop = form.button("do", "stop")
    assert stop is not None
    assert stop.action == "http://localhost:8601/stop"
    assert read.form_with("do", "nothing") is None


def test_the_choices_of_a_field_can_be_listed() -> None:
    form = page().forms[0]
    assert form.values_of("choice") == ["a", "b"]
    assert form.values_of("team") == ["w", "v"]
    pair = form.field("row-0")
    assert pair is not None
    assert pair.options == [("", "Kies"), ("1", "rechts & meer")]
    assert form.field("nowhere") is None


def test_a_form_without_method_or_action_asks_the_same_page() -> None:
    form = page().forms[1]
    assert (form.method, form.action) == ("GET", "http://localhost:8601/question")
    assert not form.sends_itself
    assert page('<form data-sends-itself method="POST" action="/x"></form>').forms[0].sends_itself


def test_what_is_no_html_has_only_its_source() -> None:
    read = page('"campaign","n"\n', "text/csv")
    assert read.source == '"campaign","n"\n'
    assert (read.forms, read.words) == ((), "")
