"""What the start page promises, generated from the settings so that it is true (requirements D18, T1–T4).

Nothing is promised that the tool cannot do yet: no sharing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lti_tool.domain.campaign import ANSWERS_KEPT_MONTHS, Campaign, answers_kept_until
from lti_tool.domain.rounding import MINIMUM
from lti_tool.domain.tenant import Tenant

Phrase = tuple[str, str]
"""The same sentence in Dutch and in English."""

MONTHS = (
    (
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
    (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
)


@dataclass(frozen=True)
class Table:
    """A small table under the buttons of the start page."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Promise:
    """Five short lines, the line that belongs to the mode, and the tables with the details."""

    lines: tuple[str, ...]
    mode_line: str
    tables: tuple[Table, ...]


def promise(tenant: Tenant, campaign: Campaign, language: str, *, at_the_lrs: str = "erased") -> Promise:
    """The promise in Dutch (`nl`, the default) or English (`en`).

    Args:
        at_the_lrs: what wiping comes to where statements are kept (`domain.endpoints.after_wiping`).
    """
    column = 1 if language == "en" else 0
    return Promise(
        lines=tuple(line[column] for line in _lines(tenant, campaign)),
        mode_line=_mode_line(campaign)[column],
        tables=(*_tables(tenant, campaign, column), _after_wiping(campaign, at_the_lrs, column)),
    )


def _lines(tenant: Tenant, campaign: Campaign) -> list[Phrase]:
    no_exam = ("Dit is geen examen. Je kunt niet zakken.", "This is not an exam. You cannot fail.")
    if tenant.no_consequences_confirmed_by:
        no_exam = (
            f"{no_exam[0]} Het telt niet mee voor je beoordeling. Dat bevestigt "
            f"{tenant.no_consequences_confirmed_by}.",
            f"{no_exam[1]} It does not count for your appraisal. "
            f"{tenant.no_consequences_confirmed_by} confirms this.",
        )
    return [
        no_exam,
        (
            "Je leidinggevende en HR zien je antwoorden en je uitslag niet.",
            "Your manager and HR do not see your answers or your result.",
        ),
        _organisation_sees(campaign),
        (
            f"Het leerportaal krijgt van ons alleen: klaar. Ook als je overslaat. "
            f"Dat ziet: {tenant.portal_marks_seen_by}.",
            f"All we tell the learning portal is: done. Also when you skip. "
            f"This is seen by: {tenant.portal_marks_seen_by}.",
        ),
        (
            "Er loopt geen klok. Stoppen mag altijd. Je gaat later verder waar je was.",
            "There is no clock. You may stop at any time and go on later where you were.",
        ),
    ]


def _organisation_sees(campaign: Campaign) -> Phrase:
    if campaign.writes_results:
        return (
            f"Je gemeente ziet alleen cijfers over groepen van {MINIMUM} mensen of meer.",
            f"Your municipality only sees figures about groups of {MINIMUM} people or more.",
        )
    return (
        "Je gemeente krijgt geen cijfers, ook niet over groepen.",
        "Your municipality gets no figures, not about groups either.",
    )


def _what_answers_are_for(campaign: Campaign) -> Phrase:
    if campaign.writes_results:
        return (
            f"Jouw advies. En om de vragen beter te maken, met antwoorden van {MINIMUM} mensen of meer",
            f"Your advice. And to make the questions better, with answers from {MINIMUM} people or more",
        )
    return ("Jouw advies", "Your advice")


def _mode_line(campaign: Campaign) -> Phrase:
    if campaign.mode == "verplicht":
        return (
            f"Meedoen hoort bij je werk, omdat {campaign.mandatory_reason}. De vragen overslaan mag.",
            f"Taking part is part of your work, because {campaign.mandatory_reason}. You may skip the questions.",
        )
    if campaign.mode == "middenweg":
        return (
            "Iedereen doet mee. Jij kiest zelf welke trainingen je doet en wanneer.",
            "Everybody takes part. You choose which trainings you take and when.",
        )
    return ("Meedoen mag. Het hoeft niet.", "You are welcome to take part. You do not have to.")


