"""Dutch for the codes that the journeys use; the catalogue has the English."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from flask_babel import ngettext

QUARTER = 15
"""Minutes."""
PROGRESS = {
    "start": lazy("Je bent net begonnen."),
    "under_way": lazy("Je bent onderweg."),
    "half_way": lazy("Je bent ongeveer op de helft."),
    "nearly_done": lazy("Je bent er bijna."),
}
LEVELS = {
    "basis": lazy("je leert de basis"),
    "zelfstandig": lazy("je redt jezelf"),
    "gevorderd": lazy("je kunt anderen helpen"),
}
ADVICE_REASONS = {
    "start": lazy("Dit is een rustig begin. Je hoeft er niets voor te weten."),
    "condition": lazy("Hier heb je bij al je digitale werk iets aan. Daarom is dit een goed begin."),
    "most_gain": lazy("Volgens je antwoorden heb je hier nu het meest aan."),
}
STILL_NEEDED = {
    "single_choice": lazy("Kies één antwoord."),
    "sjt": lazy("Kies één antwoord."),
    "declarative": lazy("Kies één antwoord."),
    "multiple_response": lazy("Kies één of meer antwoorden."),
    "order": lazy("Geef elke regel een eigen plek."),
    "match": lazy("Kies bij elke regel wat erbij hoort."),
    "hotspot": lazy("Kies één plek in het plaatje."),
    "text_entry": lazy("Typ je antwoord. Een paar woorden is genoeg."),
    "numeric": lazy("Typ een getal, bijvoorbeeld 12,50."),
    "cloze": lazy("Vul elk gat in."),
    "file_sort": lazy("Kies bij elk bestand een map."),
    "simulation": lazy("Maak bij elk onderdeel een keuze."),
}
RATINGS = {
    "helped": lazy("hielp mij"),
    "helped_a_bit": lazy("hielp een beetje"),
    "did_not_help": lazy("hielp niet"),
}
ATTACHMENTS = {
    "docx": lazy("Word-bestand, opent in je eigen programma"),
    "pdf": lazy("pdf-bestand, opent in je eigen programma"),
    "xlsx": lazy("Excel-bestand, opent in je eigen programma"),
}
ENGINE_REASONS = {
    "easy_start": lazy("De eerste vragen zijn met opzet makkelijk."),
    "fewest_asked": lazy("Over dit onderwerp was nog het minst gevraagd."),
    "least_certain": lazy("Over dit onderwerp was het beeld nog het minst zeker."),
}
SERVICES = {
    "keys": lazy("Sleutels van het portaal"),
    "marks": lazy("‘Klaar’ doorgeven"),
    "line_item": lazy("Plek voor ‘klaar’ in de cijferlijst"),
    "roster": lazy("Lijst van deelnemers"),
}
COLOURS = {
    "green": lazy("werkt"),
    "red": lazy("werkt nog niet"),
    "grey": lazy("nog niet te zeggen, of niet nodig"),
}
SAID_BY_PORTAL = {
    # How the portal answers at all.
    "portal_unreachable": lazy("Het leerportaal antwoordt niet. Dat gaat vaak vanzelf over."),
    "portal_busy": lazy("Het leerportaal heeft het druk. Dat gaat vanzelf over."),
    "portal_address_refused": lazy("Het adres van het leerportaal mag niet: het is niet https, of het is privé."),
    "portal_redirects": lazy("Het leerportaal verwijst naar een ander adres. Kijk de registratie na."),
    "portal_answer_too_large": lazy("Het leerportaal stuurde een te lang antwoord."),
    "portal_answered_page": lazy("Er kwam een webpagina terug, bijvoorbeeld om in te loggen of over onderhoud."),
    "portal_failed": lazy("Er ging in het leerportaal zelf iets mis."),
    # Whether it lets the tool in.
    "portal_cannot_reach_our_keys": lazy("Het leerportaal kan onze sleutels niet ophalen."),
    "scope_not_granted": lazy("Wij hebben in het leerportaal geen recht om ‘klaar’ door te geven."),
    "token_refused": lazy("Het leerportaal kent ons niet, of de tool staat daar nog uit."),
    "token_unreadable": lazy("Het leerportaal gaf een toegangsbewijs dat we niet kunnen lezen."),
    "token_not_accepted": lazy("Het leerportaal weigert het toegangsbewijs dat het zelf gaf."),
    # What it says about people or places.
    "learner_cannot_be_graded": lazy("Deze mensen zijn in de cursus geen deelnemer (meer)."),
    "role_cannot_be_graded": lazy("De rol van deze mensen mag geen cijfer krijgen."),
    "score_forbidden": lazy("Wij mogen op deze plek niets zetten."),
    "line_item_gone": lazy("De plek voor ‘klaar’ is er niet meer. Misschien is het onderdeel opnieuw gemaakt."),
    "line_item_unusable": lazy("Het adres van de plek voor ‘klaar’ klopt niet."),
    "score_refused": lazy("Het leerportaal weigert, en zegt niet waarom."),
    "nobody_left": lazy("Deze mensen of dit leerportaal zijn intussen weggehaald."),
}
MESSAGE_KINDS = {"statement": lazy("bericht aan de LRS"), "completion": lazy("‘klaar’")}
STREAMS = {"operator": lazy("beheerder"), "group": lazy("groepscijfers")}

ROLES = {
    "administrator": lazy("beheerder van je gemeente"),
    "project_leader": lazy("projectleider"),
    "analyst": lazy("analist"),
    "coach": lazy("coach"),
    "team_leader": lazy("teamleider"),
    "author": lazy("auteur"),
}
_FIGURES = lazy("Je ziet de groepscijfers van alle campagnes van je gemeente, vanaf 10 mensen.")
ROLES_NOW = {
    "administrator": lazy(
        "Je regelt Digivaardig voor je gemeente. Je nodigt collega’s uit voor een rol. "
        "Je ziet de groepscijfers, vanaf 10 mensen."
    ),
    "project_leader": _FIGURES,
    "analyst": _FIGURES,
    "coach": lazy("Je ziet met deze rol nu nog niets."),
    "team_leader": lazy("Je ziet met deze rol nu nog niets."),
    "author": lazy("Je kunt met deze rol nu nog niets doen."),
}
ROLES_LATER = {
    "project_leader": lazy("Later: een campagne klaarzetten."),
    "coach": lazy("Later: een gesprek plannen met wie daar zelf om vraagt."),
    "team_leader": lazy("Later: groepscijfers van je team, vanaf 10 mensen."),
    "author": lazy("Later: vragen en trainingen schrijven."),
}

LICENCES = {
    "CC-BY-SA-4.0": lazy(
        "Je mag dit delen en aanpassen. Noem dan de maker, en deel het onder dezelfde voorwaarden (CC BY-SA 4.0)."
    ),
    "CC-BY-4.0": lazy("Je mag dit delen en aanpassen. Noem dan de maker (CC BY 4.0)."),
    "CC0-1.0": lazy("Je mag dit zonder voorwaarden delen en aanpassen (CC0 1.0)."),
    "EUPL-1.2": lazy(
        "Je mag dit delen en aanpassen. Noem dan de maker, en deel het onder dezelfde licentie (EUPL 1.2)."
    ),
}


def licence_name(licence: str) -> str:
    """ "CC BY-SA 4.0" for CC-BY-SA-4.0; a name that is no SPDX id stays what it is."""
    kind, _dash, version = licence.rpartition("-")
    return f"{kind.replace('CC-', 'CC ', 1)} {version}" if licence in LICENCES else licence


def time_in_words(minutes: int) -> str:
    """ "ongeveer 2 uur en 15 minuten": whole quarters of an hour, rounded up."""
    hours, rest = divmod(-(-minutes // QUARTER) * QUARTER, 60)
    if not hours:
        return str(_("ongeveer %(minutes)s minuten", minutes=rest))
    told = str(ngettext("ongeveer %(num)s uur", "ongeveer %(num)s uur", hours))
    return str(_("%(hours)s en %(minutes)s minuten", hours=told, minutes=rest)) if rest else told


def level_in_words(level: str | None, between: tuple[str, str] | None) -> str:
    """ "je redt jezelf", or "tussen … en …" where the answers do not decide."""
    if level is not None:
        return str(LEVELS.get(level, level))
    if between is None:
        return str(_("nog niet te zeggen"))
    low, high = (LEVELS.get(code, code) for code in between)
    return str(_("tussen ‘%(low)s’ en ‘%(high)s’", low=low, high=high))
