"""Copying an LRS: from where the last time ended, whatever died in between; every statement counts once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from werkzeug.wrappers import Request, Response

from tests.http_server import running
from tests.integration.lrs_fixtures import Anybody, Lrs, running_lrs
from tests.xapi_examples import a_statement, a_voiding
from xapi import vocabulary as words
from xapi.client import CONSISTENT_HEADER, LrsClient, LrsRefused, LrsUnavailable
from xapi.formats import as_timestamp, find_instant
from xapi.lrs_server import resource
from xapi.warehouse import AnalystExtraMissing
from xapi.warehouse import landing as landing_room
from xapi.warehouse import pull as pull_room
from xapi.warehouse.landing import FolderNotUsable
from xapi.warehouse.marts import MARTS
from xapi.warehouse.pull import Pull, Pulled

NOW = datetime.now(UTC)
Json = dict[str, Any]
ATTEMPT = {
    "registration": "9b2b1b2c-6c1f-4b6a-9c0b-0d4f4f9d7a11",
    "contextActivities": {
        "grouping": [
            {"id": "https://t.example/xapi/t/x/campaign/c", "definition": {"type": words.COURSE}},
            {"id": "https://t.example/xapi/attempt/1", "definition": {"type": words.ATTEMPT}},
            {"id": "https://t.example/xapi/domain/veiligheid", "definition": {"type": words.OBJECTIVE}},
        ]
    },
}


def an_answer(number: int, **parts: Any) -> Json:
    """A learner answered an item of our own."""
    target = {
        "id": f"https://t.example/xapi/item/VEI-{number}@1",
        "definition": {"type": words.INTERACTION, "interactionType": "other"},
    }
    return a_statement(object=target, context=ATTEMPT, result={"success": True}, **parts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty one, for a copy."""
    (tmp_path / "copy").mkdir()
    return tmp_path / "copy"


@pytest.fixture
def lrs(sqlite_database: str) -> Iterator[Lrs]:
    with running_lrs(sqlite_database, Anybody()) as found:
        yield found


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three statements on a page and five or more in a file."""
    monkeypatch.setattr(pull_room, "PAGE", 3)
    monkeypatch.setattr(landing_room, "ROWS_IN_A_FILE", 5)


def pull(url: str, folder: Path, *, anew: bool = False, seen: list[float] | None = None) -> Pulled:
    client = LrsClient(url, "any", "body")
    try:
        return Pull(client, url, folder, sleep=lambda seconds: None).run(
            datetime.now(UTC), lambda share, read: (seen if seen is not None else []).append(share), anew=anew
        )
    finally:
        client.close()


def answered(folder: Path) -> list[str]:
    """The items of the answers in the copy, each as often as it counts."""
    with duckdb.connect() as connection:
        query = "select item from read_parquet(?) order by item"
        return [item for (item,) in connection.execute(query, [str(folder / "marts/answer.parquet")]).fetchall()]


def items(*numbers: int) -> list[str]:
    return sorted(f"VEI-{number}@1" for number in numbers)


def state_of(folder: Path) -> Json:
    return json.loads((folder / "state.json").read_text())  # type: ignore[no-any-return]


@pytest.mark.usefixtures("small_pages")
def test_the_second_time_reads_what_is_new(lrs: Lrs, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull_room, "OVERLAP", timedelta(0))
    writer = lrs.anybody()
    writer.post([an_answer(number) for number in range(20)])
    seen: list[float] = []
    assert pull(lrs.url, folder, seen=seen) == Pulled(20, anew=True, by_day=False)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert answered(folder) == items(*range(20))
    writer.post([an_answer(20), an_answer(21)])
    assert pull(lrs.url, folder) == Pulled(2, anew=False, by_day=False)
    assert pull(lrs.url, folder) == Pulled(0, anew=False, by_day=False)
    assert answered(folder) == items(*range(22))


def test_what_is_read_again_in_the_overlap_counts_once(lrs: Lrs, folder: Path) -> None:
    lrs.anybody().post([an_answer(number) for number in range(4)])
    for _ in range(3):
        assert pull(lrs.url, folder).read == 4
    assert answered(folder) == items(*range(4))


def test_an_lrs_with_nothing_in_it_gives_empty_tables(lrs: Lrs, folder: Path) -> None:
    assert pull(lrs.url, folder).read == 0
    assert answered(folder) == []
    assert {path.stem for path in (folder / "marts").iterdir()} == set(MARTS)


def test_what_was_taken_back_after_it_was_copied_does_not_count(lrs: Lrs, folder: Path) -> None:
    kept, gone = an_answer(1), an_answer(2)
    writer = lrs.anybody()
    writer.post([kept, gone])
    pull(lrs.url, folder)
    writer.post(a_voiding(gone["id"]))
    pull(lrs.url, folder)
    assert answered(folder) == items(1)


def test_read_anew_the_copy_forgets_what_was_erased(lrs: Lrs, folder: Path, sqlite_database: str) -> None:
    lrs.anybody().post([an_answer(1)])
    pull(lrs.url, folder)
    with running_lrs(f"{sqlite_database}-2", Anybody()) as empty:
        state = {**state_of(folder), "endpoint": empty.url}
        (folder / "state.json").write_text(json.dumps(state))
        assert pull(empty.url, folder) == Pulled(0, anew=False, by_day=False)
        assert answered(folder) == items(1)
        assert pull(empty.url, folder, anew=True) == Pulled(0, anew=True, by_day=False)
    assert answered(folder) == []
    assert not (folder / "statements-1").exists()


@pytest.mark.parametrize("dies_after", [1, 2, 4])
@pytest.mark.parametrize("anew", [False, True])
def test_a_pull_that_is_killed_goes_on_the_next_time(
    lrs: Lrs, folder: Path, small_pages: None, dies_after: int, anew: bool
) -> None:
    writer = lrs.anybody()
    writer.post([an_answer(number) for number in range(6)])
    pull(lrs.url, folder)
    writer.post([an_answer(number) for number in range(6, 30)])
    program = f"""
