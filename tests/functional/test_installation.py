"""An installation as an operator makes it: settings, migrations, commands, and the LRS that the tool carries."""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import structlog
import yaml
from cryptography.fernet import Fernet
from sqlalchemy import inspect, text

from lti_tool import cli
from lti_tool.app import create_app, migrate
from lti_tool.demo.browser import Browser
from lti_tool.demo.lrs_reader import VERSION
from lti_tool.demo.municipalities import KLEINDORP, VOORBEELDSTAD
from lti_tool.demo.own_http import own_session
from lti_tool.storage.database import db
from lti_tool.storage.schema import SCHEMA
from tests.functional.installation import CONTENT, Addresses, Installation
from tests.functional.visitors import Learner
from tests.moodle import running
from xapi.credentials import EVERYBODY, Credentials
from xapi.engine import make_engine

Run = Callable[..., tuple[int, str, str]]
MIGRATE_FIRST = "run `digivaardig migrate` first: the database is not up to date"
NEEDED = ("PUBLIC_URL", "SECRET_KEY", "ENCRYPTION_KEYS", "LRS_KEYS")


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    """An installation whose tool carries the LRS, as in production without an LRS of one's own."""
    with Installation(Addresses(tmp_path, database_url=database_url, mounted_lrs=True)) as made:
        yield made


# --- the LRS in the tool --------------------------------------------------------------------------


def ask(house: Installation, right: str, owner: str = VOORBEELDSTAD, **request: Any) -> requests.Response:
    """A request to the tool's own LRS with the credentials of a right."""
    name, password = Credentials(house.settings.lrs_keys).make(owner, right)
    with own_session() as session:
        method, path = request.pop("method", "GET"), request.pop("path", "/statements")
        auth = request.pop("auth", (name, password))
        return session.request(
            method, f"{house.where.lrs_url}{path}", headers=VERSION, auth=auth, timeout=30, **request
        )


def test_the_worker_delivers_to_the_lrs_that_the_tool_carries(house: Installation) -> None:
    learner = Learner(house, "101").begin()
    learner.answer()
    learner.answer()
    written = [statement["id"] for statement in house.written_about("101")]
    assert house.reader("operator").statements() == []
    assert house.work() == len(written)
    assert house.work() == 0
    assert sorted(statement["id"] for statement in house.reader("operator").statements()) == sorted(written)
    assert house.reader("group").statements() == []
    assert house.reader("group").status_of(written[0]) == 404
    assert house.reader("operator", KLEINDORP).statements() == []
    assert len(house.reader("operator", EVERYBODY).statements()) == len(written)
    assert not house.rows("select seq from outbox where state <> 'sent' and kind = 'statement'")


def test_an_operator_copies_the_lrs_that_the_tool_carries_and_it_is_written_down(
    house: Installation, tmp_path: Path
) -> None:
    with house.app.app_context():
        commands = house.app.extensions["commands"]
        address, name, _ = commands.operate.access_for_a_copy(datetime.now(UTC))
    assert (address, name) == (house.where.lrs_url, "*/read_operator")
    assert [row[0] for row in house.rows("select what from audit where what = 'statements copied'")]


def test_each_credential_of_the_lrs_in_the_tool_opens_its_own_door_only(house: Installation) -> None:
    learner = Learner(house, "101").begin()
    learner.answer()
    (first, *_) = house.written_about("101")
    for right, method, status in [
        ("read_operator", "GET", 200),
        ("read_group", "GET", 200),
        ("write_operator", "GET", 403),
        ("erase", "GET", 403),
        ("read_operator", "POST", 403),
        ("read_group", "POST", 403),
        ("write_group", "POST", 200),
        ("write_operator", "POST", 200),
    ]:
        assert ask(house, right, method=method, json=[first] if method == "POST" else None).status_code == status
    for auth in [("x", "y"), (f"{VOORBEELDSTAD}/read_operator", "guess"), ("", ""), None]:
        answer = ask(house, "read_operator", auth=auth)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert answer.json()["error"]