def _who_is_in_the_course(campaign: Campaign) -> tuple[Phrase, Phrase, Phrase]:
    """The row about the list of participants, which the tool asks of the portal."""
    what = (
        "Wie er in de cursus zit. Dat vragen we aan het leerportaal. We bewaren alleen je nummer in het portaal, "
        "of je er nog bij hoort, en je rol. Geen namen",
        "Who is in the course. We ask the learning portal this. We keep only your number in the portal, "
        "whether you still belong to it, and your role. No names",
    )
    operator = (
        "De technisch beheerder alleen bij een storing",
        "The technical operator only when something is broken",
    )
    if not campaign.writes_results:
        log_out = (
            "Je uitloggen als je niet meer in de cursus zit",
            "To log you out when you are not in the course any more",
        )
        return what, log_out, operator
    return (
        what,
        (
            "Je uitloggen als je niet meer in de cursus zit. En weten hoe groot de groep is",
            "To log you out when you are not in the course any more, and to know how large the group is",
        ),
        (
            f"{operator[0]}. Begeleiders zien alleen hoe groot de groep is, vanaf {MINIMUM} mensen",
            f"{operator[1]}. Instructors only see how large the group is, from {MINIMUM} people on",
        ),
    )


AT_THE_LRS: dict[str, Phrase] = {
    "erased": (
        "Wordt gewist. We controleren of het echt weg is",
        "Is erased. We check that it is really gone",
    ),
    "hidden": (
        "Wordt onzichtbaar gemaakt. Wissen kan daar niet. De code leidt niet meer naar jou",
        "Is hidden. It cannot be erased there. The code does not lead to you any more",
    ),
    "kept": (
        "Blijft staan. Wissen kan daar niet. De code leidt niet meer naar jou",
        "Stays. It cannot be erased there. The code does not lead to you any more",
    ),
}


def _after_wiping(campaign: Campaign, at_the_lrs: str, column: int) -> Table:
    """What wiping does, place by place (requirements, section 9)."""
    rows: list[tuple[Phrase, Phrase]] = [
        (
            ("Je antwoorden, je uitslag en je trainingen", "Your answers, result and trainings"),
            ("Worden gewist", "Are erased"),
        ),
    ]
    if campaign.writes_results:
        rows.append((("Wat onder je code staat", "What stands under your code"), AT_THE_LRS[at_the_lrs]))
    rows.append(
        (
            ("‘Klaar’ in het leerportaal", "‘Done’ in the learning portal"),
            ("Blijft, als het er al staat", "Stays, if it is there already"),
        )
    )
    return Table(
        ("Als je je gegevens wist", "If you wipe your data")[column],
        (("Wat", "Wat er dan gebeurt"), ("What", "What happens then"))[column],
        tuple(tuple(cell[column] for cell in row) for row in rows),
    )


def _capital(text: str) -> str:
    """For the start of a cell: the settings have it for the middle of a sentence."""
    return text[:1].upper() + text[1:]


