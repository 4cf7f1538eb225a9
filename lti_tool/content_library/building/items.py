"""From the shape of a question to the question, with the municipality's own words filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lti_tool.content_library.format.items import GAP, ClozeShape, GapShape, ItemShape, OptionShape
from lti_tool.content_library.format.simulations import (
    ChoiceShape,
    LoginPromptShape,
    MailboxShape,
    MailShape,
    SearchResultsShape,
    ShareDialogShape,
    SimulationShape,
)
from lti_tool.content_library.media import ending
from lti_tool.content_library.rendering import fill
from lti_tool.domain.content import (
    SOURCE_LANGUAGE,
    Area,
    Attachment,
    Choice,
    Difficulty,
    Feedback,
    Item,
    Number,
    Option,
    Picture,
    Row,
)
from lti_tool.domain.scenes import LoginPrompt, Mail, Mailbox, Person, Result, Scene, SearchResults, ShareDialog

Say = Callable[[str | None], str]


def build_item(shape: ItemShape, values: Mapping[str, str], language: str = SOURCE_LANGUAGE) -> Item:
    """The question as one municipality sees it, in the language of its shape, which must have been checked."""

    def say(text: str | None) -> str:
        return fill(text or "", values)

    told = shape.feedback
    normalise = shape.cloze.normalise if shape.cloze else shape.answer.normalise if shape.answer else ()
    return Item(
        id=shape.id,
        version=shape.version,
        status=shape.status,
        pool=shape.pool,
        domain=shape.domain,
        subskill=shape.subskill,
        digcomp=tuple(shape.digcomp),
        type=shape.type,
        scored=shape.scored,
        difficulty=Difficulty(shape.difficulty.b, shape.difficulty.prior_sd, shape.difficulty.source),
        stem=say(shape.stem),
        context=say(shape.context) or None,
        options=tuple(_option(option, say) for option in shape.options),
        accept=tuple(say(text) for text in shape.answer.accept) if shape.answer else (),
        normalise=tuple(normalise),
        shuffle=shape.shuffle,
        feedback=Feedback(
            right=say(told.right),
            not_yet=say(told.not_yet),
            tip_at_work=say(told.tip_at_work),
            why=say(told.why),
        ),
        language=language,
        modules=tuple(shape.modules),
        requires=tuple(shape.requires),
        enemies=tuple(shape.enemies),
        rows=_rows(shape, say),
        # First split: a value may look like a gap.
        sentence=tuple(say(part) for part in GAP.split(shape.cloze.text)[::2]) if shape.cloze else (),
        scene=_scene(shape.simulation, say) if shape.simulation else None,
        number=Number(shape.number.value, shape.number.tolerance) if shape.number else None,
        picture=_picture(shape, say),
        attachments=tuple(
            Attachment(attached.file, say(attached.name), ending(attached.file)) for attached in shape.attachments
        ),
    )


def _option(shape: OptionShape, say: Say) -> Option:
    area = Area(**shape.area.model_dump()) if shape.area else None
    return Option(shape.id, say(shape.text), say(shape.feedback), shape.correct, area)


def _picture(shape: ItemShape, say: Say) -> Picture | None:
    if shape.picture is None:
        return None
    return Picture(shape.picture.file, say(shape.picture.alt), say(shape.picture.long_description))


def _rows(shape: ItemShape, say: Say) -> tuple[Row, ...]:
    if shape.pairs:
        rights = _numbered([pair.right for pair in shape.pairs], say)
        return tuple(Row(say(pair.left), rights, (rights[n].id,)) for n, pair in enumerate(shape.pairs))
    if shape.files:
        folders = _numbered(shape.folders, say)
        places = {folder: str(number) for number, folder in enumerate(shape.folders)}
        return tuple(Row(say(file.name), folders, (places[file.folder],), say(file.why)) for file in shape.files)
    if shape.cloze:
        return tuple(_gap(gap, say) for gap in _in_reading_order(shape.cloze))
    return _decisions(shape.simulation, say) if shape.simulation else ()


def _in_reading_order(cloze: ClozeShape) -> list[GapShape]:
    return [cloze.gaps[int(number) - 1] for number in GAP.findall(cloze.text)]


def _gap(gap: GapShape, say: Say) -> Row:
    if not gap.choices:
        return Row("", (), tuple(say(text) for text in gap.accept), say(gap.why))
    choices = _numbered(gap.choices, say)
    return Row("", choices, (str(gap.choices.index(gap.key or "")),), say(gap.why))


def _numbered(texts: Sequence[str], say: Say) -> tuple[Choice, ...]:
    return tuple(Choice(str(number), say(text)) for number, text in enumerate(texts))


def _decisions(shape: SimulationShape, say: Say) -> tuple[Row, ...]:
    if isinstance(shape, SearchResultsShape):
        found = _numbered([result.title for result in shape.results], say)
        accept = tuple(choice.id for choice, result in zip(found, shape.results, strict=True) if result.correct)
        return (Row(say(shape.label), found, accept, say(shape.why)),)
    rows = [
        Row(say(field.label), _choices(field.choices, say), tuple(field.key), say(field.why))
        for field in shape.fields
    ]
    if isinstance(shape, MailboxShape) and not shape.fields:
        choices = _choices(shape.choices, say)
        rows = [Row(say(mail.subject), choices, tuple(mail.key), say(mail.why)) for mail in shape.mails]
    if isinstance(shape, ShareDialogShape):
        choices = _choices(shape.choices, say)
        rows = [Row(say(one.name), choices, tuple(one.key), say(one.why)) for one in shape.people] + rows
    return tuple(rows)


def _choices(shapes: Sequence[ChoiceShape], say: Say) -> tuple[Choice, ...]:
    return tuple(Choice(shape.id, say(shape.text)) for shape in shapes)


def _scene(shape: SimulationShape, say: Say) -> Scene:
    if isinstance(shape, MailboxShape):
        return Mailbox(tuple(_mail(mail, say) for mail in shape.mails), 0 if shape.fields else len(shape.mails))
    if isinstance(shape, ShareDialogShape):
        people = tuple(Person(say(one.name), say(one.about)) for one in shape.people)
        return ShareDialog(say(shape.file), people)
    if isinstance(shape, LoginPromptShape):
        return LoginPrompt(say(shape.service), tuple(say(line) for line in shape.lines))
    results = [Result(say(r.title), say(r.address), say(r.snippet), r.advertisement) for r in shape.results]
    return SearchResults(say(shape.query), tuple(results))


def _mail(shape: MailShape, say: Say) -> Mail:
    return Mail(
        from_name=say(shape.from_name),
        from_address=say(shape.from_),
        subject=say(shape.subject),
        body=say(shape.body),
        link_text=say(shape.link.text) if shape.link else "",
        link_address=say(shape.link.href) if shape.link else "",
        attachment=say(shape.attachment),
    )
