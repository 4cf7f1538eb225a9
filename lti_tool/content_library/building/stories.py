"""From the shapes of a story and of credits to what a learner meets of them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence

from lti_tool.content_library.composing import LICENCES
from lti_tool.content_library.format import CreditsShape, PackageShape
from lti_tool.content_library.format.items import PictureShape
from lti_tool.content_library.format.stories import MeetingShape, StopShape, StoryShape
from lti_tool.content_library.parsed import CREDITS, MANIFEST, Entry, Parsed
from lti_tool.content_library.rendering import fill
from lti_tool.domain.colophon import Colophon, Credit, MediaCredit
from lti_tool.domain.content import Picture
from lti_tool.domain.stories import Meeting, Place, Stop, Story


def build_story(shape: StoryShape, values: Mapping[str, str]) -> Story:
    """The story as one municipality sees it; the shape must have been checked."""
    return Story(
        id=shape.id,
        version=shape.version,
        title=fill(shape.title, values),
        intro=fill(shape.intro, values),
        map=_picture(shape.map, values),
        stops=tuple(_stop(stop, values) for stop in shape.stops),
        meeting=_meeting(shape.meeting, values) if shape.meeting else None,
    )


def _stop(shape: StopShape, values: Mapping[str, str]) -> Stop:
    return Stop(
        id=shape.id,
        title=fill(shape.title, values),
        place=Place(shape.place.x, shape.place.y),
        picture=_picture(shape.picture, values) if shape.picture else None,
        intro=fill(shape.intro, values),
        modules=tuple(shape.modules),
    )


def _meeting(shape: MeetingShape, values: Mapping[str, str]) -> Meeting:
    return Meeting(fill(shape.title, values), fill(shape.intro, values), shape.minutes)


def _picture(shape: PictureShape, values: Mapping[str, str]) -> Picture:
    return Picture(shape.file, fill(shape.alt, values), fill(shape.long_description or "", values))


def build_colophon(
    manifest: Entry[PackageShape], parsed: Parsed, values: Mapping[str, str], built_on: Sequence[Colophon] = ()
) -> Colophon:
    """What a package of these files says of itself; its credits stand beside its manifest."""
    shape = manifest.shape
    thanked = parsed.credits.get(manifest.file.removesuffix(MANIFEST) + CREDITS)
    # Words that only a package which was extended uses keep its own examples.
    examples = {name: variable.example for name, variable in shape.variables.items()}
    return Colophon(
        title=fill(shape.title, {**examples, **values}),
        version=shape.version,
        publisher=shape.publisher.name,
        contact=shape.publisher.contact or "",
        licence=shape.licence,
        credits=_credits(thanked.shape) if thanked else (),
        media=_media_credits(parsed.texts.get(LICENCES, "")) if manifest is parsed.package else (),
        built_on=tuple(built_on),
        reviewed_by_municipality=shape.reviewed_by_municipality,
    )


def _credits(shape: CreditsShape) -> tuple[Credit, ...]:
    return tuple(
        Credit(credit.name, credit.role, credit.licence or "", credit.url_text or "") for credit in shape.credits
    )


def _media_credits(table: str) -> tuple[MediaCredit, ...]:
    """How many files are whose, most first; a row without a maker says nothing."""
    rows = csv.DictReader(table.splitlines())
    told = [tuple((row.get(key) or "").strip() for key in ("maker", "licence", "source")) for row in rows]
    counts = Counter(row for row in told if row[0])
    return tuple(MediaCredit(maker, licence, source, n) for (maker, licence, source), n in counts.most_common())
