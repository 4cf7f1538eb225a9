"""Folders, YAML and Markdown that are made to take for ever, to run something or to get out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

ITEM: Final = "items/veiligheid/VEI-INT-0001.yaml"
TYPED: Final = "items/operationeel/OPE-SOF-0004.yaml"
GOLDEN: Final = "tests/golden.yaml"
MODULE: Final = "modules/mail-bekijken"
PAGE: Final = f"{MODULE}/uitleg.nl.md"

Spoil = Callable[[Path], object]


def _write(name: str, content: str | bytes) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return spoil


def _add(name: str, text: str) -> Spoil:
    """Behind what stands there."""
    return lambda folder: (folder / name).write_text((folder / name).read_text("utf-8") + text, "utf-8")


def _stem(value: str) -> Spoil:
    def spoil(folder: Path) -> None:
        text = (folder / ITEM).read_text("utf-8")
        (folder / ITEM).write_text(re.sub(r"^stem:.*$", lambda _: f"stem: {value}", text, flags=re.M), "utf-8")

    return spoil


def _many(number: int, name: str, content: str = "") -> Spoil:
    def spoil(folder: Path) -> None:
        for n in range(number):
            _write(name.format(n), content)(folder)

    return spoil


def _typed(accept: str, normalise: str, golden: str) -> Spoil:
    """A typed answer, and golden responses to it."""

    def spoil(folder: Path) -> None:
        text = (folder / TYPED).read_text("utf-8")
        answer = f"answer: {{accept: [{accept}], normalise: [{normalise}]}}"
        (folder / TYPED).write_text(re.sub(r"^answer:.*$", lambda _: answer, text, flags=re.M), "utf-8")
        (folder / GOLDEN).write_text(f"schema: golden/1\nitems:\n  OPE-SOF-0004:\n{golden}", "utf-8")

    return spoil


def _deep_folders(folder: Path) -> None:
    here = os.open(folder, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("a", dir_fd=here)
        there = os.open("a", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = there
    os.close(here)


def _link(name: str, target: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)

    return spoil


_BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
_PROBLEMS = "\n".join(f"x{number}: 1" for number in range(950))

FOLDERS: Final[dict[str, tuple[Spoil, str]]] = {
    "YAML: a bomb of references": (_write(ITEM, _BOMB), f"{ITEM}:1: anchors (&) and tags (!) are not allowed"),
    "YAML: a reference": (_add(ITEM, "context: *weg\n"), "a reference to another place (*) is not allowed"),
    "YAML: a Python object": (
        _write(ITEM, 'x: !!python/object/apply:os.system ["true"]'),
        f"{ITEM}:1: anchors (&) and tags (!) are not allowed",
    ),
    "YAML: 30,000 levels of lists": (_write(ITEM, "[" * 30_000), f"{ITEM}:1: nested deeper than 12 levels"),
    "YAML: 30,000 levels of mappings": (_write(ITEM, "{a: " * 15_000), f"{ITEM}:1: nested deeper than 12 levels"),
    "YAML: 30,000 levels of dashes": (_write(ITEM, "- " * 30_000), f"{ITEM}:1: nested deeper than 12 levels"),
    "YAML: 60 KB in one text": (_stem('"' + "a" * 60_000 + '"'), "stem: should have at most 800 characters"),
    "YAML: a number of 60,000 digits": (_stem("9" * 60_000), "stem: should have at most 800 characters"),
    "YAML: 1e999": (_stem("1e999 b: .inf"), "this is not YAML"),
    "YAML: 8,000 keys": (
        _write(ITEM, "\n".join(f"x{number}:" for number in range(8000))),
        f"{ITEM}: more than 1,000 values in one file",
    ),
    "YAML: 8,000 times the same key": (_write(ITEM, "x:\n" * 8000), f"{ITEM}:2: the key 'x' stands here twice"),
    "YAML: 30,000 values in a list": (
        _stem("[" + "1," * 30_000 + "]"),
        f"{ITEM}: more than 1,000 values in one file",
    ),
    "YAML: a key of 60 KB": (_write(ITEM, "? " + "k" * 60_000 + "\n: 1\n"), f"{ITEM}:2: {'k' * 200}"),
    "YAML: a key for the terminal": (_add(ITEM, '"\\e[2J": 1\n'), r"\x1b[2J: the format has no such key"),
    "YAML: 5,000 directives": (
        _write(ITEM, "".join(f"%TAG !a{number}! x\n" for number in range(4000)) + "--- 1\n"),
        f"{ITEM}",
    ),
    "YAML: two documents": (_add(ITEM, "---\na: 1\n"), "one file holds one document"),
    "YAML: 60 KB of quotes": (_stem("'" * 60_001), "this is not YAML"),
    "YAML: no UTF-8": (_write(ITEM, b"a: \xff\xfe"), f"{ITEM}: is not UTF-8 text"),
    "YAML: UTF-16": (_write(ITEM, "schema: item/1".encode("utf-16")), f"{ITEM}: is not UTF-8 text"),
    "YAML: a NUL": (_write(ITEM, "a: \0"), f"{ITEM}: this is not YAML"),
    "YAML: more values than any author needs": (
        _many(250, "items/veiligheid/VEI-INT-{:04d}.yaml", "x: [" + "1," * 950 + "]"),
        "a package has at most 200,000 values",
    ),
    "YAML: a hundred thousand problems": (
        _many(120, "items/veiligheid/VEI-INT-{:04d}.yaml", _PROBLEMS),
        "and 1",
    ),
    "a typed answer: 450 ways to type it, each changed 450 times": (
        _typed('"a b", ' * 450, "strip_spaces, " * 450, "    - {response: x, right: false}\n"),
        f"{TYPED}:13: answer.normalise: List should have at most 8 items",
    ),
    "golden responses: 300, each beside 900 ways to type it": (
        _typed(
            ", ".join(f'"a {number}"' for number in range(900)),
            "trim, casefold, strip_spaces, strip_equals",
            f"    - {{response: '{'a ' * 80}', right: true}}\n" * 300,
        ),
        f"{GOLDEN}:303: OPE-SOF-0004: 'a a a",
    ),
    "golden responses: a number of 60,000 digits": (
        _write(GOLDEN, f"schema: golden/1\nitems: {{OPE-SOF-0005: [{{response: {'9' * 60_000}, right: true}}]}}"),
        f"{GOLDEN}:2: OPE-SOF-0005: longer than 1000 characters",
    ),
    "Markdown: HTML": (_add(PAGE, "\n<script>alert(1)</script>\n"), f"{PAGE}: HTML is not allowed"),
    "Markdown: HTML with an event": (
        _add(PAGE, "\n<img src=x onerror=alert(1)>\n"),
        f"{PAGE}: HTML is not allowed",
    ),
    "Markdown: a link that runs": (_add(PAGE, "\n[x](javascript:alert(1))\n"), f"{PAGE}: "),
    "Markdown: a link with a hidden scheme": (_add(PAGE, "\n[x](java&#115;cript:alert(1))\n"), f"{PAGE}: "),
    "Markdown: a link without a scheme": (
        _add(PAGE, "\n[x](//weg.example/)\n"),
        f"{PAGE}: a link must begin with https://",
    ),
    "Markdown: a link with data": (_add(PAGE, "\n[x](data:text/html,x)\n"), f"{PAGE}: "),
    "Markdown: a picture from elsewhere": (
        _add(PAGE, "\n![x](https://weg.example/x.png)\n"),
        f"{PAGE}: a picture is a block of its own",
    ),
    "Markdown: 60 KB of brackets": (_write(PAGE, "[" * 60_000), f"{PAGE}: has more than 2,000 signs"),
    "Markdown: 60 KB of tables": (_write(PAGE, "a|b\n-|-\n" * 7000), f"{PAGE}: has more than 2,000 signs"),
    "Markdown: 4,000 pages of stars": (
        _many(4000, "modules/een/p{}.md", "*a **b " * 300),
        "micro-trainings have at most 60,000 signs",
    ),
    "an address that exists": (_stem('"Ga naar https://www.google.com/."'), "www.google.com may exist"),
    "folders: 6,000 files": (_many(6000, "modules/een/p{}.md"), "a package has at most 5000 files"),
    "folders: 300 levels": (_deep_folders, "a/a/a/a: this folder does not belong in a package"),
    "folders: a hidden one": (_write(".git/hooks/post-checkout", "x"), ".git: this folder does not belong"),
    "folders: a link to a file": (_link("README.md", "/etc/passwd"), "README.md: links are not allowed"),
    "folders: a link to a folder": (_link("vreemd", "/"), "vreemd: links are not allowed"),
    "folders: a pipe": (lambda folder: os.mkfifo(folder / "README.md"), "README.md: this file does not belong"),
    "folders: a program": (_write("items/run.py", "import os"), "items/run.py: this file does not belong"),
    "folders: a page": (_write("media/index.html", "<p>"), "media/index.html: this file does not belong"),
    "licences: none": (
        lambda folder: (folder / "media/LICENSES.csv").unlink(),
        "media/LICENSES.csv: is missing; it has a line for each file in media",
    ),
    "licences: of a file that is not there": (
        _add("media/LICENSES.csv", "weg.svg,CC-BY-SA-4.0,Iemand,\n"),
        "media/LICENSES.csv:9: there is no file media/weg.svg",
    ),
    "licences: a quote that never ends": (
        _add("media/LICENSES.csv", '"' + "a,\n" * 9000),
        "media/LICENSES.csv:9008: is no line of a CSV file",
    ),
}
