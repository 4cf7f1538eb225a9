"""What the documents name is there: tests, files, commands, targets, settings; every requirement has a row."""

from __future__ import annotations

import configparser
import importlib.util
import json
import re
from pathlib import Path

import click
import pytest
import yaml
from cryptography.fernet import Fernet

from lti_tool import VERSION
from lti_tool.cli import cli
from lti_tool.settings import LRS_RIGHTS, Settings, load_settings
from lti_tool.use_cases.connect_portal import TenantFile

ROOT = Path(__file__).parents[2]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "content_packages/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
REQUIREMENTS = [f"{kind}{n}" for kind, count in (("R", 120), ("T", 10), ("D", 34)) for n in range(1, count + 1)]
MOST_WORDS = 12
LONGEST_DECISION = 25
"""Lines: half a page."""

_ROW = re.compile(r"^\| ([RTD]\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?:\bdigivaardig|-m lti_tool\.cli) +([^`|#]*)")


def rows() -> list[tuple[str, str, str]]:
    """Number, requirement and what shows it."""
    return _ROW.findall((ROOT / "docs" / "requirements.md").read_text())


def evidence() -> list[tuple[str, str]]:
    """Number, and a path or a test that it names."""
    return [(number, name) for number, _, shown in rows() for name in re.findall(r"`([^`]+)`", shown)]


def code_in(text: str) -> list[str]:
    """Lines of code blocks, and what stands between backticks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", rest)


def anchors_of(document: Path) -> set[str]:
    """The anchors that a heading gets on a code hosting site."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def refusal(words: list[str]) -> str:
    """Why the command line would not know these words; empty when it does."""
    command: click.Command = cli
    for word in words:
        if word.startswith("--"):
            known = {option for parameter in command.params for option in parameter.opts}
            if word not in known:
                return f"{command.name} has no {word}"
        elif isinstance(command, click.Group):
            if word not in command.commands:
                return f"{command.name} has no {word}"
            command = command.commands[word]
    return f"{command.name} needs a command" if isinstance(command, click.Group) else ""


def test_every_requirement_has_exactly_one_row() -> None:
    assert [number for number, _, _ in rows()] == REQUIREMENTS


def test_a_row_asks_in_few_words_and_says_what_is_there_and_what_is_not() -> None:
    for number, requirement, shown in rows():
        assert len(requirement.split()) <= MOST_WORDS, number
        if shown.startswith("in part: "):
            there, missing = shown.split("; not yet: ")
            assert "`" in there, number
            assert missing, number
        else:
            assert shown == "not yet" or shown.startswith("`"), number
            assert "not yet" not in shown.removeprefix("not yet"), number


def test_what_shows_a_requirement_exists() -> None:
    missing = []
    for number, name in evidence():
        path, _, test = name.partition("::")
        file = ROOT / path
        if not file.exists() or (test and not re.search(rf"^def {test}\(", file.read_text(), re.MULTILINE)):
            missing.append(f"{number}: {name}")
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    missing = []
    for link in _LINK.findall(document.read_text()):
        path, _, anchor = link.partition("#")
        if "://" in path:
            continue
        target = document.parent / path if path else document
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            missing.append(link)
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_in_a_document_is_one(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wrong = []
    for code in code_in(document.read_text()):
        wrong += [f"make {target}" for target in re.findall(r"\bmake ([a-z-]+)", code) if target not in targets]
        wrong += [why for words in _COMMAND.findall(code) if (why := refusal(words.split()))]
        wrong += [m for m in re.findall(r"-m (lti_tool[\w.]*)", code) if importlib.util.find_spec(m) is None]
    assert wrong == []


def test_what_the_container_runs_are_commands() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"].values()
    in_image = re.findall(r"^CMD (.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    commands = [service["command"] for service in services if "command" in service]
    for program, *words in [*commands, *map(json.loads, in_image)]:
        assert program == "digivaardig"
        assert refusal(words) == ""


def test_a_command_that_is_none_is_noticed() -> None:
    assert refusal(["tenant", "apply", "FILE"]) == ""
    assert refusal(["tenant", "forget"]) == "tenant has no forget"
    assert refusal(["analyst", "link", "--all"]) == "link has no --all"
    assert refusal(["figures"]) == "figures needs a command"


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_numbered_complete_and_short(decision: Path) -> None:
    text = decision.read_text()
    assert text.startswith(f"# {int(decision.stem[:4])}. ")
    assert "**Context.**" in text
    assert "**Decision.**" in text
    assert "**Consequences.**" in text
    assert len(text.splitlines()) <= LONGEST_DECISION


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(decision.stem[:4]) for decision in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def example_settings() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_example_names_exactly_the_settings_of_the_tool_and_of_compose() -> None:
    of_compose = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    assert set(example_settings()) == {name.upper() for name in Settings.model_fields} | of_compose


def test_the_example_is_accepted_once_its_secrets_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(json.loads(example_settings()["LRS_KEYS"])) == set(LRS_RIGHTS)
    secrets = {
        "SECRET_KEY": "s" * 48,
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "LRS_KEYS": json.dumps(dict.fromkeys(LRS_RIGHTS, "k" * 24)),
    }
    for name, value in {**example_settings(), **secrets}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.built_in_lrs_is_mounted
    assert not settings.demo
    assert (ROOT / settings.content_dir / settings.content_package / "package.yaml").is_file()


def test_the_municipality_in_the_documents_is_accepted() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "operations.md").read_text(), re.DOTALL)
    described = TenantFile.model_validate(yaml.safe_load(example))
    assert described.works_council is not None


def test_the_public_code_file_can_be_read_and_the_versions_agree() -> None:
    described = yaml.safe_load((ROOT / "publiccode.yml").read_text())
    packaged = configparser.ConfigParser()
    packaged.read(ROOT / "setup.cfg")
    assert described["legal"]["license"] == packaged["metadata"]["license"]
    assert VERSION == packaged["metadata"]["version"] == described["softwareVersion"]


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-dev.in"])
def test_requirements_name_no_registry(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("-")]
