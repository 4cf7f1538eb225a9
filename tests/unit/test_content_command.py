"""`digivaardig content`: what an author types, and gets to read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.cli.content import A_PERSON_DECIDES, content
from lti_tool.content_library import STARTER_PACKAGE, ContentBroken, load_package
from lti_tool.content_library.beginning import begin_package, id_from
from lti_tool.content_library.parsed import parse
from lti_tool.content_library.reading import Files
from lti_tool.content_library.schemas import schemas
from lti_tool.content_library.statistics import statistics
from lti_tool.content_library.translating import Translated
from tests.packages import ITEM, MANIFEST, MODULE, OPENER, PAGE, Tree, replace, write_package

LONG = "Je krijgt vandaag een mail van iemand die je niet kent en die iets van je wil weten."


def run(*arguments: object) -> Result:
    return CliRunner().invoke(content, [str(argument) for argument in arguments])


def read_json(result: Result) -> dict:
    return json.loads(result.output)


def test_a_clean_package_is_counted_in_one_line(tmp_path: Path) -> None:
    result = run("check", write_package(tmp_path))
    assert result.exit_code == 0
    assert "2 items to ask, 3 items and 1 modules in all; no problems, 4 remarks" in result.output
    assert A_PERSON_DECIDES not in result.output


def test_every_problem_and_remark_has_the_path_from_here(tmp_path: Path) -> None:
    write_package(
        tmp_path / "stuk", lambda tree: tree[ITEM].update(colour="red") or tree[OPENER].update(context=LONG)
    )
    result = run("check", tmp_path / "stuk")
    assert result.exit_code == 1
    assert f"{tmp_path}/stuk/{ITEM}:37: colour: the format has no such key\n" in result.output
    assert f"{tmp_path}/stuk/{OPENER}:35: remark: a sentence of 18 words" in result.output
    assert f"{tmp_path}/stuk: 1 problem, 4 remarks\n" in result.output
    assert result.output.endswith(f"{A_PERSON_DECIDES}\n")


def test_what_is_no_package_is_passed_over_when_there_is_one(tmp_path: Path) -> None:
    write_package(tmp_path / "pakket")
    (tmp_path / "schema").mkdir()
    (tmp_path / "README.md").write_text("x")
    result = run("check", *sorted(tmp_path.iterdir()))
    assert result.exit_code == 0
    assert result.output.startswith(
        f"{tmp_path}/README.md: no package, passed over\n{tmp_path}/schema: no package, passed over\n"
    )
    assert run("check", tmp_path / "schema").exit_code == 1
    result = run("check", tmp_path / "README.md", tmp_path / "weg")
    assert result.exit_code == 1
    assert "README.md: is not a ZIP file" in result.output
    assert result.output.count("there is no package folder here") == 1


def test_one_broken_package_of_two_is_a_failure(tmp_path: Path) -> None:
    write_package(tmp_path / "goed")
    write_package(tmp_path / "stuk", lambda tree: tree.pop(MANIFEST))
    result = run("check", tmp_path / "goed", tmp_path / "stuk")
    assert result.exit_code == 1
    assert f"{tmp_path}/stuk/package.yaml: is missing\n" in result.output


def test_strict_makes_remarks_count(tmp_path: Path) -> None:
    assert run("check", write_package(tmp_path)).exit_code == 0
    assert run("check", tmp_path, "--strict").exit_code == 1


def test_the_check_for_machines(tmp_path: Path) -> None:
    write_package(tmp_path / "goed")
    write_package(tmp_path / "stuk", replace(ITEM, colour="red"))
    result = run("check", tmp_path / "goed", tmp_path / "stuk", tmp_path / "weg", "--json")
    assert result.exit_code == 1
    report = read_json(result)
    good, broken = report["packages"]
    assert report["passed_over"] == [str(tmp_path / "weg")]
    assert (good["folder"], good["items"], good["asked"], good["modules"]) == (str(tmp_path / "goed"), 3, 2, 1)
    assert good["release"] == load_package(tmp_path / "goed").bank_version
    assert good["problems"] == []
    assert good["remarks"][0] == {
        "file": ITEM,
        "line": 7,
        "message": "is about safety: name a source that others can check",
        "about": "sources",
    }
    assert broken["release"] is None
    assert [problem["message"] for problem in broken["problems"]] == ["colour: the format has no such key"]


def test_a_terminal_never_obeys_a_package(tmp_path: Path) -> None:
    write_package(tmp_path, replace(ITEM, modules=[], type="file_sort", options=[], folders=["a", "b"]))
    text = (tmp_path / ITEM).read_text("utf-8")
    named = "".join(f'- {{name: "{n}", folder: "\\e]0;gotcha\\a"}}\n' for n in range(3))
    (tmp_path / ITEM).write_text(f"{text}files:\n{named}", "utf-8")
    (tmp_path / b"\xff\x1b[2J".decode("utf-8", "surrogateescape")).write_text("x")
    result = run("check", tmp_path)
    assert result.exit_code == 1
    assert "\x1b" not in result.output
    assert "]0;gotcha" in result.output
    assert len(read_json(run("check", tmp_path, "--json"))["packages"][0]["problems"]) == 4


def test_a_new_package_has_its_own_name_and_no_problems(tmp_path: Path) -> None:
    result = run("new", tmp_path / "Mijn gemeente", "--title", 'Samen "digitaal": ja!')
    assert result.exit_code == 0
    package = load_package(tmp_path / "Mijn gemeente")
    assert (package.id, package.title) == ("mijn-gemeente", 'Samen "digitaal": ja!')
    assert run("check", tmp_path / "Mijn gemeente").exit_code == 0
    assert {item.type for item in package.items.values()} == {
        item.type for item in load_package(STARTER_PACKAGE).items.values()
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Mijn gemeente"]


def test_without_names_a_new_package_is_called_as_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zeeduin").mkdir()
    monkeypatch.chdir(tmp_path / "zeeduin")
    assert run("new", tmp_path / "zeeduin").exit_code == 0
    assert (load_package(tmp_path / "zeeduin").id, load_package(tmp_path / "zeeduin").title) == (
        "zeeduin",
        "zeeduin",
    )
    assert run("new", tmp_path / "b", "--id", "ander-id").exit_code == 0
    assert load_package(tmp_path / "b").id == "ander-id"


def test_a_new_package_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "vol").mkdir()
    (tmp_path / "vol" / "mijn.txt").write_text("van mij")
    (tmp_path / "bestand").write_text("van mij")
    for name in ("vol", "bestand"):
        result = run("new", tmp_path / name)
        assert result.exit_code == 1
        assert "a package is made in a folder that is new or empty" in result.output
    assert (tmp_path / "vol" / "mijn.txt").read_text() == (tmp_path / "bestand").read_text() == "van mij"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["bestand", "mijn.txt", "vol"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("pakket", "--id", "Geen Id"),
        ("pakket", "--id", ""),
        ("pakket", "--title", ""),
        ("pakket", "--title", "twee\nregels"),
        ("pakket", "--title", "kijk op www.echt.nl"),
        ("pakket", "--title", "voor {{wie.dan}}"),
        ("123",),
        ("weg/pakket",),
    ],
)
def test_names_that_do_not_fit_make_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("new", *arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


@given(st.text(max_size=30))
def test_any_title_becomes_the_title_or_is_refused(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    folder = tmp_path_factory.mktemp("new") / "pakket"
    try:
        begin_package(folder, "pakket", title)
    except ContentBroken:
        assert not folder.exists()
    else:
        assert load_package(folder).title == title.strip()


@given(st.text(max_size=40))
def test_an_id_from_a_name_has_small_letters_digits_and_dashes(name: str) -> None:
    assert set(id_from(name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_reviewer_sees_what_changed(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        tree[MANIFEST]["version"] = "1.3.0"
        tree[ITEM].update(version=2, context=LONG, enemies=[])
        tree[PAGE] = "# Zo werkt het nu\n"

    old, new = write_package(tmp_path / "old"), write_package(tmp_path / "new", change)
    result = run("diff", old, new)
    assert result.exit_code == 1
    assert result.output.startswith("klein-pakket@1.2.3+")
    assert (
        "~ item VEI-INT-0001  Je loopt even weg van je werkplek. Wat doe je?\n    version: 1 → 2\n"
        in result.output
    )
    assert f"    context: nothing → {LONG[:79]}…\n" in result.output
    assert '    enemies: ["VEI-INT-0002"] → nothing\n' in result.output
    assert (
        "    page uitleg.nl.md: # Zo werkt het Welkom in {{gemeente.naam}}. → # Zo werkt het nu\n" in result.output
    )
    assert "~ package  Klein pakket" in result.output
    assert "0 added, 0 removed, 3 changed\n" in result.output
    assert result.output.endswith(
        f"{MODULE}:4: page uitleg.nl.md changed and the version is 1.0.0 in both: raise it\n1 problem\n"
    )
    report = read_json(run("diff", old, new, "--json"))
    assert [change["id"] for change in report["changes"]] == ["VEI-INT-0001", "M-VEI-001", ""]
    assert report["changes"][0]["fields"][0] == {"field": "version", "old": 1, "new": 2}
    assert [problem["file"] for problem in report["problems"]] == [MODULE]


def test_nothing_changed_is_no_problem(tmp_path: Path) -> None:
    result = run("diff", write_package(tmp_path), tmp_path)
    assert result.exit_code == 0
    assert result.output.endswith("0 added, 0 removed, 0 changed\n")


def test_what_a_package_holds_is_counted(tmp_path: Path) -> None:
    review = {"by": "Tegenlezer", "on": "2026-11-01", "agreed": 1}
    changes = {"review_before": "2028-01-01", "sources": ["NCSC"], "reviews": [review]}
    folder = write_package(tmp_path, lambda tree: tree[ITEM].update(changes))
    found = read_json(run("stats", folder, "--json"))
    assert list(found) == [
        *("package", "version", "release", "domains", "levels", "items", "subskills", "modules", "shares"),
        *("key_position", "reading_ease", "digcomp", "variables", "translations", "languages", "licences"),
    ]
    assert (found["package"], found["version"]) == ("klein-pakket", "1.2.3")
    assert (found["items"]["total"], found["items"]["asked"]) == (3, 2)
    assert (found["items"]["simulations"], found["items"]["file_tasks"]) == (0, 0)
    group = {"domain": "veiligheid", "level": "zelfstandig", "type": "single_choice", "status": "pilot"}
    assert found["items"]["groups"] == [
        group | {"pool": "assessment", "items": 2},
        group | {"pool": "practice", "items": 1},
    ]
    assert found["subskills"][1] == {
        "domain": "veiligheid",
        "subskill": "vei.durven",
        "scored": False,
        "items": 0,
        "asked": 0,
    }
    assert found["modules"] == {
        "total": 1,
        "minutes": 10,
        "groups": [{"domain": "veiligheid", "level": "start", "modules": 1, "minutes": 10}],
    }
    assert found["shares"] == {
        "with_sources": 0.333,
        "with_review_date": 0.333,
        "with_modules": 0.333,
        "answered_blind": 0.333,
        "not_one_choice": 0.0,
        "key_longest": 0.0,
        "choice_items": 3,
    }
    assert found["key_position"] == {"counts": [3, 0, 0], "p": None}
    assert found["reading_ease"]["items"]["texts"] == 3
    ease = found["reading_ease"]["modules"]
    assert (ease["texts"], ease["lowest_of"]) == (1, "M-VEI-001")
    assert ease["lowest"] == ease["mean"] == ease["median"]
    assert found["digcomp"]["items"] == {"4.1": 3}
    assert "1.1" in found["digcomp"]["missing"]
    assert len(found["digcomp"]["missing"]) == 20
    assert found["variables"][0] == {"name": "gemeente.naam", "required": True, "used": True}
    assert found["languages"] == ["nl"]
    assert found["translations"] == []
    assert found["licences"] == {"CC-BY-SA-4.0": 4}


def test_for_people_it_is_tables(tmp_path: Path) -> None:
    def change(tree: Tree) -> None:
        tree[MANIFEST]["variables"]["wifi.naam"] = {"required": False, "example": "x"}

    output = run("stats", write_package(tmp_path, change)).output
    assert ": 3 items, 2 of them asked in an assessment\n" in output
    assert "level       basis  zelfstandig\nveiligheid  0      3\nall         0      3\n" in output
    assert "pool        assessment  practice\nveiligheid  2           1\n" in output
    assert "1 modules, 10 minutes\ndomain      level  modules  minutes\nveiligheid  start  1        10\n" in output
    assert "Key is longest        0.0 % of 3 choice items\n" in output
    assert "Place of the key      1: 3, 2: 0, 3: 0\nReading ease, items   mean " in output
    assert "\n0 simulations, 0 with a file to open\n" in output
    assert "Variable              wifi.naam (optional, not used)\n" in output


def test_a_package_without_trainings_in_use_can_be_counted_too(tmp_path: Path) -> None:
    starter = read_json(run("stats", STARTER_PACKAGE, "--json"))
    assert starter["items"]["total"] == 18
    assert "Licences              CC-BY-SA-4.0 (19)\n" in run("stats", STARTER_PACKAGE).output


def test_a_broken_package_is_not_counted(tmp_path: Path) -> None:
    result = run("stats", write_package(tmp_path, replace(ITEM, colour="red")))
    assert isinstance(result.exception, ContentBroken)


def test_what_could_not_be_read_is_never_counted() -> None:
    parsed, _ = parse(Files({}, {}))
    with pytest.raises(ValueError, match="only a package without problems is counted"):
        statistics(parsed, Translated(), "x")


def test_the_schemas_are_written(tmp_path: Path) -> None:
    assert run("schemas", tmp_path).exit_code == 0
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == schemas()
    assert run("schemas", tmp_path / "weg").exit_code == 2
