"""An author looks at a package in the real pages, while editing it."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.cli import content_preview
from lti_tool.cli.content import content
from lti_tool.cli.content_preview import make_preview
from lti_tool.content_library import STARTER_PACKAGE, load_package
from lti_tool.domain.content import Item, Package
from lti_tool.web.guards import Role, route_guards
from lti_tool.web.response_forms import as_form
from tests.factories import right_response, wrong_response
from tests.page_reader import Page

SECRET = "s" * 43
MAILBOX, OPENER, MODULE = "VEI-INT-0101", "VEI-INT-0100", "M-VEI-001"
FILE = f"items/veiligheid/{OPENER}.yaml"


class Author:
    """Somebody with an editor beside a browser."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder = folder
        self.app = make_preview(folder, scratch, SECRET)
        self.client: FlaskClient = self.app.test_client()
        self.at = ""

    def enter(self) -> None:
        came = self.client.get(f"/preview/enter/{SECRET}")
        way = re.search(r'url=(/s/[^/]{43})/preview"', came.text)
        assert way, came.text
        self.at = way[1]

    def get(self, path: str) -> TestResponse:
        return self.client.get(self.at + path, headers={"Sec-Fetch-Site": "same-origin"})

    def post(self, path: str, **form: object) -> TestResponse:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/preview").text)
        token = found[1] if found else ""
        return self.client.post(
            self.at + path, data={**form, "csrf_token": token}, headers={"Sec-Fetch-Site": "same-origin"}
        )

    def edit(self, old: str, new: str, file: str = FILE) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STARTER_PACKAGE, tmp_path / "mijn-pakket"))


@pytest.fixture
def author(folder: Path, tmp_path: Path) -> Author:
    (tmp_path / "scratch").mkdir()
    author = Author(folder, tmp_path / "scratch")
    author.enter()
    return author


@pytest.fixture(scope="module")
def starter() -> Package:
    return load_package(STARTER_PACKAGE)


def test_everything_in_the_package_is_listed_with_a_way_to_it(author: Author, starter: Package) -> None:
    listed = author.get("/preview")
    assert listed.status_code == 200
    for item in starter.items.values():
        assert f"{author.at}/preview/items/{item.id}" in listed.text
    assert f"{author.at}/trainings/{MODULE}" in listed.text


def test_every_item_shows_in_the_page_that_learners_get_and_gives_real_feedback(
    author: Author, starter: Package
) -> None:
    for item in starter.items.values():
        page = author.get(f"/preview/items/{item.id}")
        assert page.status_code == 200, item.id
        assert Page(page.text).text.count(item.stem.split("[[")[0]) >= 1, item.id
        answered = answer(author, item, wrong=item.type != "declarative")
        expected = item.feedback.right if item.type == "declarative" else item.feedback.not_yet
        assert expected in answered, item.id


def answer(author: Author, item: Item, *, wrong: bool) -> str:
    given = wrong_response(item) if wrong else right_response(item)
    path = f"/preview/items/{item.id}"
    form = as_form(item, given)
    sent = author.post(path, do="answer", item=item.key, **{name: form.getlist(name) for name in form})
    assert sent.status_code == 303, item.id
    return author.get(path).text


def test_an_item_can_be_begun_afresh_and_asks_for_what_is_missing(author: Author, starter: Package) -> None:
    item = starter.item(OPENER)
    assert "feedback" in answer(author, item, wrong=False)
    author.post(f"/preview/items/{OPENER}", do="again")
    assert 'id="feedback"' not in author.get(f"/preview/items/{OPENER}").text
    assert author.post(f"/preview/items/{OPENER}", do="answer", item=item.key).status_code == 422


def test_an_answer_that_an_edit_took_away_is_as_good_as_none(author: Author, starter: Package) -> None:
    answer(author, starter.item(OPENER), wrong=False)
    author.edit("{id: a,", "{id: d,")
    assert 'id="feedback"' not in author.get(f"/preview/items/{OPENER}").text


def test_a_micro_training_is_walked_in_the_real_player_to_its_end(author: Author) -> None:
    path = f"/trainings/{MODULE}"
    assert "Deze training staat klaar" in author.get(path).text
    author.post(path, do="open")
    for step in ("uitleg", "oefenen", "check", "tip", "klaar"):
        assert author.get(path).status_code == 200
        author.post(path, step=step)
    author.post(path, do="finish")
    assert "Hielp deze training jou?" in author.get(path).text
    with author.get("/media/mail-1.svg") as picture:
        assert picture.content_type == "image/svg+xml; charset=utf-8"


