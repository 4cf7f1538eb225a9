"""`digivaardig content import` and `export`, as an author types them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from lti_tool.cli.content import content
from lti_tool.content_library import STARTER_PACKAGE, ContentBroken, load_package
from lti_tool.content_library.exchange import importing
from lti_tool.content_library.exchange.formats import FORMATS
from lti_tool.content_library.exchange.importing import Wishes, carry_out, read_import
from lti_tool.content_library.exchange.questions import LARGEST_FILE_BYTES, FileRefused
from tests.packages import ITEM, problems, put, write_package

GOOD = "Wat doe je?{=Op slot#Zo. ~Uitzetten#Nee. ~Omdraaien#Ook niet. ####Daarom.}\n"
WITH_LOSS = "Wat doe je?{=Op slot#Zo. ~%50%Uitzetten#Nee. ~Omdraaien#Ook niet. ####Daarom.}\n"
BARE = "Wat doe je?{=Op slot ~Uit}\n"
SKILL = ("--domain", "veiligheid", "--subskill", "vei.internet")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "pakket").mkdir()
    return write_package(tmp_path / "pakket")


def written(tmp_path: Path, text: str, name: str = "vragen.gift") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(content, [str(word) for word in words])


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_question_is_added_as_a_concept_with_the_next_free_id(tmp_path: Path, package: Path) -> None:
    done = run("import", written(tmp_path, GOOD), "--into", package, *SKILL, "--b", "0.5")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "items/veiligheid/VEI-INT-0003.yaml  from line 1",
        "1 of 1 questions added. Parts lost: 0.",
    ]
    item = load_package(package).items["VEI-INT-0003"]
    assert (item.status, item.pool, item.difficulty.b) == ("concept", "assessment", 0.5)
    assert item.feedback.why == "Daarom."


def test_practice_and_a_prefix_of_ones_own_have_their_own_numbers(tmp_path: Path, package: Path) -> None:
    done = run("import", written(tmp_path, GOOD), "--into", package, *SKILL, "--pool", "practice")
    assert "VEI-INT-0101.yaml" in done.output
    done = run("import", written(tmp_path, GOOD), "--into", package, *SKILL, "--prefix", "VEI-NEP")
    assert "VEI-NEP-0001.yaml" in done.output


def test_what_the_file_does_not_say_is_a_placeholder_that_check_points_at(tmp_path: Path, package: Path) -> None:
    done = run("import", written(tmp_path, BARE), "--into", package, *SKILL)
    assert done.exit_code == 0
    assert f"Texts still to be written (TODO): 5; see: digivaardig content check {package}" in done.output
    checked = run("check", package)
    assert checked.exit_code == 1
    told = [line for line in checked.output.splitlines() if "still to be written" in line]
    assert [line.split(": ")[0].rpartition("/")[2].split(":")[0] for line in told] == ["VEI-INT-0003.yaml"] * 4
    assert all(int(line.split(":")[1]) > 1 for line in told)


def test_one_part_too_many_and_the_exit_code_is_3(tmp_path: Path, package: Path) -> None:
    done = run("import", written(tmp_path, WITH_LOSS + "\nVertel.{}\n"), "--into", package, *SKILL)
    assert done.exit_code == 3
    assert done.output.splitlines() == [
        'lost: line 1, "Wat doe je?": partial credit: Uitzetten counts 50 %',
        'lost: line 3, "Vertel.": not taken over: an essay, which nobody can score at once',
        "items/veiligheid/VEI-INT-0003.yaml  from line 1",
        "1 of 2 questions added. Parts lost: 2.",
    ]


def test_nothing_taken_is_exit_code_1_and_nothing_written(tmp_path: Path, package: Path) -> None:
    before = files_in(package)
    done = run("import", written(tmp_path, "Vertel.{}\n"), "--into", package, *SKILL)
    assert (done.exit_code, files_in(package)) == (1, before)


def test_a_dry_run_writes_nothing(tmp_path: Path, package: Path) -> None:
    before = files_in(package)
    done = run("import", written(tmp_path, GOOD), "--into", package, *SKILL, "--dry-run")
    assert (done.exit_code, files_in(package)) == (0, before)
    assert "1 of 1 questions would be added" in done.output


def test_what_the_format_does_not_allow_is_told(tmp_path: Path, package: Path) -> None:
    five = "Wat?{=a#A. ~b#B. ~c#C. ~d#D. ~e#E. ####Zo.}\n\n"
    long = f"{'Wat? ' * 200}{{=a#A. ~b#B. ~c#C. ####Zo.}}\n"
    done = run("import", written(tmp_path, five + long), "--into", package, *SKILL)
    assert done.exit_code == 3
    assert "to mend: items/veiligheid/VEI-INT-0003.yaml:15: single_choice has 3 to 4 options" in done.output
    assert "stem: should have at most 800 characters" in done.output


def test_an_item_that_is_there_stays_as_it_is(tmp_path: Path, package: Path) -> None:
    before = files_in(package)
    text = f"::VEI-INT-0001@2::{GOOD}\n::VEI-INT-0042@2::{GOOD}\n::VEI-INT-0042@3::{GOOD}"
    done = run("import", written(tmp_path, text), "--into", package, *SKILL)
    assert done.exit_code == 3
    assert "the package has an item VEI-INT-0001, and an import changes no item" in done.output
    assert "the package has an item VEI-INT-0042" in done.output
    after = files_in(package)
    assert set(after) - set(before) == {"items/veiligheid/VEI-INT-0042.yaml"}
    assert {name: after[name] for name in before} == before


def test_two_imports_at_once_never_take_each_others_place(tmp_path: Path, package: Path) -> None:
    planned = read_import(written(tmp_path, GOOD + "\n" + GOOD), package, Wishes("veiligheid", "vei.internet"))
    other = package / "items/veiligheid/VEI-INT-0004.yaml"
    other.write_text("van een ander")
    before = files_in(package)
    with pytest.raises(FileRefused, match=r"VEI-INT-0004.yaml was made meanwhile; nothing was added"):
        carry_out(planned, package)
    assert files_in(package) == before


def test_a_disk_that_fails_halfway_leaves_nothing(
    tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_in(package)
    link = os.link

    def full(source: Path, target: Path) -> None:
        if target.name == "VEI-NEP-0002.yaml":
            raise OSError(28, "No space left on device")
        link(source, target)

    monkeypatch.setattr(importing.os, "link", full)
    shutil.rmtree(package / "items")
    done = run("import", written(tmp_path, GOOD + "\n" + GOOD), "--into", package, *SKILL, "--prefix", "VEI-NEP")
    assert (done.exit_code, "No space left on device; nothing was added" in done.output) == (1, True)
    assert files_in(package) == {name: text for name, text in before.items() if not name.startswith("items/")}
    assert list(package.rglob(".import-*")) == []

    def stopped(source: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importing.os, "link", stopped)
    planned = read_import(tmp_path / "vragen.gift", package, Wishes("veiligheid", "vei.internet"))
    with pytest.raises(KeyboardInterrupt):
        carry_out(planned, package)
    assert not (package / "items").exists() or list((package / "items").rglob("*.yaml")) == []


REFUSED: dict[str, tuple[str, ...]] = {
    "the framework has no domain mediawijs: veiligheid": ("--domain", "mediawijs"),
    "veiligheid has no sub-skill ope.software: vei.internet, vei.durven": (
        *("--domain", "veiligheid", "--subskill", "ope.software"),
    ),
    "no domain has no sub-skill vei.internet": ("--subskill", "vei.internet"),
    "the prefix vei is not like VEI-INT": (*SKILL, "--prefix", "vei"),
    "no domain and sub-skill; give --domain and --subskill": (),
    "VEI-INT has no number left": (*SKILL, "--pool", "practice"),
}


@pytest.mark.parametrize("said", REFUSED)
def test_a_wish_that_cannot_be_is_told(tmp_path: Path, package: Path, said: str) -> None:
    last = package / "items/veiligheid/VEI-INT-0999.yaml"
    last.write_bytes((package / ITEM).read_bytes())
    before = files_in(package)
    done = run("import", written(tmp_path, GOOD), "--into", package, *REFUSED[said])
    assert (done.exit_code, said in done.output) == (1, True), done.output
    assert files_in(package) == before


def test_test_items_go_on_after_the_practice_numbers(tmp_path: Path, package: Path) -> None:
    (package / "items/veiligheid/VEI-INT-0099.yaml").write_bytes((package / ITEM).read_bytes())
    assert "VEI-INT-1000.yaml" in run("import", written(tmp_path, GOOD), "--into", package, *SKILL).output


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("vragen.docx", b"x", "the name ends in none of .gift, .txt, .xml, .xlsx, .csv"),
        ("vragen.gift", b"x" * (LARGEST_FILE_BYTES + 1), "larger than 10 MB"),
        ("vragen.gift", b"V?{=a ~b ~c}\n\n" * 100_000, "more than 2000 questions"),
        ("vragen.gift", b"{" * 100_000, "0 of 1 questions"),
        ("vragen.xml", b"<quiz>" + b"<question>" * 100_000, "nested deeper than 20 levels"),
        ("vragen.xml", b"<quiz>\xff\xfe", "is no XML"),
        ("vragen.xlsx", b"PK\x03\x04" + b"\x00" * 1000, "is no workbook"),
        ("vragen.csv", bytes(range(256)) * 100, "is no text"),
    ],
)
def test_hostile_files_are_refused_and_nothing_is_written(
    tmp_path: Path, package: Path, name: str, content: bytes, said: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    before = files_in(package)
    done = run("import", file, "--into", package, *SKILL)
    assert (done.exit_code, files_in(package)) == (1, before)
    assert said in done.output


def test_a_file_or_package_that_is_not_there_is_told(tmp_path: Path, package: Path) -> None:
    assert "cannot be read: No such file" in run("import", tmp_path / "weg.gift", "--into", package).output
    done = run("import", written(tmp_path, GOOD), "--into", tmp_path / "weg")
    assert isinstance(done.exception, ContentBroken)
    (package / "package.yaml").unlink()
    assert isinstance(run("import", written(tmp_path, GOOD), "--into", package).exception, ContentBroken)


@pytest.mark.parametrize("name", ["gift", "moodle-xml", "xlsx"])
def test_a_package_goes_out_and_comes_back(tmp_path: Path, name: str) -> None:
    ending = {"gift": "gift", "moodle-xml": "xml", "xlsx": "xlsx"}[name]
    out = tmp_path / f"uit.{ending}"
    gone = run("export", STARTER_PACKAGE, "--format", name, "--out", out)
    assert gone.exit_code == 3
    empty = tmp_path / "leeg"
    shutil.copytree(STARTER_PACKAGE, empty)
    shutil.rmtree(empty / "items")
    back = run("import", out, "--into", empty)
    assert back.exit_code in (0, 3)
    texts = {path.name: yaml.safe_load(path.read_text()) for path in (empty / "items").rglob("*.yaml")}
    assert len(texts) >= 6
    for text in texts.values():
        original = yaml.safe_load((STARTER_PACKAGE / f"items/{text['domain']}/{text['id']}.yaml").read_text())
        for key in ("version", "type", "stem", "options", "pairs", "number", "feedback", "digcomp", "difficulty"):
            assert text.get(key) == original.get(key), (text["id"], key)


def test_the_words_of_a_municipality_are_filled_in(tmp_path: Path, package: Path) -> None:
    out = tmp_path / "uit.gift"
    assert run("export", package, "--format", "gift", "--out", out, "--pool", "practice").exit_code == 0
    assert "Bel Meldpunt ICT als je twijfelt." in out.read_text()
    assert "VEI-INT-0001" not in out.read_text()
    other = tmp_path / "ander.xml"
    run("export", package, "--format", "moodle-xml", "--out", other, "--variable", "meldpunt.incident=Bureau <3")
    assert "Bel Bureau &lt;3 als je twijfelt." in other.read_text()
    assert "{{" not in out.read_text() + other.read_text()


def test_a_spreadsheet_keeps_the_variables_unless_asked(tmp_path: Path, package: Path) -> None:
    for words, said in (((), "{{meldpunt.incident}}"), (("--fill",), "Meldpunt ICT")):
        out = tmp_path / f"uit{len(words)}.xlsx"
        run("export", package, "--format", "xlsx", "--out", out, *words)
        for found in FORMATS["xlsx"].read(out.read_bytes()).found:
            assert found.fields is not None
            assert found.fields["feedback"]["tip_at_work"] == f"Bel {said} als je twijfelt."


EXPORTS_REFUSED = {
    "the package declares no variable x: gemeente.naam": ("--variable", "x=y"),
    "x is not NAME=VALUE": ("--variable", "x"),
    "cannot be written: File exists": ("--out", "er-al.gift"),
}


@pytest.mark.parametrize("said", EXPORTS_REFUSED)
def test_an_export_that_cannot_be_is_told(
    tmp_path: Path, package: Path, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "er-al.gift").write_text("van mij")
    done = run("export", package, "--format", "gift", *EXPORTS_REFUSED[said])
    assert done.exit_code in (1, 2)
    assert said in done.output
    assert (tmp_path / "er-al.gift").read_text() == "van mij"
    assert not (tmp_path / "pakket.gift").exists()


def test_an_export_without_questions_is_told(tmp_path: Path, package: Path) -> None:
    (package / "items/veiligheid/VEI-INT-0100.yaml").unlink()
    done = run("export", package, "--format", "gift", "--out", tmp_path / "x", "--pool", "practice")
    assert (done.exit_code, "no items to write" in done.output) == (1, True)


def test_an_export_in_which_nothing_fits_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "pakket"
    shutil.copytree(STARTER_PACKAGE, folder)
    for path in (folder / "items").rglob("*.yaml"):
        if path.name not in ("OPE-SOF-0007.yaml", "STR-MIN-0001.yaml"):
            path.unlink()
    done = run("export", folder, "--format", "gift", "--out", tmp_path / "x.gift")
    assert (done.exit_code, (tmp_path / "x.gift").exists()) == (1, False)
    assert "gift holds none of these questions" in done.output


def test_a_broken_package_does_not_go_out(tmp_path: Path) -> None:
    folder = write_package(tmp_path, put(ITEM, "options", 1, "correct", to=True))
    assert isinstance(run("export", folder, "--format", "gift", "--out", tmp_path / "x").exception, ContentBroken)
    undeclared = write_package(tmp_path, put(ITEM, "stem", to="Bel {{burgemeester}}?"))
    done = run("export", undeclared, "--format", "gift", "--out", tmp_path / "x")
    assert "VEI-INT-0001: package.yaml does not declare the variable burgemeester" in done.output


def test_control_characters_do_not_leave(tmp_path: Path) -> None:
    folder = write_package(tmp_path, put(ITEM, "stem", to="Wat \x07 doe je?"))
    done = run("export", folder, "--format", "gift", "--out", tmp_path / "x.gift")
    assert "VEI-INT-0001: control characters" in done.output
    assert "Wat  doe je?" in (tmp_path / "x.gift").read_text()


def test_a_placeholder_is_a_problem_with_its_line(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, put(ITEM, "options", 1, "feedback", to="TODO: leg uit."))
    assert said.startswith(f"{ITEM}:")
    assert said.endswith("still to be written: it begins with TODO")