def test_the_lrs_in_the_tool_needs_no_session_and_gives_none(house: Installation) -> None:
    refused = ask(house, "write_operator", method="POST", json=[{"nonsense": True}])
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("statement 0")
    others = ask(house, "read_operator", path="/about"), ask(house, "read_group", path="/nergens")
    for answer in (refused, *others):
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
        assert answer.headers["X-Experience-API-Version"] == "1.0.3"


def test_the_profile_that_statements_name_answers_beside_the_lrs(house: Installation) -> None:
    version = f"{house.settings.iri_base}profile/v1"
    with own_session() as session:
        answer = session.get(version, timeout=30)
        page = session.get(answer.json()["concepts"][0]["id"], timeout=30)
    assert answer.headers["Content-Type"] == "application/ld+json"
    assert answer.json()["versions"][0]["id"] == version
    assert page.headers["Content-Type"].startswith("text/html")


def test_an_operator_sees_in_the_tool_what_arrived_there(house: Installation) -> None:
    Learner(house, "101").begin().answer()
    house.work()
    with house.app.app_context():
        password = house.commands.operate.add_operator("beheerder", datetime.now(UTC))
    tab = Browser().tab()
    tab.open(f"{house.where.tool_url}/operator/login")
    form = next(form for form in tab.page.forms if form.field("password"))
    assert "passen niet bij elkaar" in tab.submit(form, {"name": "beheerder", "password": "fout"}).words
    page = tab.submit(form, {"name": "beheerder", "password": password})
    assert "answered" in page.words
    with house.tool.away():
        pass
    assert "answered" in tab.open("/operator/statements").words, "a restart ends no session"


# --- migrations -----------------------------------------------------------------------------------


def contents(house: Installation) -> dict[str, int]:
    names = sorted(inspect(house.engine).get_table_names())
    return {name: house.rows(f"select count(*) as n from {name}")[0].n for name in names}  # noqa: S608


def test_migrating_a_second_time_changes_nothing(house: Installation) -> None:
    Learner(house, "101").begin().answer()
    house.work()
    before, keys = contents(house), house.rows("select * from tool_key")
    assert {"answer", "outbox", "lrs_statement", "alembic_version", "lrs_alembic_version"} <= set(before)
    migrate(house.settings)
    assert contents(house) == before
    assert house.rows("select * from tool_key") == keys


def test_programs_that_start_at_the_same_moment_share_one_key(database_url: str, tmp_path: Path) -> None:
    settings = Addresses(tmp_path, database_url=database_url).settings()
    SCHEMA.upgrade(database_url)
    with ThreadPoolExecutor(4) as pool:
        apps = list(pool.map(create_app, [settings] * 4))
    kids = set()
    for app in apps:
        with app.app_context():
            kids |= {key["kid"] for key in app.extensions["journeys"].keys.published(datetime.now(UTC))["keys"]}
            db.engine.dispose()
    assert len(kids) == 1


# --- the command line -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Addresses:
    """The settings of an installation that carries its LRS, with a database that was migrated."""
    made = Addresses(tmp_path_factory.mktemp("kept"), mounted_lrs=True)
    migrate(made.settings())
    return made


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: Addresses) -> dict[str, str]:
    """Those settings in the environment, and no database yet."""
    made = {**kept.environment, "DATABASE_URL": f"sqlite:///{tmp_path / 'tool.sqlite3'}"}
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def migrated(environment: dict[str, str], kept: Addresses, tmp_path: Path) -> dict[str, str]:
    """With a database of its own, which was migrated."""
    shutil.copy(kept.folder / "tool.sqlite3", tmp_path)
    return environment


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run `digivaardig` with these arguments; its exit code, and what it said."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["digivaardig", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            cli.main()
        return int(left.value.code or 0), *capsys.readouterr()

    yield run
    structlog.reset_defaults()
    with warnings.catch_warnings():
        # What ends with the process of a command, connections for one, ends here.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.parametrize(
    "arguments",
    [
        ("migrate",),
        ("serve",),
        ("worker", "--once"),
        ("lrs", "serve"),
        ("operator", "add", "x"),
        ("portal", "list"),
        ("portal", "urls"),
        ("outbox", "list"),
        ("lrs", "test", "--tenant", "x"),
        ("bank", "calibrate", "x", "--from-database"),
        ("bank", "activate", "x", "--by", "x"),
    ],
    ids=" ".join,
)
def test_without_settings_every_command_names_all_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], run: Run, arguments: tuple[str, ...]
) -> None:
    for name in NEEDED:
        monkeypatch.delenv(name)
    code, _, said = run(*arguments)
    assert code == 2
    for name in NEEDED:
        assert name in said
    assert "Traceback" not in said


