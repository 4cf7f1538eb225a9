"""Example values for every page: a municipality, its questions, a training, advice and figures."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import Any

from lti_tool.content_library import STARTER_PACKAGE, load_package
from lti_tool.domain.campaign import Campaign
from lti_tool.domain.colophon import Colophon, Credit, MediaCredit
from lti_tool.domain.content import Difficulty, Feedback, Item, Option
from lti_tool.domain.disclosure import Disclosed, Figure, View, disclose, shown_size
from lti_tool.domain.modules import Block, Film, Module, Step
from lti_tool.domain.people import Where
from lti_tool.domain.promise import promise
from lti_tool.domain.tenant import Contacts, Tenant
from lti_tool.lti.launch import DeepLinking
from lti_tool.use_cases.enter import StartPage
from lti_tool.use_cases.explain_completions import CompletionsPage, PortalStanding, Said
from lti_tool.use_cases.follow_story import StopLine, StoryPage
from lti_tool.use_cases.place_activities import ActivityChoice, CampaignChoice
from lti_tool.use_cases.read_advice import DomainLine, ModuleCard
from lti_tool.use_cases.read_reports import GroupPage
from lti_tool.use_cases.tend_outbox import DeadLine, EndpointLine
from tests.factories import make_campaign, make_tenant, matched

HELPERS = "Digihelden van Molenwaard, digihelden@molenwaard.example of loop binnen in kamer 1.12"
PORTAL = "https://leren.molenwaard.example"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
WHERE = Where("molenwaard", "standaard", "participation-1")
SESSION_ID = "s" * 43
NEWER = (
    "OPE-SOF-0003",  # hotspot
    "OPE-SOF-0005",  # numeric, about a file
    "OPE-SOF-0006",  # cloze
    "INF-ZOE-0001",  # file_sort
    "VEI-INT-0002",  # mailbox
    "OPE-SOF-0007",  # mailbox with a rule to make
    "STR-CLO-0001",  # share dialog
    "VEI-INT-0003",  # login prompt
    "INF-ZOE-0002",  # search results
)
"""Items of the starter package, for the types that the examples below do not have."""


def item(
    item_id: str,
    kind: str,
    stem: str,
    options: tuple[tuple[str, str, str, bool], ...] = (),
    *,
    context: str | None = None,
    pairs: tuple[tuple[str, str], ...] = (),
    accept: tuple[str, ...] = (),
    domain: str = "veiligheid",
    why: str = "",
    tip: str = "",
) -> Item:
    return Item(
        id=item_id,
        version=1,
        status="pilot",
        pool="practice",
        domain=domain,
        subskill="vei.internet",
        digcomp=("4.1",),
        type=kind,
        scored=True,
        difficulty=Difficulty(-0.2, 0.7, "estimate"),
        stem=stem,
        context=context,
        options=tuple(Option(*option) for option in options),
        accept=accept,
        normalise=("trim", "casefold"),
        shuffle=True,
        feedback=Feedback("Goed gedaan.", "Nog niet helemaal.", tip_at_work=tip, why=why),
        modules=(),
        requires=(),
        enemies=(),
        rows=matched(pairs),
    )


PRACTICE = item(
    "VEI-INT-0101",
    "single_choice",
    "Je loopt even weg van je bureau. Wat doe je met je scherm?",
    (
        ("a", "Ik zet het scherm op slot.", "Zo kan niemand meekijken als jij er niet bent.", True),
        ("b", "Ik laat het scherm aan.", "Dan kan iemand anders meelezen. Op slot zetten is veiliger.", False),
        ("c", "Ik zet het beeld zachter.", "Het scherm blijft dan leesbaar. Op slot zetten helpt.", False),
    ),
    tip="Met Windows-toets en L zet je je scherm in één keer op slot.",
)
STARTER = load_package(STARTER_PACKAGE)
"""The package that a new author begins with: an item of every type."""

QUESTIONS = (
    item(
        "VEI-INT-0012",
        "single_choice",
        "Je telefoon vraagt of jij nu inlogt. Maar jij logt niet in. Wat doe je?",
        (
            ("a", "Ik kies ‘Weigeren’ en meld het bij het meldpunt.", "Zo houd je die ander buiten.", True),
            ("b", "Ik kies ‘Goedkeuren’. Dan stoppen de meldingen.", "Dan laat je iemand binnen.", False),
            ("c", "Ik doe niets. Het gaat vanzelf over.", "Je wachtwoord is misschien bekend.", False),
            ("d", "Ik zet mijn telefoon een uur uit en kijk dan weer.", "Het gevaar blijft.", False),
        ),
        context="Je gemeente gebruikt inloggen in twee stappen. Je werkt vandaag thuis.",
        tip="Keur alleen een inlog goed die je zelf net hebt gestart.",
    ),
    item(
        "INF-BEO-0003",
        "multiple_response",
        "Waaraan zie je of een website betrouwbaar is?",
        (
            ("a", "Er staat wie de website heeft gemaakt.", "", True),
            ("b", "De website heeft veel plaatjes.", "Plaatjes zeggen niets over de maker.", False),
            ("c", "Er staat wanneer de tekst is geschreven.", "", True),
            ("d", "De website staat bovenaan bij Google.", "Bovenaan staan kun je ook kopen.", False),
        ),
        domain="informatie",
        why="Kijk wie het schreef en wanneer.",
    ),
    item(
        "OPE-HAR-0005",
        "order",
        "Je wilt een brief scannen naar je mail. Wat doe je na elkaar?",
        (
            ("a", "Ik leg het papier in de scanner.", "", False),
            ("b", "Ik kies ‘scannen naar mail’.", "", False),
            ("c", "Ik controleer het mailadres.", "", False),
            ("d", "Ik druk op start.", "", False),
        ),
        domain="operationeel",
        why="Eerst het papier, dan de keuze, dan pas start.",
    ),
    item(
        "STR-SAM-0004",
        "match",
        "Welk kanaal past bij welke boodschap?",
        pairs=(
            ("Je bent vandaag tien minuten later.", "Een chatbericht"),
            ("Je wilt een besluit vastleggen.", "Het zaaksysteem"),
            ("Je wilt een lastig gesprek voeren.", "Bellen of langsgaan"),
        ),
        domain="strategisch",
        why="Kort en snel: chat. Bewaren: zaaksysteem. Gevoelig: een gesprek.",
    ),
    item(
        "OPE-SOF-0008",
        "text_entry",
        "Welke formule telt in Excel de cellen A1 tot en met A10 op?",
        accept=("=SOM(A1:A10)",),
        domain="operationeel",
        why="De functie SOM telt een hele reeks op.",
    ),
    *(STARTER.item(item_id) for item_id in NEWER),
)

SIGNS = Module(
    id="M-VEI-001",
    slug="phishing-herkennen",
    version="1.0.0",
    title="Hoe herken je phishing?",
    one_topic="Een nepmail herkennen, niet klikken en melden.",
    benefit="Je herkent een nepmail in een halve minuut.",
    domain="veiligheid",
    subskills=("vei.internet",),
    level="basis",
    minutes=15,
    goals=("Je kunt vier signalen van een nepmail noemen.",),
    steps=(
        Step(
            "doel",
            "goal",
            "Wat leer je?",
            1,
            (
                Block(
                    "text",
                    "<p>Elke dag komen er nepmails binnen bij gemeenten. Na deze training pik jij ze "
                    "eruit. Je hebt ongeveer <strong>15 minuten</strong> nodig.</p>",
                ),
            ),
        ),
        Step(
            "uitleg",
            "explanation",
            "Let op vier signalen",
            4,
            (
                Block("text", "<h2>Kijk eerst, klik later</h2><p>Een nepmail wil dat je snel iets doet.</p>"),
                Block(
                    "steps",
                    entries=(
                        "Kijk naar het adres van de afzender.",
                        "Let op haast: ‘binnen 1 uur’.",
                        "Houd je muis stil boven de link en lees waar die heen gaat.",
                        "Open geen bijlage die je niet verwacht.",
                    ),
                ),
            ),
        ),
        Step("oefenen", "practice", "Oefen het zelf", 5, (Block("item", item_ref="VEI-INT-0012"),)),
        Step(
            "tip",
            "tip",
            "Doe dit vandaag op je werk",
            1,
            (
                Block(
                    "checklist",
                    entries=("Ik zoek op waar ik een nepmail meld.", "Ik vertel één collega over de signalen."),
                ),
            ),
        ),
        Step("klaar", "done", "Klaar!", 1, (Block("text", "<p>Goed bezig.</p>"), Block("contact"))),
    ),
    requires=(),
)

FILM = Film("media/film.mp4", "media/film.vtt", "<p>Een mail komt binnen. Iemand leest het adres.</p>")


def _with_film(module: Module) -> Module:
    """The training of the starter package, which has every other kind of block, with a film in its explanation."""
    steps = [
        replace(step, blocks=(*step.blocks, Block("video", film=FILM))) if step.id == "uitleg" else step
        for step in module.steps
    ]
    return replace(module, steps=tuple(steps))


TAUGHT = _with_film(STARTER.modules["M-VEI-001"])

CARDS = (
    ModuleCard("M-VEI-001", SIGNS.title, 15, SIGNS.one_topic, "Digitale veiligheid", "new"),
    ModuleCard(
        "M-VEI-002",
        "Hoe maak en bewaar je sterke wachtwoorden?",
        15,
        "Een wachtzin maken en bewaren in een kluis.",
        "Digitale veiligheid",
        "done",
    ),
    ModuleCard(
        "M-STR-001",
        "Hoe werk je samen in één document?",
        20,
        "Tegelijk in één document werken, zonder versies per mail.",
        "Slim en samen digitaal werken",
        "begun",
    ),
    ModuleCard(
        "M-OPE-001",
        "Hoe scan je papier naar een pdf?",
        15,
        "Scannen en terugvinden.",
        "Operationele vaardigheden",
        "new",
    ),
)

FOR_MANAGERS = ModuleCard(
    "M-STR-020",
    "Waarom jouw voorbeeld telt",
    15,
    "Laten zien dat ook jij nog leert.",
    "Slim en samen digitaal werken",
    "new",
    meant_for="Leidinggevenden",
)

_TOLD = STARTER.story
assert _TOLD is not None
STORY = StoryPage(
    goal="Iedereen in Molenwaard werkt prettig en veilig digitaal.",
    title=_TOLD.title,
    intro=_TOLD.intro,
    map=_TOLD.map,
    stops=tuple(
        StopLine(stop.id, stop.title, stop.place, stop.picture, stop.intro, cards, state)
        for stop, cards, state in zip(
            _TOLD.stops, (CARDS[1:3], CARDS[1:2], CARDS[3:]), ("begun", "done", "new"), strict=True
        )
    ),
    meeting=_TOLD.meeting,
    times=(("basis", 140), ("zelfstandig", 65), ("gevorderd", 0)),
)
COLOPHON = replace(
    STARTER.colophon,
    built_on=(
        Colophon(
            "Digivaardig basis",
            "1.4.0",
            "Project Digivaardig",
            "",
            "CC-BY-4.0",
            (Credit("Gemeente Waterland", "Vragen over veiligheid", "CC-BY-4.0", "waterland.example/leren"),),
        ),
    ),
    media=(*STARTER.colophon.media, MediaCredit("Fotograaf Van Dam", "Met toestemming", "beeldbank.example", 1)),
)

ACTIVITIES = (
    ActivityChoice(
        "assessment",
        "Ontdek wat je al kunt",
        "Vragen die zich aan jou aanpassen, en een tip voor je volgende stap. Overslaan mag ook.",
    ),
    ActivityChoice("mine", "Mijn digivaardigheid", "Je eigen pagina: wat je hebt gedaan en geleerd."),
    *(ActivityChoice(card.id, card.title, card.one_topic) for card in CARDS),
)
CAMPAIGNS = (
    CampaignChoice("standaard", "Samen digitaal 2026", date(2026, 9, 1), date(2027, 8, 31), follows_itself=True),
    CampaignChoice("balie-2027", "Balie 2027", date(2027, 1, 4), date(2027, 6, 30), follows_itself=False),
)
DEEP_LINKING = DeepLinking(
    return_url=f"{PORTAL}/mod/lti/contentitem_return.php?course=2&id=1&sesskey=geheim",
    accept_types=("ltiResourceLink",),
    accept_multiple=True,
    accept_lineitem=True,
    data="een token van het portaal",
)
ASKED_IN_SESSION = {
    "portal_id": "leerportaal",
    "deployment_id": "1",
    "settings": {**asdict(DEEP_LINKING), "accept_types": ["ltiResourceLink"]},
}

LINES = (
    DomainLine("veiligheid", "Digitale veiligheid", "zelfstandig", None, "Je weet hoe je veilig inlogt en mailt."),
    DomainLine(
        "informatie",
        "Informatie en media",
        None,
        ("zelfstandig", "gevorderd"),
        "Je kunt zelf nagaan of een bron klopt.",
    ),
    DomainLine(
        "strategisch",
        "Slim en samen digitaal werken",
        None,
        ("basis", "zelfstandig"),
        "Je leert samenwerken in één document.",
    ),
    DomainLine(
        "operationeel", "Operationele vaardigheden", "basis", None, "Je leert de printer en scanner gebruiken."
    ),
)

MOLENWAARD = make_tenant(
    id="molenwaard",
    name="gemeente Molenwaard",
    contacts=Contacts(HELPERS, "Plan een gesprek.", "fg@molenwaard.example", "Meldpunt ICT, 14 0000"),
    portal_marks_seen_by="de opleidingsadviseur",
    teams=("Burgerzaken", "Sociaal domein", "Buitendienst"),
)
CAMPAIGN = make_campaign(
    tenant_id="molenwaard",
    name="Samen digitaal 2026",
    goal="Vanaf maart werken we met SharePoint. We willen dat jij een training krijgt die bij je past. "
    "En geen training die je niet nodig hebt.",
    mode="middenweg",
)


def start_page(tenant: Tenant = MOLENWAARD, campaign: Campaign = CAMPAIGN, language: str = "nl") -> StartPage:
    """The start page of somebody new, with what is really promised there (`domain.promise`)."""
    made = promise(tenant, campaign, language)
    return StartPage(
        tenant=tenant.name,
        openness="open",
        goal=campaign.goal,
        lines=made.lines,
        mode_line=made.mode_line,
        tables=made.tables,
        helpers=tenant.contacts.helpers,
        privacy=tenant.contacts.privacy,
        teams=tenant.teams,
        team=None,
        state="new",
        greets_by_name=tenant.greets_by_name,
    )


START = start_page()


def people(prefix: str, count: int) -> frozenset[str]:
    return frozenset(f"{prefix}{number}" for number in range(count))


def disclosed_figures(at: datetime = NOW) -> Disclosed:
    """Figures of a campaign with one large team and a small one, through the real gate."""
    everybody, team, small = people("p", 64), people("p", 34), frozenset(f"p{n}" for n in range(34, 40))
    shares = {
        "operationeel": {"basis_percent": 30, "zelfstandig_percent": 45, "gevorderd_percent": 25},
        "informatie": {"basis+zelfstandig_percent": 60, "gevorderd_percent": 40},
        "strategisch": {"basis_percent": 35, "zelfstandig+gevorderd_percent": 65},
        "veiligheid": {"basis_percent": 20, "zelfstandig_percent": 50, "gevorderd_percent": 30},
    }
    after = {"basis_percent": 15, "zelfstandig_percent": 45, "gevorderd_percent": 40}
    changes = {
        "veiligheid": (0.41, 0.18, 0.64),
        "informatie": (0.12, -0.11, 0.35),
        "strategisch": (0.3, 0.05, 0.55),
    }
    figures = [
        Figure(View("participation", "all", everybody), {}),
        Figure(View("participation", "team:Burgerzaken", team), {}),
        Figure(View("participation", "team:Buitendienst", small), {}),
    ]
    for domain, share in shares.items():
        figures.append(Figure(View(f"levels_pre:{domain}", "all", everybody), share))
    figures.append(Figure(View("levels_post:veiligheid", "all", team), after))
    figures.append(Figure(View("levels_pre:veiligheid", "team:Burgerzaken", team), shares["veiligheid"]))
    for domain, (mean, low, high) in changes.items():
        values = {"mean": mean, "low95": low, "high95": high, "minimal_detectable": 0.25}
        figures.append(Figure(View(f"effect:{domain}", "all", team), values))
    told = {"new_percent": 40, "begun_percent": 25, "done_percent": 35}
    figures.append(Figure(View(f"module:{CARDS[0].id}", "all", everybody), told))
    merged = {"new_percent": 70, "begun+done_percent": 30}
    figures.append(Figure(View(f"module:{CARDS[1].id}", "all", everybody), merged))
    figures.append(Figure(View(f"module:{CARDS[0].id}", "team:Burgerzaken", team), merged))
    return disclose(figures, (), at)[0]


SIZE = shown_size(87, NOW)
"""Of a group of which the portal gave the list."""

GROUP = GroupPage(
    tenant="gemeente Molenwaard",
    campaign="Samen digitaal 2026",
    openness="open",
    writes_results=True,
    domains=tuple((line.id, line.label) for line in (LINES[3], LINES[1], LINES[2], LINES[0])),
    levels=(
        ("basis", "je leert de basis"),
        ("zelfstandig", "je redt jezelf"),
        ("gevorderd", "je kunt anderen helpen"),
    ),
    disclosed=disclosed_figures(),
    modules=tuple((card.id, card.title) for card in CARDS),
)


LEARNER: dict[str, Any] = {
    "tenant_id": WHERE.tenant_id,
    "campaign_id": WHERE.campaign_id,
    "participation_id": WHERE.participation_id,
    "learner_id": "learner-1",
    "staff": False,
    "locale": "nl",
    "portal_origins": [PORTAL],
    "helpers": HELPERS,
}

QUIET_PORTAL = PortalStanding(
    id="leerportaal",
    name="Leerportaal",
    kind="Moodle",
    hours=(),
    is_due=False,
    held_until=None,
    held=None,
    given_up=(),
    given_up_for_several=False,
    courses_possible=1,
    no_place=(),
    how_to_make_a_place="Zet in de activiteit onder ‘Privacy’ aan dat de tool cijfers mag zetten.",
    no_right=(),
    how_to_give_the_right="Zet in de tool onder ‘Services’ de cijferdienst aan.",
    hide_grade="Kies in Moodle bij de activiteit ‘Verbergen’.",
)
TROUBLED_PORTAL = replace(
    QUIET_PORTAL,
    id="academie",
    name="Academie van de regio",
    hours=(datetime(2026, 11, 23, 13, tzinfo=UTC),),
    is_due=True,
    held_until=datetime(2026, 11, 23, 12, 23, tzinfo=UTC),
    held=Said("token_refused", "Activeer de tool in Moodle onder Sitebeheer → Plug-ins → Externe tool."),
    given_up=(Said("line_item_gone", ""),),
    given_up_for_several=True,
    courses_possible=3,
    no_place=("12", "5b0f" * 10, *(f"{n}" for n in range(100, 120))),
    no_right=("13",),
)
ENDPOINT_LINES = (
    EndpointLine("molenwaard", "molenwaard/group", "statement", 0, None, 0, 12, 0, 0, "", None),
    EndpointLine(
        tenant_id="molenwaard",
        endpoint="molenwaard/operator",
        kind="statement",
        waiting=340,
        oldest_seconds=5400,
        retried=200,
        sent=12_804,
        dead=2,
        failures=4,
        paused_reason="HTTP 401: the LRS does not accept our name or password",
        rests_until=datetime(2026, 11, 23, 10, 15, tzinfo=UTC),
    ),
    EndpointLine(
        "molenwaard",
        "molenwaard/portal/leerportaal",
        "completion",
        3,
        900,
        0,
        210,
        1,
        1,
        "",
        datetime(2026, 11, 23, 10, 5, tzinfo=UTC),
    ),
    EndpointLine("waterland", "waterland/portal/leerportaal", "completion", 0, None, 0, 10, 1, 0, "", None),
)
DEAD_LINES = (
    DeadLine(
        number=17,
        endpoint="molenwaard/operator",
        kind="statement",
        statement_id="0f0a3f5e-5c1d-5b7e-9a3f-2f6b1c9e8d70",
        verb="answered",
        reason="HTTP 400: result.score.scaled: must lie between -1 and 1",
        status=400,
        attempts=0,
        since=datetime(2026, 11, 23, 9, 12, tzinfo=UTC),
    ),
    DeadLine(31, "waterland/portal/leerportaal", "completion", "", "", "line_item_gone", None, 0, None),
)
COMPLETIONS = CompletionsPage("molenwaard", "Gemeente Molenwaard", (QUIET_PORTAL,))
