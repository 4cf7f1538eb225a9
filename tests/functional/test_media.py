"""Pictures and files of the content: whoever has a session gets them, as what they are, and nothing else."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.content_library.media import CONTENT_TYPES
from lti_tool.domain.content import Medium
from tests.page_reader import Page
from tests.web_examples import PORTAL, STARTER
from tests.web_fakes import House, make_house

PICTURE, SHEET = "/media/browser.svg", "/media/wijkfeest.xlsx"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def house() -> House:
    return make_house()


def get(client: FlaskClient, address: str, **headers: str) -> TestResponse:
    """The whole answer; the file is closed, as a server does it."""
    return client.get(
        address, headers={name.replace("_", "-"): value for name, value in headers.items()}, buffered=True
    )


def keep(house: House, folder: Path, name: str, content: bytes) -> None:
    """Put one more file among the media of the content."""
    path = folder / name
    path.write_bytes(content)
    kind = CONTENT_TYPES[name.rpartition(".")[2]]
    house.media.others[f"media/{name}"] = Medium(path, kind, sha256(content).hexdigest(), len(content))


def test_a_picture_is_shown_as_what_it_is(house: House) -> None:
    answer = get(house.learner(), PICTURE)
    assert answer.status_code == 200
    assert answer.data == STARTER.medium("media/browser.svg").path.read_bytes()
    assert answer.content_type.partition(";")[0] == "image/svg+xml"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "attachment" not in answer.headers.get("Content-Disposition", "")


def test_a_file_for_a_program_of_ones_own_is_saved_under_its_name(house: House) -> None:
    answer = get(house.learner(), SHEET)
    assert answer.content_type == SPREADSHEET
    assert answer.headers["Content-Disposition"] == "attachment; filename=wijkfeest.xlsx"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data.startswith(b"PK")


@pytest.mark.parametrize("kind", CONTENT_TYPES)
def test_only_what_a_page_can_show_is_shown_there(house: House, tmp_path: Path, kind: str) -> None:
    keep(house, tmp_path, f"bestand.{kind}", b"%PDF-1.7 or whatever")
    answer = get(house.learner(), f"/media/bestand.{kind}")
    saved = answer.headers.get("Content-Disposition", "").startswith("attachment")
    assert saved == (kind in ("pdf", "docx", "xlsx"))
    assert answer.content_type.partition(";")[0] == CONTENT_TYPES[kind]


@pytest.mark.parametrize("address", [PICTURE, SHEET])
def test_a_browser_that_has_it_already_gets_it_no_second_time(house: House, address: str) -> None:
    client = house.learner()
    first = get(client, address)
    again = get(client, address, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert get(client, address, If_None_Match='"of another release"').status_code == 200


def test_only_the_browser_itself_may_keep_it_and_it_asks_each_time(house: House) -> None:
    first = get(house.learner(), PICTURE)
    said = first.headers["Cache-Control"]
    assert "private" in said
    assert "max-age=0" in said or "no-cache" in said
    assert "public" not in said
    again = get(house.learner(), PICTURE, If_None_Match=first.headers["ETag"])
    assert again.headers["Cache-Control"] == said


def test_a_part_of_a_film_can_be_asked_for(house: House, tmp_path: Path) -> None:
    keep(house, tmp_path, "film.mp4", b"0123ftyp" + bytes(5000))
    answer = get(house.learner(), "/media/film.mp4", Range="bytes=4-7")
    assert (answer.status_code, answer.data) == (206, b"ftyp")


def test_a_picture_runs_no_script_and_loads_nothing(house: House, tmp_path: Path) -> None:
    keep(
        house,
        tmp_path,
        "vals.svg",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>document.title=1</script></svg>',
    )
    answer = get(house.learner(), "/media/vals.svg")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "script-src" not in policy
    assert "unsafe-inline" not in policy
    assert policy.endswith(f"frame-ancestors {PORTAL}")


@pytest.mark.parametrize("address", [PICTURE, SHEET])
def test_without_a_session_nobody_gets_it(house: House, address: str) -> None:
    answer = house.client().get(address)
    assert answer.status_code == 403
    assert b"PK" not in answer.data
    assert b"<svg" not in answer.data[:200]


@pytest.mark.parametrize(
    "name", ["niets.svg", "browser.svg.bak", "BROWSER.SVG", "browser", "LICENSES.csv", "a" * 3000], ids=len
)
def test_what_is_not_there_is_told_in_plain_words(house: House, name: str) -> None:
    answer = house.learner().get(f"/media/{name}")
    assert answer.status_code == 404
    page = Page(answer.text)
    assert "Dit bestand is er niet" in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/media/../package.yaml",
        "/media/..%2fpackage.yaml",
        "/media/..%2f..%2f..%2fetc%2fpasswd",
        "/media/%2e%2e%2fpackage.yaml",
        "/media/..%5cpackage.yaml",
        "/media/%252e%252e%252fpackage.yaml",
        "/media/browser.svg%00.png",
        "/media//etc/passwd",
        "/media/%2fetc%2fpasswd",
        "/media/",
        "/media",
    ],
)
def test_no_path_leads_out_of_the_media(house: House, path: str) -> None:
    answer = house.learner().get(path)
    assert answer.status_code == 404
    assert "mijn-pakket" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_media_are_only_read(house: House, method: str) -> None:
    assert getattr(house.learner(), method)(PICTURE).status_code == 405
