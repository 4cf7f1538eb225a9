"""What people see when something cannot be done: one table from errors to pages, in plain Dutch."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as lazy
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import (
    Forbidden,
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)

from lti_tool.domain import errors as facts
from lti_tool.domain.scoring import ResponseDoesNotFit
from lti_tool.lti.errors import LaunchRefused, PortalUnavailable, RegistrationRefused
from lti_tool.storage.database import DatabaseBusy
from lti_tool.web.guards import OpenedElsewhere, OperatorNotLoggedIn, SessionGone
from lti_tool.web.new_window import WindowRefused
from lti_tool.web.refusals import refusal_of

SECONDS_BEFORE_RETRY = 5


@dataclass(frozen=True)
class Answer:
    """What somebody gets: a page, or with status 303 another page with this text above it."""

    status: int
    title: str
    text: str = ""
    way_on: str = ""
    """Endpoint of the page to go on to; empty: the one that fits the session."""
    again: bool = False
    """Whether the same request may simply be tried again."""


_OPEN_AGAIN = lazy("Open Digivaardig opnieuw vanuit je leerportaal. Wat je al deed, is bewaard.")
_SETTINGS_WRONG = lazy("Er staat iets niet goed in de instellingen")
_OPERATOR_CAN_MEND = lazy("De beheerder kan dit oplossen.")

ANSWERS: dict[type[Exception], Answer] = {
    # Somebody went back, clicked twice, or had two windows open: they simply go on.
    facts.ItemAlreadyAnswered: Answer(303, "", way_on="learner.question"),
    facts.AnotherQuestion: Answer(
        303, lazy("Je was al een stap verder. Dit is de vraag die nu komt."), way_on="learner.question"
    ),
    facts.NoAttemptRunning: Answer(
        303, lazy("Er staan nu geen vragen open. Hier kies je wat je wilt doen."), way_on="learner.start"
    ),
    facts.NothingToUndo: Answer(303, "", way_on="learner.start"),
    OperatorNotLoggedIn: Answer(303, "", way_on="operator.login"),
    # A page that says what to do.
    facts.CampaignNotOpen: Answer(
        409,
        lazy("Dit is nu niet open"),
        lazy("Je kunt nu niet beginnen. Misschien is het nog te vroeg, of is de periode voorbij."),
        way_on="learner.start",
    ),
    facts.ReleaseGone: Answer(
        409,
        lazy("De vragen zijn vernieuwd"),
        lazy("Je kunt met deze vragen niet verder. Vraag een Digiheld om hulp. Jij deed niets verkeerd."),
        way_on="trainings.overview",
    ),
    facts.ModuleUnknown: Answer(
        404,
        lazy("Deze training is er niet"),
        lazy("Misschien is de training vervangen. Kies een andere uit de lijst."),
        way_on="trainings.overview",
    ),
    facts.MediumUnknown: Answer(
        404,
        lazy("Dit bestand is er niet"),
        lazy("Misschien is het vernieuwd. Ga terug naar de vraag of de training."),
        way_on="trainings.overview",
    ),
    facts.StoryUnknown: Answer(
        404,
        lazy("Er is hier geen verhaal"),
        lazy("Alle trainingen staan wel in de lijst."),
        way_on="trainings.overview",
    ),
    facts.RatingUnknown: Answer(
        422,
        lazy("We konden je keuze niet lezen"),
        lazy("Ga terug naar de training en kies opnieuw. Kiezen hoeft niet."),
        way_on="trainings.overview",
    ),
    facts.StepUnknown: Answer(
        404,
        lazy("Deze stap is er niet"),
        lazy("Misschien is de training vernieuwd. Kies de training opnieuw uit de lijst."),
        way_on="trainings.overview",
    ),
    facts.TeamUnknown: Answer(
        422,
        lazy("Dit team staat niet in de lijst"),
        lazy("Kies een team uit de lijst, of kies geen team."),
        way_on="learner.start",
    ),
    ResponseDoesNotFit: Answer(
        422,
        lazy("We konden je antwoord niet lezen"),
        lazy("Ga terug naar de vraag en kies opnieuw. Er is niets verloren gegaan."),
    ),
    facts.NotForLearners: Answer(
        403,
        lazy("Deze pagina is voor medewerkers van het leerportaal"),
        lazy("Jij hebt deze pagina niet nodig."),
        way_on="learner.start",
    ),
    facts.RoleNeeded: Answer(
        403,
        lazy("Voor deze pagina heb je een rol nodig"),
        lazy("Die rol heb je nu niet. Kreeg je een uitnodiging? Ga dan verder en vul je code in."),
        way_on="roles.own",
    ),
    facts.RoleUnknown: Answer(
        422, lazy("Deze rol is er niet"), lazy("Kies een rol uit de lijst."), way_on="administration.home"
    ),
    facts.InvitationUnknown: Answer(
        422,
        lazy("Deze code werkt niet"),
        lazy("Kijk of je de code goed hebt overgenomen. Of vraag een nieuwe."),
        way_on="roles.own",
    ),
    facts.TooManyCodes: Answer(
        429,
        lazy("Dit lukt nu niet meer"),
        lazy(
            "Je hebt te vaak een code geprobeerd. Vraag een nieuwe code en open Digivaardig opnieuw "
            "vanuit je leerportaal."
        ),
        way_on="learner.start",
    ),
    SessionGone: Answer(403, lazy("We weten niet meer waar je was"), _OPEN_AGAIN),
    WindowRefused: Answer(403, lazy("Dit venster kan niet open"), _OPEN_AGAIN),
    OpenedElsewhere: Answer(403, lazy("Dit adres werkt alleen in je leerportaal"), _OPEN_AGAIN),
    facts.PseudonymGone: Answer(
        410, lazy("Deze gegevens zijn gewist"), lazy("De gegevens zijn weg en komen niet terug.")
    ),
    facts.ParticipationGone: Answer(
        410,
        lazy("Deze gegevens zijn gewist"),
        lazy("Wil je opnieuw beginnen? Open Digivaardig dan opnieuw vanuit je leerportaal."),
    ),
    facts.TenantUnknown: Answer(
        404, lazy("Deze gemeente kennen we niet"), lazy("Vraag de beheerder van je leerportaal om hulp.")
    ),
    facts.PortalUnknown: Answer(
        404, lazy("Dit leerportaal kennen we niet"), lazy("Misschien is het weggehaald. Kies een ander.")
    ),
    facts.CampaignUnknown: Answer(
        404,
        lazy("Deze campagne is er niet"),
        lazy("Misschien is de campagne weggehaald. Kies een andere uit de lijst."),
    ),
    facts.PlacingNotAsked: Answer(
        409,
        lazy("Je leerportaal wacht niet op een keuze"),
        lazy("Ga in je leerportaal naar de cursus. Voeg daar een activiteit van Digivaardig toe."),
        way_on="staff.home",
    ),
    facts.NothingChosen: Answer(422, lazy("Er is nog niets gekozen"), way_on="deep_linking.choose"),
    facts.ChoiceNotOffered: Answer(
        422,
        lazy("Dit kun je hier niet kiezen"),
        lazy("Misschien is de campagne net voorbij, of is een training vervangen. Kies opnieuw uit de lijst."),
        way_on="deep_linking.choose",
    ),
    facts.EndpointUnknown: Answer(
        404,
        lazy("Dit adres staat niet in de lijst"),
        lazy("Misschien is er niets meer voor. Kies er een uit de lijst."),
        way_on="operator.outbox",
    ),
    facts.EndpointRefused: Answer(
        422, lazy("Zo kan deze LRS er niet bij"), lazy("Er is niets veranderd."), way_on="operator.outbox"
    ),
    facts.LrsAway: Answer(
        503, lazy("De LRS antwoordt nu niet"), lazy("Er is niets veranderd."), way_on="operator.outbox", again=True
    ),
    facts.NoDeadLetter: Answer(
        409,
        lazy("Dit bericht ligt er niet meer zo"),
        lazy("Misschien is het al opnieuw verstuurd. Kijk nog een keer in de lijst."),
        way_on="operator.outbox",
    ),
    facts.FiguresUnknown: Answer(
        404,
        lazy("Deze cijfers zijn er niet"),
        lazy("De link klopt niet, of er is een nieuwe gemaakt. Vraag de beheerder om de goede link."),
    ),
    facts.ParquetNotInstalled: Answer(
        404,
        lazy("Parquet is hier niet geïnstalleerd"),
        lazy(
            "Haal dezelfde cijfers als CSV: zet in het adres .csv in plaats van .parquet. "
            "Wil je toch Parquet? Vraag de technisch beheerder om de uitbreiding “analyst”."
        ),
    ),
    facts.RefusalUnknown: Answer(404, lazy("Deze code kennen we niet"), lazy("Vraag de code nog een keer na.")),
    facts.OperatorUnknown: Answer(403, lazy("Naam en wachtwoord passen niet bij elkaar"), way_on="operator.login"),
    facts.TenantFileBroken: Answer(500, _SETTINGS_WRONG, _OPERATOR_CAN_MEND),
    facts.CampaignClosed: Answer(500, _SETTINGS_WRONG, _OPERATOR_CAN_MEND),
    facts.AnswersGone: Answer(
        410,
        lazy("Je antwoorden zijn weg"),
        lazy("Drie maanden na het einde wissen we de antwoorden van iedereen. Je advies is er nog."),
        way_on="learner.advice",
    ),
    facts.CampaignBroken: Answer(500, _SETTINGS_WRONG, _OPERATOR_CAN_MEND),
    facts.PortalUnknown: Answer(
        404,
        lazy("Dit portaal kennen we niet"),
        lazy("Misschien is het weggehaald. Kies een portaal uit de lijst."),
        way_on="portals.overview",
    ),
    facts.PortalRefused: Answer(
        422,
        lazy("Zo kan het portaal niet heten"),
        lazy("Ga terug en kijk de velden na."),
        way_on="portals.overview",
    ),
    facts.OwnPortal: Answer(
        409,
        lazy("Door dit portaal kwam je zelf binnen"),
        lazy("Zet je het uit, dan kun je het niet meer aanzetten. Vraag het de technisch beheerder."),
        way_on="portals.overview",
    ),
    facts.RegistrationLinkGone: Answer(
        410,
        lazy("Dit adres werkt niet meer"),
        lazy(
            "Het werkt één keer, en 48 uur. Heb je net gekoppeld? Dan is het klaar. Vraag anders een nieuw adres."
        ),
    ),
    RegistrationRefused: Answer(
        409,
        lazy("Koppelen is niet gelukt"),
        lazy("Er is niets bewaard. Begin opnieuw vanuit je leerportaal."),
    ),
    PortalUnavailable: Answer(
        503,
        lazy("Je leerportaal antwoordt niet"),
        lazy("Wacht even en open dit onderdeel daarna nog een keer. Jij deed niets verkeerd."),
        again=True,
    ),
    DatabaseBusy: Answer(
        503,
        lazy("Het is even druk"),
        lazy("Wacht een paar tellen en probeer het dan opnieuw. Wat je al deed, is bewaard."),
        again=True,
    ),
    # What the web itself can refuse.
    CSRFError: Answer(
        400,
        lazy("Deze pagina was te oud"),
        lazy("Je laatste klik is niet verwerkt. Ga verder en doe het nog een keer."),
    ),
    NotFound: Answer(
        404, lazy("Deze pagina is er niet"), lazy("Misschien klopt het adres niet. Je kunt gewoon verder.")
    ),
    Forbidden: Answer(403, lazy("Deze pagina is niet voor jou"), lazy("Je kunt gewoon verder.")),
    MethodNotAllowed: Answer(405, lazy("Zo werkt deze pagina niet"), lazy("Je kunt gewoon verder waar je was.")),
    RequestEntityTooLarge: Answer(
        413, lazy("Dit is te groot"), lazy("We kunnen zo veel tekst niet bewaren. Maak het korter.")
    ),
    InternalServerError: Answer(
        500,
        lazy("Er ging iets mis bij ons"),
        lazy("Jij deed niets verkeerd. Wat je al deed, is bewaard. Probeer het straks nog een keer."),
        again=True,
    ),
}


def answer_errors(app: Flask) -> None:
    """Give every error of the table its page; other HTTP errors get the page of their family."""
    for error in ANSWERS:
        app.register_error_handler(error, _handle)
    app.register_error_handler(HTTPException, _handle)
    app.register_error_handler(LaunchRefused, _handle_refusal)


def answer_to(error: Exception) -> Answer:
    """The table's entry for an error, or that of its nearest ancestor."""
    return next((ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS), ANSWERS[InternalServerError])


