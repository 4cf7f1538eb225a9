"""`digivaardig xapi`: whether statements are as xAPI and our profile want them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any

import click

from lti_tool.cli.context import Context
from lti_tool.settings import SettingsMissing
from xapi.profile import Profile, profile_of
from xapi.reading import Unreadable, read_statements
from xapi.rules import problems

PROBLEMS = 1
UNREADABLE = 2


@click.group()
def xapi() -> None:
    """Statements, and the profile that describes them."""


@xapi.command()
@click.argument("file", type=click.File("rb"))
@click.option(
    "--iri-base", help="Start of the xAPI IRIs of the installation; otherwise what the environment says."
)
@click.pass_obj
def validate(context: Context, file: IO[bytes], iri_base: str | None) -> None:
    """Say everything that is wrong with the statements in FILE (- is what comes in).

    FILE holds one statement, an array of them, an answer of an LRS, or one of these on each line. What names our
    profile is held against it; for other statements there are the rules of xAPI 1.0.3 only. Exit code 1: there are
    problems; 2: (a part of) FILE cannot be read.
    """
    profile = _profile(context, iri_base)
    seen: Counter[str] = Counter()
    name = getattr(file, "name", "<stdin>")
    for place, problem in _problems(file, profile, seen):
        click.echo(": ".join(part for part in (name, place, problem) if part))
    click.echo(_summary(seen))
    sys.exit(UNREADABLE if seen["unreadable"] else PROBLEMS if seen["problems"] else 0)


def _profile(context: Context, iri_base: str | None) -> Profile:
    try:
        return profile_of(iri_base or context.settings.iri_base)
    except SettingsMissing as err:
        raise click.UsageError("give --iri-base: this environment says nothing of an installation") from err
    except ValueError as err:
        raise click.BadParameter(str(err), param_hint="--iri-base") from err


def _problems(file: IO[bytes], profile: Profile, seen: Counter[str]) -> Iterator[tuple[str, str]]:
    """Place and problem, counting along."""
    for part in read_statements(file):
        if isinstance(part, Unreadable):
            seen["unreadable"] += 1
            yield part.place, part.why
            continue
        seen["statements"] += 1
        ours = profile.is_of(part.statement)
        seen["others"] += not ours
        for problem in _wrong_with(part.statement, profile if ours else None):
            seen["problems"] += 1
            yield part.place, problem


def _wrong_with(statement: Any, profile: Profile | None) -> list[str]:
    return problems(statement) + (profile.problems(statement) if profile else [])


def _summary(seen: Counter[str]) -> str:
    said = f"{seen['statements']} statements, {seen['problems']} problems"
    if seen["unreadable"]:
        said += f", {seen['unreadable']} places that cannot be read"
    if seen["others"]:
        said += f"; {seen['others']} are not of this profile: only the rules of xAPI 1.0.3 were tried on them"
    return f"{said}."
