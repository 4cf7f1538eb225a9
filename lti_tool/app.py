"""create_app(settings) wires everything; read it to see the whole house."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask, Response, g, has_request_context
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_tool import VERSION, logs, web
from lti_tool.lti.deep_linking import Responder
from lti_tool.lti.door import LaunchDoor
from lti_tool.lti.dynamic_registration import DynamicRegistration
from lti_tool.lti.http import Outgoing
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.roster import RosterReader
from lti_tool.lti.scores import ScoreSender
from lti_tool.lti.self_check import SelfCheck
from lti_tool.lti.services import PortalServices
from lti_tool.lti.tool_addresses import ToolAddresses
from lti_tool.recording import Pen
from lti_tool.settings import Settings, load_settings
from lti_tool.storage import database, logins, portals, tenants, tool_keys, web_sessions
from lti_tool.storage.schema import SCHEMA
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.calibrate_bank import CalibrateBank
from lti_tool.use_cases.choose_content import ChooseContent
from lti_tool.use_cases.close_campaigns import CloseCampaigns
from lti_tool.use_cases.connect_portal import ConnectPortal
from lti_tool.use_cases.deliver import Deliver
from lti_tool.use_cases.enter import Enter
from lti_tool.use_cases.explain_completions import ExplainCompletions
from lti_tool.use_cases.follow_story import FollowStory
from lti_tool.use_cases.forget import Forget
from lti_tool.use_cases.hold_roles import HoldRoles
from lti_tool.use_cases.inspect_visit import InspectVisit
from lti_tool.use_cases.keep_endpoints import KeepEndpoints
from lti_tool.use_cases.keep_keys import KeepKeys
from lti_tool.use_cases.lrs_access import LrsOfMunicipalities
from lti_tool.use_cases.operate import Operate
from lti_tool.use_cases.place_activities import PlaceActivities
from lti_tool.use_cases.publish_figures import PublishFigures
from lti_tool.use_cases.read_advice import ReadAdvice
from lti_tool.use_cases.read_colophon import ReadColophon
from lti_tool.use_cases.read_reports import ReadReports
from lti_tool.use_cases.read_rosters import ReadRosters
from lti_tool.use_cases.register_portal import RegisterPortal
from lti_tool.use_cases.report_from_lrs import ReportFromLrs
from lti_tool.use_cases.run_campaign import RunCampaign
from lti_tool.use_cases.run_portals import RunPortals
from lti_tool.use_cases.show_media import ShowMedia
from lti_tool.use_cases.take_assessment import TakeAssessment
from lti_tool.use_cases.take_module import TakeModule
from lti_tool.use_cases.tend_outbox import TendOutbox
from lti_tool.use_cases.work import Work
from xapi import lrs_server
from xapi.credentials import Credentials
from xapi.drain import LEASE_SECONDS

LRS_PREFIX = "/xapi"


class SchemaBehind(Exception):
    """The database lacks what this version needs."""


@dataclass(frozen=True)
class Commands:
    """The journeys that have no page; the command line asks them."""

    connect: ConnectPortal
    figures: PublishFigures
    reports: ReadReports
    operate: Operate
    work: Work
    bank: CalibrateBank
    keys: KeepKeys
    campaigns: RunCampaign
    roles: HoldRoles
    rosters: ReadRosters
    portals: RunPortals
    registration: RegisterPortal
    outbox: TendOutbox
    endpoints: KeepEndpoints
    report: ReportFromLrs


def create_app(
    settings: Settings, *, lease_seconds: float = LEASE_SECONDS, content: ChooseContent | None = None
) -> Flask:
    """The tool, wired.

    Args:
        lease_seconds: how long an endpoint waits for a worker that died.
        content: where packages come from, instead of the folder in the settings.

    Raises:
        SchemaBehind: `digivaardig migrate` comes first.
        DatabaseBusy: the database does not answer.
        ContentBroken: naming every problem.
    """
    logs.configure(settings.log_level)
    app = Flask("lti_tool", static_folder=None)
    app.config["SECRET_KEY"] = settings.secret_key
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    database.db.init_app(app)
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]

    seal = Seal(settings.fernet_keys)
    with app.app_context(), database.telling_busy():
        _check_schema(settings)
    with app.app_context(), database.transaction():
        keys = ToolKeys.load_or_make(tool_keys, seal, datetime.now(UTC))
    keep_keys = KeepKeys(keys)
    http = Outgoing(VERSION, allow_private=settings.allow_private_portals)
    services = PortalServices(http, keys)
    addresses = ToolAddresses(settings.public_url)
    door = LaunchDoor(
        portals=portals,
        logins=logins,
        key_sets=portals,
        http=http,
        launch_url=addresses.launch,
        greets_by_name=tenants.greets_by_name,
    )
    content = content or ChooseContent(settings.content_dir / settings.content_package)
    pen = Pen(settings.iri_base, seal, completions_at_once=settings.demo)
    lrs = LrsOfMunicipalities(settings.lrs_endpoint, settings.lrs_keys, seal)
    forget = Forget(pen, seal, lrs)
    figures = PublishFigures(content, pen)
    reports = ReadReports(content)
    rosters = ReadRosters(RosterReader(services))
    operate = Operate(lrs)
    outbox = TendOutbox(lrs, pen)
    connect = ConnectPortal(content)
    roles = HoldRoles()
    run_portals = RunPortals(http, SelfCheck(http, keys))
    registration = RegisterPortal(DynamicRegistration(http, addresses), run_portals)
    web.register(
        app,
        web.Journeys(
            enter=Enter(door, content, pen, seal, keep_claims=settings.demo),
            assessment=TakeAssessment(content, pen),
            advice=ReadAdvice(content),
            module=TakeModule(content, pen),
            story=FollowStory(content),
            colophon=ReadColophon(content),
            media=ShowMedia(content),
            reports=reports,
            operate=operate,
            inspect=InspectVisit(content, pen),
            keys=keep_keys,
            place=PlaceActivities(content, keys, Responder(addresses)),
            roles=roles,
            portals=run_portals,
            registration=registration,
            completions=ExplainCompletions(),
            rosters=rosters,
            forget=forget,
            outbox=outbox,
        ),
        web.SettingsView(
            public_url=settings.public_url,
            demo=settings.demo,
            iri_base=settings.iri_base,
            portal_origins=connect.portal_origins,
            is_healthy=database.answers,
        ),
        web_sessions,
    )
    if settings.built_in_lrs_is_mounted:
        mounted = lrs_server.lrs_blueprint(
            database.engine, Credentials(settings.lrs_keys), f"{settings.iri_base}lrs"
        )
        app.register_blueprint(mounted, url_prefix=LRS_PREFIX)
        web.trust_own_keys(app, mounted)
    app.extensions["commands"] = Commands(
        connect=connect,
        figures=figures,
        reports=reports,
        operate=operate,
        work=Work(
            Deliver(lrs, ScoreSender(services), lease_seconds=lease_seconds),
            figures,
            keep_keys,
            rosters,
            forget,
            CloseCampaigns(pen, seal, figures),
            figures_every_minutes=settings.figures_every_minutes,
            keep_sent_days=settings.keep_sent_days,
        ),
        bank=CalibrateBank(content),
        keys=keep_keys,
        campaigns=RunCampaign(content),
        roles=roles,
        rosters=rosters,
        portals=run_portals,
        registration=registration,
        outbox=outbox,
        endpoints=KeepEndpoints(lrs, seal, pen, allow_http=settings.allow_private_portals),
        report=ReportFromLrs(content, pen, seal),
    )
    if settings.demo:
        _count_queries(app)
    with app.app_context():
        content.prepare(datetime.now(UTC))
        # Server processes are forked from this one; each must open connections of its own.
        database.engine().dispose()
    return app


def from_environment() -> Flask:
    """The tool, as the environment describes it."""
    return create_app(load_settings())


def settled(app: Flask) -> Flask:
    """The same app, for a process that serves it until its end.

    What is there by now (content, code) stays for good, so the collector of garbage need not walk over it again
    and again; processes that are forked from here share it.
    """
    gc.collect()
    gc.freeze()
    return app


def create_lrs(settings: Settings) -> Flask:
    """The built-in LRS as an app of its own."""
    return lrs_server.create_lrs(
        settings.lrs_database_url or settings.database_url,
        Credentials(settings.lrs_keys),
        f"{settings.iri_base}lrs",
    )


def lrs_from_environment() -> Flask:
    """What gunicorn serves for `digivaardig lrs serve`."""
    return create_lrs(load_settings())


def migrate(settings: Settings) -> None:
    """Bring every database to its newest schema, and make the tool's first signing key."""
    with database.telling_busy():
        SCHEMA.upgrade(settings.database_url)
        if settings.built_in_lrs_is_mounted:
            lrs_server.SCHEMA.upgrade(settings.database_url)
    create_app(settings)


def _check_schema(settings: Settings) -> None:
    needed = [SCHEMA, lrs_server.SCHEMA] if settings.built_in_lrs_is_mounted else [SCHEMA]
    if any(schema.is_behind(database.engine()) for schema in needed):
        raise SchemaBehind("run `digivaardig migrate` first: the database is not up to date")


def _count_queries(app: Flask) -> None:
    """Say in `X-Queries` how many SQL statements an answer took; the demo's check prints it."""

    def seen() -> None:
        if has_request_context():
            g.queries = g.get("queries", 0) + 1

    with app.app_context():
        database.watch_queries(seen)

    @app.after_request
    def say(response: Response) -> Response:
        response.headers["X-Queries"] = str(g.get("queries", 0))
        return response