def _handle(error: Exception) -> Response:
    # Flask wraps what nobody handles in an InternalServerError.
    error = getattr(error, "original_exception", None) or error
    answer = _for_http(error) if _is_plain_http(error) else answer_to(error)
    if isinstance(error, DatabaseBusy):
        # Saving the session would wait for the same database once more.
        session.unread = True  # type: ignore[attr-defined]
    if isinstance(error, facts.ParticipationGone):
        session.clear()
    if answer.status == 303:
        if answer.title:
            flash(str(answer.title))
        return _as_response(redirect(url_for(answer.way_on, _anchor="title"), 303))
    page = make_response(
        render_template(
            "error.html",
            answer=answer,
            reason_code=getattr(error, "reason_code", ""),
            reference=getattr(error, "reference", ""),
            way_on=_way_on(answer),
            try_again=_same_address() if answer.again and request.method == "GET" else "",
        ),
        answer.status,
    )
    if answer.again:
        page.headers["Retry-After"] = str(SECONDS_BEFORE_RETRY)
    return page


def _handle_refusal(refused: LaunchRefused) -> Response:
    """A launch that is refused: each reason code has its words, and nothing of what was sent is shown."""
    refusal = refusal_of(refused.reason_code)
    page = render_template(
        "refused.html", refusal=refusal, reason_code=refused.reason_code, reference=refused.reference
    )
    return make_response(page, refusal.status)


def _same_address() -> str:
    return f"{request.script_root}{request.full_path.rstrip('?')}"


def _is_plain_http(error: Exception) -> bool:
    return isinstance(error, HTTPException) and type(error) not in ANSWERS


def _for_http(error: Exception) -> Answer:
    """Rare HTTP errors: those of the client read as "not found", with their own status."""
    code = (error.code if isinstance(error, HTTPException) else None) or 500
    model = ANSWERS[NotFound] if code < 500 else ANSWERS[InternalServerError]
    return Answer(code, model.title, model.text, again=model.again)


def _way_on(answer: Answer) -> str:
    """The address to go on to, when this session can go anywhere."""
    if answer.way_on:
        return url_for(answer.way_on)
    if not session:
        return ""
    if "operator" in session:
        return url_for("operator.statements")
    if session.get("staff") is True:
        return url_for("staff.home")
    return url_for("learner.start") if "participation_id" in session else ""


def _as_response(value: object) -> Response:
    return make_response(value)
