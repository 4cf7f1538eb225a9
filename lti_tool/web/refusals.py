"""A launch that is refused, in words for the person who clicked: what happened, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as lazy


@dataclass(frozen=True)
class Refusal:
    """What the page says, beside the code for the helpdesk."""

    status: int
    happened: str
    to_do: str


_FROM_PORTAL = lazy("Ga terug naar je leerportaal en open dit onderdeel nog een keer.")
_HELPDESK = lazy("Dit kan alleen de beheerder oplossen. Geef de helpdesk de code hieronder.")

LATE: Final = Refusal(400, lazy("Deze link was al gebruikt, of het openen duurde te lang."), _FROM_PORTAL)
OTHER_BROWSER: Final = Refusal(
    400,
    lazy("Je browser gaf niet door dat jij het was die op de link klikte."),
    lazy(
        "Ga terug naar je leerportaal en open dit onderdeel nog een keer, in dezelfde browser. "
        "Kies daar, als dat kan, voor ‘nieuw venster’."
    ),
)
LOG_IN_FIRST: Final = Refusal(
    400,
    lazy("Je leerportaal wil weten wie je bent."),
    lazy("Log eerst in bij je leerportaal. Open daarna dit onderdeel nog een keer."),
)
CLOCKS: Final = Refusal(
    400, lazy("De klok van je leerportaal loopt niet gelijk met die van Digivaardig."), _HELPDESK
)
CLOSED: Final = Refusal(403, lazy("Digivaardig staat uit voor dit leerportaal."), _HELPDESK)
WAITING: Final = Refusal(
    403,
    lazy("Digivaardig is op deze plek in het leerportaal nog niet aangezet."),
    lazy("De beheerder kan dat doen. Geef de helpdesk de code hieronder. Daarna werkt deze link."),
)
FOR_STAFF: Final = Refusal(
    403,
    lazy("Alleen docenten en beheerders van een cursus kunnen hier iets toevoegen."),
    lazy("Ga terug naar je leerportaal. Jij hebt dit niet nodig."),
)
NO_CAMPAIGN: Final = Refusal(400, lazy("De link in je leerportaal leidt naar iets dat er niet is."), _HELPDESK)
WRONG_SETTING: Final = Refusal(
    400, lazy("Je leerportaal en Digivaardig zijn niet goed aan elkaar gekoppeld."), _HELPDESK
)
WRONG_MESSAGE: Final = Refusal(
    400,
    lazy("Je leerportaal stuurde een bericht dat niet klopt."),
    lazy(
        "Ga terug naar je leerportaal en open dit onderdeel nog een keer. "
        "Gaat het weer mis? Geef de helpdesk dan de code hieronder."
    ),
)
"""For every code that is not named below."""

REFUSALS: Final[dict[str, Refusal]] = {
    "state_missing": LATE,
    "state_unknown": LATE,
    "iat_too_old": LATE,
    "exp_passed": LATE,
    "browser_proof_missing": OTHER_BROWSER,
    "browser_differs": OTHER_BROWSER,
    "portal_login_required": LOG_IN_FIRST,
    "iat_in_future": CLOCKS,
    "nbf_in_future": CLOCKS,
    "portal_closed": CLOSED,
    "deployment_unknown": WAITING,
    "deep_linking_not_allowed": FOR_STAFF,
    "campaign_unknown": NO_CAMPAIGN,
    "portal_unknown": WRONG_SETTING,
    "client_missing": WRONG_SETTING,
    "target_elsewhere": WRONG_SETTING,
    "target_differs": WRONG_SETTING,
    "data_privacy_not_offered": WRONG_SETTING,
    "sub_missing": WRONG_SETTING,
}


def refusal_of(reason_code: str) -> Refusal:
    """The words for a key of `lti.errors.LAUNCH_REASONS`."""
    return REFUSALS.get(reason_code, WRONG_MESSAGE)