def test_one_command_names_every_wrong_setting_at_once(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], run: Run
) -> None:
    wrong = {"PUBLIC_URL": "example", "ENCRYPTION_KEYS": "x", "LRS_KEYS": "{}", "LOG_LEVEL": "loud", "DEMO": "x"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    code, _, said = run("migrate")
    assert code == 2
    for name in wrong:
        assert name in said


def test_before_the_first_migration_every_command_says_what_comes_first(
    environment: dict[str, str], run: Run
) -> None:
    for arguments in [("worker", "--once"), ("operator", "add", "x"), ("figures", "publish", "--tenant", "x")]:
        code, _, said = run(*arguments)
        assert (code, said) == (2, f"SchemaBehind: {MIGRATE_FIRST}\n")


def test_a_database_ahead_of_the_code_goes_on_working(migrated: dict[str, str], run: Run) -> None:
    engine = make_engine(migrated["DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    assert run("worker", "--once")[0] == 0
    with engine.begin() as connection:
        connection.execute(text("delete from alembic_version"))
    engine.dispose()
    assert run("worker", "--once")[0] == 2


def test_an_installation_that_cannot_work_says_why(
    monkeypatch: pytest.MonkeyPatch, migrated: dict[str, str], run: Run, tmp_path: Path
) -> None:
    for name, value, said in [
        ("CONTENT_DIR", str(tmp_path), "ContentBroken: digivaardig-basis"),
        ("ENCRYPTION_KEYS", Fernet.generate_key().decode(), "ToolKeyUnreadable: "),
        ("DATABASE_URL", f"sqlite:///{tmp_path}", "DatabaseBusy: the database is locked or does not answer"),
    ]:
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            code, _, err = run("worker", "--once")
        assert (code, err.startswith(said)) == (2, True), err


def described() -> dict[str, Any]:
    """A municipality as its administrator describes it."""
    issuer = "https://leren.molenwaard.example"
    return {
        "id": "molenwaard",
        "name": "Gemeente Molenwaard",
        "contacts": {
            "helpers": "Digihelden, kamer 1.12",
            "conversation": "Plan een gesprek met een Digiheld",
            "privacy": "fg@molenwaard.example",
            "incident": "Servicedesk, 14 0000",
        },
        "portal_marks_seen_by": "de beheerder van het leerportaal",
        "portals": [
            {
                "id": "leerportaal",
                "name": "Leerportaal",
                "issuer": issuer,
                "client_id": "client-1",
                "auth_login_url": f"{issuer}/auth",
                "token_url": f"{issuer}/token",
                "jwks_url": f"{issuer}/jwks",
                "deployment_ids": ["1"],
            }
        ],
        "campaign": {
            "name": "Digivaardig 2026",
            "goal": "We gaan werken met nieuwe programma's en willen dat iedereen mee kan.",
            "starts_on": date(2026, 11, 1),
        },
    }


@pytest.fixture
def molenwaard(tmp_path: Path) -> Path:
    file = tmp_path / "molenwaard.yaml"
    file.write_text(yaml.safe_dump(described()), "utf-8")
    return file


def test_a_municipality_is_applied_as_often_as_one_likes(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], database_url: str, run: Run, molenwaard: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    for _ in range(2):
        assert run("migrate") == (0, "The database has the newest schema.\n", "")
    for _ in range(2):
        assert run("tenant", "apply", molenwaard) == (0, "Applied: molenwaard\n", "")
    assert run("tenant", "apply", molenwaard, molenwaard) == (0, "Applied: molenwaard\n" * 2, "")
    for moment in ("now", "2027-03-01T00:00+01:00", "2027-03-01T00:00Z"):
        assert run("campaign", "set", "--tenant", "molenwaard", "--post-from", moment)[0] == 0
    assert run("figures", "publish", "--tenant", "molenwaard") == (0, "Campaigns with a new publication: 0\n", "")
    assert run("analyst", "link", "--tenant", "molenwaard")[1].startswith(f"{environment['PUBLIC_URL']}/figures/")
    address, name, password = run("lrs", "credentials", "--tenant", "molenwaard")[1].split()
    assert (address, name) == (f"{environment['PUBLIC_URL']}/xapi", "molenwaard/read_group")
    assert len(password) > 20
    assert run("operator", "add", "jan")[1] != run("operator", "add", "jan")[1]
    assert run("worker", "--once")[0] == 0


def test_an_operator_tends_the_outbox_by_command(
    monkeypatch: pytest.MonkeyPatch, migrated: dict[str, str], run: Run, molenwaard: Path
) -> None:
    monkeypatch.setenv("LRS_URL", "http://127.0.0.1:9/xapi")
    run("tenant", "apply", molenwaard)
    endpoint = ("--endpoint", "molenwaard/operator")
    code, said, _ = run("outbox", "replay", *endpoint)
    assert (code, said) == (2, "")
    assert run("lrs", "test", "--tenant", "nergens")[0] == 2
    code, said, _ = run("lrs", "test", "--tenant", "molenwaard")
    assert (code, said.startswith("In the outbox: ")) == (0, True)
    assert "molenwaard/operator  statement  1" in run("outbox", "list")[1]
    assert 'kind="statement"} 1\n' in run("outbox", "metrics")[1]
    code, _, trouble = run("outbox", "reconcile", *endpoint)
    assert code == 1, "the input was good, but the LRS does not answer"
    assert trouble.startswith(
        "LrsAway: molenwaard/operator: the LRS cannot be asked (ConnectionError); nothing was"
    )
    assert run("outbox", "drop", "--all", *endpoint, "--yes") == (0, "Dropped: 0\n", "")


def test_a_municipality_gets_an_lrs_of_its_own_by_command(
    monkeypatch: pytest.MonkeyPatch, migrated: dict[str, str], run: Run, molenwaard: Path
) -> None:
    run("tenant", "apply", molenwaard)
    monkeypatch.setenv("LRS_ENDPOINT_PASSWORD", "geheim-van-de-lrs")
    monkeypatch.setenv("ALLOW_PRIVATE_PORTALS", "false")
    which = ("--tenant", "molenwaard", "--stream", "group")
    described = ("--username", "key", "--read-by", "employer", "--erase", "none")
    code, _, trouble = run("lrs", "endpoint", "add", *which, "--url", "http://127.0.0.1:9/xapi", *described)
    assert (code, trouble) == (
        2,
        "EndpointRefused: url: must be https; ALLOW_PRIVATE_PORTALS lets http in, for a server room\n",
    )
    monkeypatch.setenv("ALLOW_PRIVATE_PORTALS", "true")
    code, said, _ = run("lrs", "endpoint", "add", *which, "--url", "http://127.0.0.1:9/xapi", *described)
    assert (code, said.splitlines()[0]) == (0, "molenwaard/group goes to http://127.0.0.1:9/xapi")
    code, said, _ = run("lrs", "endpoint", "test", *which)
    assert (code, said) == (1, "RED  write: no answer (ConnectionError)\nRED  read: not asked\n")
    assert run("lrs", "credentials", "--tenant", "molenwaard")[0] == 2
    listed = run("lrs", "endpoint", "list")[1]
    assert "http://127.0.0.1:9/xapi  key   employer  none" in listed
    assert "geheim" not in listed
    said = run("lrs", "endpoint", "add", *which, "--url", "https://lrs.example/", *described)[1]
    assert "What arrived at http://127.0.0.1:9/xapi stays there" in said
    assert run("lrs", "endpoint", "remove", *which)[0] == 0
    gone = ("lrs", "endpoint", "gone", "--tenant", "molenwaard", "--url", "https://lrs.example")
    assert run(*gone, "--yes")[1] == "Forgotten: https://lrs.example; erasures that were still to do there: 0\n"
    assert run(*gone, "--yes")[0] == 2


def test_an_invitation_is_printed_once_as_link_and_code(
    migrated: dict[str, str], run: Run, molenwaard: Path
) -> None:
    run("tenant", "apply", molenwaard)
    codes = set()
    for more, role in ((), "administrator"), (("--role", "coach", "--days", "1"), "coach"):
        code, out, said = run("admin", "invite", "--tenant", "molenwaard", *more)
        link, written, what = out.splitlines()
        letters = written.removeprefix("Code: ")
        assert (code, said) == (0, "")
        assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", letters)
        assert link == f"{migrated['PUBLIC_URL']}/invitation/molenwaard/{letters}"
        assert what.startswith(f"Role: {role}; works once, until 20")
        codes.add(letters)
    assert len(codes) == 2


def without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda file: file.pop(name)


def put(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    """Put a value at a way of keys with dots."""
    *way, last = name.split(".")

    def change(file: Any) -> None:
        for key in way:
            file = file[int(key)] if key.isdigit() else file[key]
        file[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (without("contacts"), "contacts"),
        (put("contacts.helpers", ""), "contacts.helpers"),
        (put("id", "Molen Waard"), "id"),
        (put("portal", []), "portal"),
        (put("portals", []), "portals"),
        (put("portals.0.jwks_url", "ftp://leren.example"), "portals.0.jwks_url"),
        (put("teams", ["x" * 101]), "teams.0"),
        (put("greets_by_name", "soms"), "greets_by_name"),
        (put("campaign.mode", "verplicht"), "campaign.mandatory_reason"),
        (put("campaign.starts_on", "volgende week"), "campaign.starts_on"),
        (put("campaign.ends_on", date(2026, 10, 31)), "campaign.ends_on"),
    ],
)
def test_a_mistake_in_a_municipalitys_file_is_named_by_its_field(
    migrated: dict[str, str], run: Run, molenwaard: Path, change: Callable[[dict[str, Any]], object], field: str
) -> None:
    content = described()
    change(content)
    molenwaard.write_text(yaml.safe_dump(content), "utf-8")
    code, out, said = run("tenant", "apply", molenwaard)
    assert (code, out) == (2, "")
    assert f"{molenwaard}: {field}: " in said
    assert run("figures", "publish", "--tenant", "molenwaard")[0] == 2, "nothing was changed"


@pytest.mark.parametrize(
    "content",
    [None, b"id: [unclosed", b"- a list", b"", b"\xff\xfe", b"starts_on: 2026-11-31", b"a: &b [*b]", b"[" * 3000],
    ids=["absent", "broken", "a list", "empty", "no text", "no such day", "in itself", "too deep"],
)
def test_a_file_that_cannot_be_read_is_named(
    migrated: dict[str, str], run: Run, molenwaard: Path, content: bytes | None
) -> None:
    molenwaard.unlink() if content is None else molenwaard.write_bytes(content)
    code, _, said = run("tenant", "apply", molenwaard)
    assert code == 2
    assert said.startswith(f"TenantFileBroken: {molenwaard}: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            "campaign set --tenant molenwaard --post-from 2027-03-01T00:00",
            "--post-from: '2027-03-01T00:00' has no zone",
        ),
        ("campaign set --tenant molenwaard --post-from gisteren", "--post-from: 'gisteren' is no moment"),
        ("campaign set --tenant nergens --post-from now", "TenantUnknown: nergens"),
        ("campaign set --tenant molenwaard --campaign x --post-from now", "CampaignUnknown: x"),
        ("figures publish --tenant nergens", "TenantUnknown: nergens"),
        ("analyst link --tenant nergens", "TenantUnknown: nergens"),
        ("analyst link --tenant molenwaard --campaign x", "CampaignUnknown: x"),
        ("lrs credentials --tenant nergens", "TenantUnknown: nergens"),
        ("lrs credentials --tenant molenwaard --stream all", "'--stream'"),
        (f"operator add {'x' * 65}", "NAME: 1 to 64 characters"),
        ("admin invite --tenant nergens", "TenantUnknown: nergens"),
        ("admin invite", "Missing option '--tenant'"),
        ("admin invite --tenant molenwaard --role burgemeester", "'--role'"),
        ("admin invite --tenant molenwaard --days 0", "'--days'"),
        ("admin invite --tenant molenwaard --days 91", "'--days'"),
        ("portal link --tenant nergens", "TenantUnknown: nergens"),
        ("portal link --tenant molenwaard --id Moodle", "PortalRefused: id: small letters"),
        ("portal check moodle", "PortalUnknown: moodle: no portal with this id"),
        (
            "portal enable leerportaal --tenant nergens",
            "PortalUnknown: leerportaal: no portal with this id in nergens",
        ),
        ("portal activate leerportaal", "Missing option '--deployment'"),
        (f"portal activate leerportaal --deployment {'x' * 256}", "PortalRefused: deployment: 1 to 255"),
        ("portal add --tenant molenwaard --id leerportaal", "Missing option '--name'"),
        ("serve --port abc", "'--port'"),
        ("bank activate nergens.json --by Jan", "ProposalBroken: nergens.json: cannot be read"),
        ("bank calibrate nergens --from-database", "ContentBroken: nergens: there is no package folder here"),
        (f"bank calibrate {CONTENT / 'digivaardig-basis'} --from-database", "TooFewPeople: no question"),
        ("nonsense", "No such command 'nonsense'"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(
    migrated: dict[str, str], run: Run, molenwaard: Path, arguments: str, said: str
) -> None:
    run("tenant", "apply", molenwaard)
    code, _, err = run(*arguments.split())
    assert code == 2
    assert said in err
    assert "Traceback" not in err


def add_portal(run: Run, url: str, **changes: str) -> tuple[int, str, str]:
    options = {
        "tenant": "molenwaard",
        "id": "moodle",
        "name": "Ons Moodle",
        "issuer": url,
        "client-id": "abc",
        "auth-login-url": f"{url}/mod/lti/auth.php",
        "token-url": f"{url}/mod/lti/token.php",
        "jwks-url": f"{url}/mod/lti/certs.php",
        **changes,
    }
    return run("portal", "add", *(part for name, value in options.items() for part in (f"--{name}", value)))


def test_a_portal_is_added_activated_checked_and_switched_off_by_command(
    migrated: dict[str, str], run: Run, molenwaard: Path
) -> None:
    run("tenant", "apply", molenwaard)
    with running() as moodle:
        code, out, _ = add_portal(run, moodle.url)
        assert (code, out.split(";")[0]) == (0, "Added: molenwaard/moodle")
        assert "digivaardig portal activate" in out
        assert run("portal", "activate", "moodle", "--deployment", "7")[0] == 0
        code, out, _ = run("portal", "check", "moodle")
        assert (code, out.count("green"), out.count("RED"), out.count("grey")) == (0, 2, 0, 2), out
        assert "Open Digivaardig once from a course" in out
        moodle.active = False
        code, out, _ = run("portal", "check", "moodle", "--tenant", "molenwaard")
        assert (code, out.count("RED")) == (1, 3), out
        assert "(token_refused)" in out
    assert run("portal", "disable", "moodle") == (0, "Disabled: moodle; sessions ended: 0\n", "")
    code, out, _ = run("portal", "check", "moodle")
    assert (code, "switched off" in out, "portal_unreachable" in out) == (1, True, True)
    head, *rows = run("portal", "list")[1].splitlines()
    assert head.split() == ["tenant", "id", "name", "kind", "state", "deployments", "waiting"]
    assert [row.split() for row in rows] == [
        ["molenwaard", "leerportaal", "Leerportaal", "?", "on", "1", "-"],
        ["molenwaard", "moodle", "Ons", "Moodle", "?", "off", "7", "-"],
    ]
    assert run("portal", "list", "--tenant", "nergens")[1].count("\n") == 1
    assert run("portal", "enable", "moodle")[0] == 0
    assert " on " in run("portal", "list")[1].splitlines()[-1]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "Ons Moodle"}, "PortalRefused: molenwaard/Ons Moodle: id: "),
        ({"token-url": "ftp://x"}, "token_url: "),
        ({"jwks-url": "http://a@b/"}, "jwks_url: portal_address_refused"),
        ({"tenant": "nergens"}, "TenantUnknown: nergens"),
        ({"id": "leerportaal"}, "leerportaal is a portal of https://leren.molenwaard.example"),
        ({"issuer": "https://leren.molenwaard.example", "client-id": "client-1"}, "belong to another portal"),
    ],
)
def test_a_portal_that_cannot_be_is_refused_by_its_field(
    migrated: dict[str, str], run: Run, molenwaard: Path, changes: dict[str, str], said: str
) -> None:
    run("tenant", "apply", molenwaard)
    code, _, err = add_portal(run, "https://moodle.example", **changes)
    assert (code, said in err) == (2, True), err
    assert "Traceback" not in err