def _tables(tenant: Tenant, campaign: Campaign, column: int) -> list[Table]:
    kept: list[tuple[Phrase, Phrase, Phrase]] = [
        (
            ("Je antwoorden en je uitslag", "Your answers and your result"),
            _what_answers_are_for(campaign),
            (
                "Jij. De technisch beheerder alleen bij een storing",
                "You. The technical operator only when something is broken",
            ),
        ),
    ]
    kept.append(
        (
            ("Of een training jou hielp, als je dat zegt", "Whether a training helped you, if you say so"),
            ("Jij ziet het terug bij je trainingen", "You see it again with your trainings"),
            kept[0][2],
        )
    )
    if campaign.writes_results:
        what = (
            (
                "Welke vragen je goed had, je niveau en je trainingen, met een code in plaats van je naam",
                "Which questions you got right, your level and your trainings, with a code instead of your name",
            )
            if tenant.answers_to_operator_lrs
            else (
                "Je niveau en je trainingen, met een code in plaats van je naam",
                "Your level and your trainings, with a code instead of your name",
            )
        )
        kept.append(
            (
                what,
                ("Zien of de trainingen helpen", "To see whether the trainings help"),
                (
                    "De technisch beheerder. Elke keer dat die kijkt op de beheerpagina wordt vastgelegd",
                    "The technical operator. Each look at the operator page is logged",
                ),
            )
        )
        if tenant.teams:
            kept.append(
                (
                    ("Je team, als je dat kiest", "Your team, if you choose one"),
                    (
                        f"Cijfers per team, vanaf {MINIMUM} mensen",
                        f"Figures per team, from {MINIMUM} people on",
                    ),
                    ("Niemand ziet het bij jouw uitslag", "Nobody sees it with your result"),
                )
            )
    if tenant.greets_by_name:
        kept.append(
            (
                ("Je voornaam, tot een dag na je bezoek", "Your first name, until a day after your visit"),
                ("Om je te groeten", "To greet you"),
                ("Jij. Hij staat niet bij je antwoorden", "You. It does not stand with your answers"),
            )
        )
    kept.append(
        (
            ("Of je klaar bent (ja of nee)", "Whether you are done (yes or no)"),
            ("Het leerportaal", "The learning portal"),
            (_capital(tenant.portal_marks_seen_by), _capital(tenant.portal_marks_seen_by)),
        )
    )
    if tenant.roster:
        kept.append(_who_is_in_the_course(campaign))
    seen: list[tuple[Phrase, Phrase]] = [
        (
            ("Jij", "You"),
            ("Je antwoorden, je uitslag en je trainingen", "Your answers, result and trainings"),
        ),
        (
            (
                "Je leidinggevende en HR, en wie van je gemeente een rol kreeg, zoals coach of analist",
                "Your manager and HR, and whoever got a role from your municipality, such as coach or analyst",
            ),
            (
                f"Groepscijfers vanaf {MINIMUM} mensen. Niets over jou alleen",
                f"Group figures from {MINIMUM} people on. Nothing about you alone",
            )
            if campaign.writes_results
            else ("Niets", "Nothing"),
        ),
        (
            ("Wie het leerportaal beheert", "Whoever runs the learning portal"),
            (
                "Dat je dit onderdeel opende, en of je klaar bent. Niet je antwoorden of uitslag",
                "That you opened this activity, and whether you are done. Not your answers or result",
            ),
        ),
        (
            ("De technisch beheerder", "The technical operator"),
            (
                "Kan bij de gegevens als er iets stuk is, en mag daar niet over praten",
                "Can reach the data when something is broken, and may not talk about it",
            ),
        ),
    ]
    return [
        Table(
            ("Wat bewaren we?", "What do we keep?")[column],
            (("Wat", "Waarvoor", "Wie ziet het"), ("What", "What for", "Who sees it"))[column],
            tuple(tuple(cell[column] for cell in row) for row in kept),
        ),
        Table(
            ("Wie ziet wat?", "Who sees what?")[column],
            (("Wie", "Ziet dit"), ("Who", "Sees this"))[column],
            tuple(tuple(cell[column] for cell in row) for row in seen),
        ),
        Table(
            ("Hoe lang bewaren we het?", "How long do we keep it?")[column],
            (("Wat", "Tot wanneer"), ("What", "Until when"))[column],
            tuple(tuple(cell[column] for cell in row) for row in _how_long(campaign)),
        ),
    ]


def _how_long(campaign: Campaign) -> list[tuple[Phrase, Phrase]]:
    """What `use_cases.close_campaigns` does, in the words of the start page."""
    ends, gone = _day(campaign.ends_on), _day(answers_kept_until(campaign))
    kept: list[tuple[Phrase, Phrase]] = [
        (
            ("Je antwoorden", "Your answers"),
            (
                f"Tot en met {gone[0]}. Dat is {ANSWERS_KEPT_MONTHS} maanden na het einde. Daarna wissen we ze",
                f"Until {gone[1]}, {ANSWERS_KEPT_MONTHS} months after the end. Then we wipe them",
            ),
        ),
        (
            (
                "Je niveau met de datum, welke vragen je kreeg, welke trainingen je deed en of ze je hielpen",
                "Your level with its date, which questions you got, which trainings you took and if they helped",
            ),
            (
                "Tot jij ze wist. Zo krijg je een volgende keer andere vragen",
                "Until you wipe them. That is how you get other questions next time",
            ),
        ),
    ]
    if campaign.writes_results:
        kept.append(
            (
                (
                    "De sleutel waarmee we jouw code kunnen terugvinden",
                    "The key with which we can find your code",
                ),
                (
                    f"Tot en met {ends[0]}. Daarna vernietigen we die. Wat er onder de code staat, blijft. Wij "
                    "weten dan niet meer dat het van jou is. Daarom kun je dat dan ook niet meer laten wissen",
                    f"Until {ends[1]}. Then we destroy it. What is kept under the code stays. We no longer know "
                    "then that it is yours. That is why you cannot have it wiped any more after that",
                ),
            )
        )
        kept.append(
            (
                ("Cijfers over groepen", "Figures about groups"),
                ("Die blijven. Daarin ben je niet te herkennen", "They stay. You cannot be recognised in them"),
            )
        )
    return kept


def _day(day: date) -> Phrase:
    nl, en = (f"{day.day} {months[day.month - 1]} {day.year}" for months in MONTHS)
    return nl, en