def test_a_changed_file_shows_at_the_next_request_and_gives_the_page_a_new_version(author: Author) -> None:
    before = author.get("/preview/version").text
    author.edit("stem: ", "stem: Nieuw. ")
    assert "Nieuw. " in author.get(f"/preview/items/{OPENER}").text
    assert author.get("/preview/version").text != before


def test_a_broken_package_shows_every_problem_with_its_line_in_the_place_of_each_page(author: Author) -> None:
    author.edit("version: 1", "version: een")
    author.edit("minutes: 10", "minutes: 2", "modules/mail-bekijken/module.yaml")
    for path in ("/preview", f"/preview/items/{OPENER}", f"/trainings/{MODULE}", "/start"):
        page = author.get(path)
        assert page.status_code == 422
        assert f"<code>{FILE}:3</code>" in page.text
        assert "the steps take 10 minutes" in page.text


def test_the_last_good_version_stays_until_the_next_change(author: Author) -> None:
    author.edit("version: 1", "version: een")
    assert author.post("/preview/last-good", do="last_good").status_code == 303
    assert author.get(f"/preview/items/{OPENER}").status_code == 200
    assert "Je ziet de laatste goede versie." in author.get("/preview").text
    author.post("/preview/last-good", do="problems")
    assert author.get("/preview").status_code == 422
    author.post("/preview/last-good", do="last_good")
    author.edit("version: een", "version: twee")
    assert author.get("/preview").status_code == 422
    author.edit("version: twee", "version: 2")
    assert author.get("/preview").status_code == 200


def test_a_package_that_never_was_good_waits_for_the_first_good_version(folder: Path, tmp_path: Path) -> None:
    manifest = (folder / "package.yaml").read_text(encoding="utf-8")
    (folder / "package.yaml").unlink()
    (tmp_path / "scratch").mkdir()
    author = Author(folder, tmp_path / "scratch")
    author.enter()
    broken = author.get("/preview")
    assert "package.yaml" in broken.text
    assert "Bekijk de laatste goede versie" not in broken.text
    author.post("/preview/last-good", do="last_good")
    assert author.get("/preview").status_code == 422
    (folder / "package.yaml").write_text(manifest, encoding="utf-8")
    assert author.get("/preview").status_code == 200


def test_language_and_theme_can_be_chosen(author: Author) -> None:
    assert "neutral-theme" in author.get("/preview").text
    author.post("/preview/theme", theme="voorbeeld")
    assert "neutral-theme" not in author.get(f"/preview/items/{OPENER}").text
    author.post("/preview/theme", theme="../../x")
    assert "neutral-theme" not in author.get("/preview").text
    author.post("/language", locale="en", back="/preview")
    assert "All questions and trainings" in author.get(f"/preview/items/{OPENER}").text


def test_the_texts_are_those_of_the_examples_in_the_package(author: Author) -> None:
    author.edit("Meldpunt ICT, 14 0000", "Meldpunt Anders", "package.yaml")
    author.enter()
    author.post(f"/trainings/{MODULE}", do="open")
    author.post(f"/trainings/{MODULE}", step="tip")
    assert "Meldpunt Anders" in author.get(f"/trainings/{MODULE}").text


def test_only_the_script_of_the_preview_runs_and_only_in_the_preview(author: Author) -> None:
    for path in ("/preview", f"/preview/items/{OPENER}", f"/trainings/{MODULE}"):
        page = author.get(path)
        policy = page.headers["Content-Security-Policy"]
        assert "script-src 'self'; connect-src 'self';" in policy
        assert [script["src"].split("?")[0] for script in Page(page.text).all("script")] == ["/static/preview.js"]
    assert "script-src" not in author.client.get("/nergens").headers["Content-Security-Policy"]