import os, signal
from datetime import UTC, datetime
from pathlib import Path
from xapi.client import CONSISTENT_HEADER, LrsClient
from xapi.warehouse import landing, pull
pull.PAGE, landing.ROWS_IN_A_FILE = 3, 5
written = 0
keep = landing.Landing._write
def write(self, path, content):
    global written
    keep(self, path, content)
    written += 1
    if written == {dies_after}:
        os.kill(os.getpid(), signal.SIGKILL)
landing.Landing._write = write
client = LrsClient({lrs.url!r}, "any", "body")
pull.Pull(client, {lrs.url!r}, Path({str(folder)!r})).run(datetime.now(UTC), lambda *told: None, anew={anew})
"""
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ}, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    pull(lrs.url, folder)
    assert answered(folder) == items(*range(30))
    assert state_of(folder)["building"] is None


class OddLrs:
    """An LRS that keeps statements in a list, and says of itself what a test wants."""

    def __init__(self, *, by_timestamp: bool = False) -> None:
        self.kept: list[Json] = []
        self.by_timestamp = by_timestamp
        self.through: datetime | None = None
        self.away: list[int] = []
        """What the next requests are answered with instead; 0: as usual."""
        self.asked: list[dict[str, str]] = []

    def keep(self, statement: Json, stored: datetime) -> None:
        self.kept.append({**statement, "stored": as_timestamp(stored)})

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.args.to_dict())
        if self.away and (status := self.away.pop(0)):
            return Response("away", status)(environ, start_response)
        field = "timestamp" if self.by_timestamp else "stored"

        def at(statement: Json) -> datetime:
            moment = find_instant(str(statement.get(field, statement["stored"])))
            assert moment is not None
            return moment

        since, until = (find_instant(request.args.get(name, "")) for name in ("since", "until"))
        found = sorted(self.kept, key=at, reverse=request.args.get("ascending") != "true")
        found = [s for s in found if (since is None or at(s) > since) and (until is None or at(s) <= until)]
        start = int(request.args.get("cursor", 0))
        limit = int(request.args["limit"])
        more = ""
        if start + limit < len(found):
            rest = "&".join(f"{k}={v.replace('+', '%2B')}" for k, v in request.args.items() if k != "cursor")
            more = f"/xapi/statements?{rest}&cursor={start + limit}"
        response = Response(json.dumps({"statements": found[start : start + limit], "more": more}))
        if not self.by_timestamp:
            response.headers["X-Experience-API-Consistent-Through"] = as_timestamp(
                self.through or datetime.now(UTC)
            )
        return response(environ, start_response)


@contextmanager
def served(lrs: OddLrs) -> Iterator[str]:
    with running(lrs) as address:
        yield f"{address}/xapi"


@pytest.mark.usefixtures("small_pages")
def test_nothing_is_missed_beyond_what_the_lrs_vouches_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull_room, "OVERLAP", timedelta(0))
    lrs = OddLrs()
    begin = NOW - timedelta(days=3)
    for number in range(0, 10, 2):
        lrs.keep(an_answer(number), begin + timedelta(minutes=number))
    lrs.through = begin + timedelta(minutes=3)
    with served(lrs) as url:
        pull(url, folder)
        assert state_of(folder)["current"]["watermark"] == lrs.through.isoformat()
        for number in range(5, 10, 2):
            lrs.keep(an_answer(number), begin + timedelta(minutes=number))
        lrs.through = None
        pull(url, folder)
        assert pull(url, folder).read == 0
    assert answered(folder) == items(0, 2, 4, 5, 6, 7, 8, 9)


@pytest.mark.usefixtures("small_pages")
def test_an_lrs_that_filters_on_when_things_happened_loses_nothing_that_came_late(folder: Path) -> None:
    lrs = OddLrs(by_timestamp=True)
    for number in range(9):
        happened = NOW - timedelta(days=number)
        lrs.keep(an_answer(number, timestamp=as_timestamp(happened)), NOW)
    for number in range(20, 28):
        lrs.keep(an_answer(number, timestamp=as_timestamp(NOW - timedelta(days=7))), NOW)
    with served(lrs) as url:
        assert pull(url, folder) == Pulled(17, anew=True, by_day=True)
        lrs.keep(an_answer(9, timestamp=as_timestamp(NOW - timedelta(days=5))), NOW)
        lrs.keep(an_answer(10, timestamp=as_timestamp(NOW + timedelta(days=5))), NOW)
        midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
        lrs.keep(an_answer(11, timestamp=as_timestamp(midnight)), NOW)
        del lrs.kept[0]
        assert pull(url, folder) == Pulled(19, anew=True, by_day=True)
    assert answered(folder) == items(*range(1, 12), *range(20, 28))


@pytest.mark.usefixtures("small_pages")
def test_a_pull_by_day_that_ended_half_way_goes_on_with_the_next_day(folder: Path) -> None:
    lrs = OddLrs(by_timestamp=True)
    for number in range(12):
        lrs.keep(an_answer(number, timestamp=as_timestamp(NOW - timedelta(days=number // 3))), NOW)
    with served(lrs) as url:
        lrs.away = [0] * 7 + [503] * pull_room.TRIES
        with pytest.raises(LrsUnavailable):
            pull(url, folder)
        lrs.asked.clear()
        assert pull(url, folder).by_day
        assert lrs.asked[3]["since"] > as_timestamp(NOW - timedelta(days=4))
    assert answered(folder) == items(*range(12))


@pytest.mark.usefixtures("small_pages")
def test_an_lrs_that_is_away_for_a_moment_is_asked_again(folder: Path) -> None:
    lrs = OddLrs()
    for number in range(30):
        lrs.keep(an_answer(number), NOW - timedelta(hours=30 - number))
    lrs.away = [503, 0, 0, 429, 0, 0, 502, 503, 504, 0]
    with served(lrs) as url:
        pull(url, folder)
        assert answered(folder) == items(*range(30))
        lrs.away = [0] + [503] * pull_room.TRIES
        with pytest.raises(LrsUnavailable, match="HTTP 503"):
            pull(url, folder)
        lrs.away = [403]
        with pytest.raises(LrsRefused):
            pull(url, folder)
        pull(url, folder)
    assert answered(folder) == items(*range(30))


@pytest.mark.usefixtures("small_pages")
def test_an_lrs_that_fails_on_every_fourth_page_is_read_to_the_end(folder: Path) -> None:
    lrs = OddLrs()
    for number in range(60):
        lrs.keep(an_answer(number), NOW - timedelta(hours=60 - number))
    lrs.away = [0, *([0, 0, 0, 503] * 12)]
    with served(lrs) as url:
        pull(url, folder)
    assert answered(folder) == items(*range(60))


def test_statements_of_any_kind_are_taken_as_far_as_they_fit(folder: Path) -> None:
    lrs = OddLrs()
    odd: list[Json] = [
        {"id": "A" * 36, "verb": "none", "object": [], "context": {"registration": 7}, "result": 3},
        {"id": "b", "object": {"id": 3, "definition": {"type": words.COURSE}}},
        {
            "id": "c\ud800",
            "result": {"extensions": {"https://x/ext/ability": True, "https://x/ext/se": 1}},
        },
        {"context": {"contextActivities": {"grouping": {"id": "https://x", "definition": None}, "other": 1}}},
    ]
    for place, statement in enumerate([*odd, an_answer(1)]):
        lrs.keep(statement, NOW - timedelta(minutes=place))
    lrs.kept[1]["timestamp"] = 3
    with served(lrs) as url:
        assert pull(url, folder).read == 5
    assert answered(folder) == items(1)


def test_an_answer_that_is_no_lrs_is_said_so(folder: Path) -> None:
    def page(environ: Any, start_response: Any) -> Any:
        return Response("<html>Log in</html>", mimetype="text/html")(environ, start_response)

    with running(page) as address, pytest.raises(LrsUnavailable, match="the answer is not from an LRS"):
        pull(address, folder)


def pull_elsewhere(folder: Path) -> None:
    with served(OddLrs()) as url:
        pull(url, folder)


def test_a_folder_belongs_to_one_lrs_and_one_program_at_a_time(lrs: Lrs, folder: Path) -> None:
    pull(lrs.url, folder)
    pull(f"{lrs.url}/", folder)
    with pytest.raises(FolderNotUsable, match="is the copy of another LRS"):
        pull_elsewhere(folder)
    with (
        landing_room.opened(folder, lrs.url),
        pytest.raises(FolderNotUsable, match="another program is writing"),
    ):
        pull(lrs.url, folder)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is not what"),
        ("[]", "is not what"),
        ('{"format": 1, "endpoint": "x", "current": {"n": 1}, "building": null}', "is not what"),
        ('{"format": 99}', "written by another version"),
    ],
)
def test_a_state_that_is_none_is_refused(lrs: Lrs, folder: Path, text: str, why: str) -> None:
    (folder / "state.json").write_text(text)
    with pytest.raises(FolderNotUsable, match=why):
        pull(lrs.url, folder)


def test_a_folder_with_other_files_is_left_alone(lrs: Lrs, folder: Path) -> None:
    (folder / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(FolderNotUsable, match="something else"):
        pull(lrs.url, folder)
    assert {path.name for path in folder.iterdir()} == {"holiday.jpg", ".lock"}


def test_nothing_is_kept_before_a_copy_was_begun(folder: Path) -> None:
    with landing_room.opened(folder, "https://x.example") as landing:
        assert landing.files() == []
        with pytest.raises(FolderNotUsable, match="nothing was begun"):
            landing.keep(None)


def test_without_the_extra_it_says_what_to_install(
    lrs: Lrs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(AnalystExtraMissing, match="duckdb is not installed"):
        pull(lrs.url, folder)


def test_the_header_is_the_one_that_the_built_in_lrs_says() -> None:
    assert CONSISTENT_HEADER == resource.CONSISTENT_HEADER
