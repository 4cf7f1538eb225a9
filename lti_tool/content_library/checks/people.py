"""The people of a package: personas that are known, and reviewers who did not write it themselves."""

from __future__ import annotations

from collections.abc import Iterator

from lti_tool.content_library.checks.repeats import repeats
from lti_tool.content_library.format import FrameworkShape, PackageShape
from lti_tool.content_library.parsed import Entry, Parsed
from lti_tool.content_library.problems import Problem


def check_people(parsed: Parsed) -> Iterator[Problem]:
    """Every disagreement; without a manifest and a framework nothing can be said."""
    if parsed.package and parsed.framework:
        yield from _personas(parsed.package, parsed.framework.shape, parsed)
    yield from _reviews(parsed)


def _personas(manifest: Entry[PackageShape], framework: FrameworkShape, parsed: Parsed) -> Iterator[Problem]:
    known = [persona.id for persona in manifest.shape.personas]
    if repeats(known):
        yield manifest.problem("two personas have the same id", "personas")
    for place, persona in enumerate(manifest.shape.personas):
        for domain in sorted(set(persona.target) - set(framework.domains)):
            yield manifest.problem(f"the framework has no domain {domain}", "personas", place, "target", domain)
    for entry in (*parsed.items, *parsed.modules):
        for place, persona_id in enumerate(entry.shape.personas):
            if persona_id not in known:
                yield entry.problem(f"package.yaml has no persona {persona_id}", "personas", place)


def _reviews(parsed: Parsed) -> Iterator[Problem]:
    for entry in (*parsed.items, *parsed.modules):
        for place, review in enumerate(entry.shape.reviews):
            if review.by in entry.shape.authors:
                yield entry.problem(f"{review.by} is an author; somebody else reviews", "reviews", place)
            if review.agreed is not None and review.agreed > review.count:
                message = f"{review.agreed} of {review.count} cannot agree"
                yield entry.problem(message, "reviews", place, "agreed")