def test_who_does_not_know_the_secret_gets_nowhere(author: Author) -> None:
    stranger = author.app.test_client()
    assert stranger.get("/preview/enter/" + "x" * 43).status_code == 404
    for path in ("/preview", f"/preview/items/{OPENER}", "/preview/version", f"/trainings/{MODULE}"):
        assert stranger.get(path).status_code == 403
        assert stranger.get(author.at + path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert stranger.get(author.at + path, headers={"Sec-Fetch-Site": "none"}).status_code == 403
    own = {"Sec-Fetch-Site": "same-origin"}
    assert stranger.post(author.at + "/preview/theme", data={"theme": "voorbeeld"}, headers=own).status_code == 400


def test_another_name_for_this_computer_leads_nowhere(author: Author) -> None:
    for name in ("evil.example", "evil.example:8010", "127.0.0.1.evil.example", ""):
        refused = author.client.get(f"/preview/enter/{SECRET}", headers={"Host": name})
        assert refused.status_code == 421
    assert author.client.get(f"/preview/enter/{SECRET}", headers={"Host": "127.0.0.1:8010"}).status_code == 200


def test_two_authors_do_not_see_each_others_answers(author: Author, starter: Package) -> None:
    answer(author, starter.item(OPENER), wrong=False)
    first = author.at
    author.enter()
    assert author.at != first
    assert 'id="feedback"' not in author.get(f"/preview/items/{OPENER}").text


def test_an_item_or_training_that_is_not_there_is_told_kindly(author: Author) -> None:
    assert author.get("/preview/items/VEI-INT-9999").status_code == 404
    assert author.get("/preview/items/..%2F..%2Fetc").status_code == 404
    assert author.get("/trainings/M-VEI-999").status_code == 404


def test_every_door_of_the_preview_says_who_may_come_in(author: Author) -> None:
    guards = route_guards(author.app)
    assert None not in guards.values()
    doors = {name: role for name, role in guards.items() if name.startswith("content_preview.")}
    assert {name for name, role in doors.items() if role is not Role.LEARNER} == {"content_preview.enter"}


def test_nothing_is_written_beside_the_package_or_in_it(author: Author, starter: Package) -> None:
    def everything() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in author.folder.parent.rglob("*") if outside(path)}

    def outside(path: Path) -> bool:
        return path.is_file() and "scratch" not in path.parts

    before = everything()
    answer(author, starter.item(MAILBOX), wrong=True)
    author.post(f"/trainings/{MODULE}", do="open")
    assert everything() == before


def test_the_command_serves_until_it_is_stopped_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    arguments = [sys.executable, "-m", "lti_tool.cli", "content", "preview", str(folder), "--port", "0"]
    environment = {"PATH": "/usr/bin", "TMPDIR": str(scratch), "SECRET_KEY": "too short", "LRS_KEYS": "no json"}
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        assert address.startswith("http://127.0.0.1:")
        with requests.Session() as browser:
            browser.trust_env = False
            assert browser.get(address).status_code == 200
            assert browser.get(address[:-1]).status_code == 404
        assert list(scratch.iterdir())
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "Stopped; nothing was kept.\n"
    assert process.returncode == 0
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(("host", "answer"), [("127.0.0.1", 421), ("127.0.0.2", 200)])
def test_the_command_answers_to_its_own_names_only_unless_another_host_is_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, host: str, answer: int
) -> None:
    answers: list[int] = []

    class Asked:
        """A server that is asked once, by another name, and then stopped."""

        def __init__(self, host: str, port: int, app: Flask, **options: object) -> None:
            self.app = app

        def serve_forever(self) -> None:
            asked = self.app.test_client().get("/health", headers={"Host": "author.example"})
            answers.append(asked.status_code)
            content_preview._stop()

    monkeypatch.setattr(content_preview, "make_server", Asked)
    before = signal.getsignal(signal.SIGTERM)
    said = CliRunner().invoke(content, ["preview", str(folder), "--host", host, "--port", "0"])
    signal.signal(signal.SIGTERM, before)
    assert answers == [answer]
    assert f"Open http://{host}:" in said.output
    assert said.output.endswith("Stopped; nothing was kept.\n")


def test_the_command_says_when_it_cannot_listen_or_finds_no_folder(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = CliRunner().invoke(content, ["preview", str(folder), "--port", port])
    assert said.exit_code == 1
    assert f"cannot listen on 127.0.0.1, port {port}" in said.output
    assert CliRunner().invoke(content, ["preview", str(folder / "weg")]).exit_code == 2