def test_only_public_addresses_over_https_are_added_unless_a_setting_allows_others(
    monkeypatch: pytest.MonkeyPatch, migrated: dict[str, str], run: Run, molenwaard: Path
) -> None:
    run("tenant", "apply", molenwaard)
    monkeypatch.setenv("ALLOW_PRIVATE_PORTALS", "0")
    for url in ("http://moodle.example", "https://127.0.0.1", "https://10.0.0.8"):
        code, _, err = add_portal(run, url)
        assert (code, "portal_address_refused" in err) == (2, True), err
    assert "moodle" not in run("portal", "list")[1]


def test_a_registration_link_is_printed_with_how_long_it_works(
    migrated: dict[str, str], run: Run, molenwaard: Path
) -> None:
    run("tenant", "apply", molenwaard)
    code, out, err = run("portal", "link", "--tenant", "molenwaard")
    assert (code, "48 hours" in err) == (0, True)
    start = f"{migrated['PUBLIC_URL']}/lti/register/molenwaard/"
    assert out.startswith(start)
    assert len(out) == len(start) + 43 + 1
    assert run("portal", "link", "--tenant", "molenwaard")[1] != out


def test_every_address_that_a_portal_asks_for_is_printed(migrated: dict[str, str], run: Run) -> None:
    out = run("portal", "urls")[1]
    for path in ("/lti/launch", "/lti/login", "/lti/jwks.json", "/static/link-icon.png"):
        assert f"{migrated['PUBLIC_URL']}{path}\n" in out
    assert migrated["PUBLIC_URL"].split("//")[1] + "\n" in out
    assert "digivaardig portal link" in out


def test_a_file_of_answers_needs_no_settings_and_its_mistakes_are_named(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], run: Run, tmp_path: Path
) -> None:
    for name in environment:
        monkeypatch.delenv(name)
    answers = tmp_path / "answers.csv"
    answers.write_text("person,item,right\njan,VEI-INT-9999,1\n")
    assert run("bank", "calibrate", CONTENT / "digivaardig-basis", "--responses", answers) == (
        2,
        "",
        f"ResponsesBroken: {answers}: line 2: item: VEI-INT-9999 is not in digivaardig-basis\n",
    )


def test_what_gunicorn_serves_is_made_from_the_environment(migrated: dict[str, str], run: Run) -> None:
    assert cli.served_tool().test_client().get("/health").get_json() == {"status": "ok"}
    assert cli.served_lrs().test_client().get("/xapi/about").get_json()["version"][0] == "1.0.3"


def test_a_server_that_cannot_start_ends_with_the_reason(migrated: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lti_tool.cli", "serve", "--port", "0"]
    broken = {**os.environ, "CONTENT_DIR": str(tmp_path)}
    ended = subprocess.run(command, env=broken, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "ContentBroken: digivaardig-basis: there is no package folder here\n"
