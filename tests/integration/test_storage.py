"""The rows on real databases: one-time records, sessions, people, municipalities and publications."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text

from lti_tool.domain.errors import (
    CampaignUnknown,
    FiguresUnknown,
    ItemAlreadyAnswered,
    ParticipationGone,
    PseudonymGone,
    TenantUnknown,
)
from lti_tool.domain.people import GivenAnswer, Identity
from lti_tool.storage import (
    attempts,
    audit,
    logins,
    participations,
    portals,
    snapshots,
    tenants,
    tool_keys,
    web_sessions,
)
from lti_tool.storage.database import db, transaction
from lti_tool.storage.portal_tables import LoginRow
from lti_tool.storage.sealing import Seal
from lti_tool.storage.tables import AuditRow, ParticipationKeyRow, TenantRow
from tests.factories import NOW, make_campaign, make_participation, make_tenant
from tests.integration.journeys.town import at_the_same_moment
from tests.integration.storage_examples import IN_AN_HOUR, make_login

SEAL = Seal((Fernet.generate_key(),))
IDENTITY = Identity("q" * 32, "0b9a7c0e-32a5-4a7c-8f1a-0d8f3f6f2a10")


@pytest.fixture
def learner(inside) -> str:
    """A learner of Voorbeeldstad, with all that must be there before."""
    with transaction():
        tenants.save_tenant(make_tenant())
        db.session.flush()
        tenants.save_campaign(make_campaign())
        portals.save_portal(make_portal())
        db.session.flush()
        return participations.find_or_add_learner("voorbeeldstad", "leerportaal", "a", NOW)[0]


@pytest.fixture
def where(learner):
    """Somebody who takes part."""
    participation = make_participation(learner_id=learner)
    with transaction():
        participations.add_participation(participation, IDENTITY, SEAL)
    return participation.where


def make_portal(**changes):
    issuer = "https://leren.voorbeeldstad.example"
    values = {
        "tenant_id": "voorbeeldstad",
        "id": "leerportaal",
        "name": "Leerportaal",
        "issuer": issuer,
        "client_id": "client",
        "auth_login_url": f"{issuer}/auth",
        "token_url": f"{issuer}/token",
        "jwks_url": f"{issuer}/jwks",
        "deployment_ids": frozenset({"1"}),
    }
    return portals.Portal(**{**values, **changes})


def in_the_app(app, act):
    """The same act in an application context of its own, for another thread."""

    def run():
        with app.app_context(), transaction():
            return act()

    return run


def test_a_login_is_taken_once(inside):
    with transaction():
        logins.add_login(make_login())
    with transaction():
        assert logins.take_login("state", NOW) == make_login()
        assert logins.take_login("state", NOW) is None
        assert logins.take_login("never-begun", NOW) is None


def test_looking_at_a_login_leaves_it_where_it_is(inside):
    with transaction():
        logins.add_login(make_login(storage_target="_parent"))
    with transaction(writes=False):
        for _ in range(2):
            assert logins.find_login("state", NOW) == make_login(storage_target="_parent")
        assert logins.find_login("state", make_login().expires_at) is None
        assert logins.find_login("never-begun", NOW) is None
    with transaction():
        assert logins.take_login("state", NOW) is not None


def test_of_many_who_take_a_login_at_the_same_moment_one_gets_it(inside):
    with transaction():
        logins.add_login(make_login())
    taken = at_the_same_moment([in_the_app(inside, lambda: logins.take_login("state", NOW))] * 6)
    assert sorted(record is None for record in taken) == [False] + [True] * 5


def test_an_expired_login_is_not_given_and_gone_all_the_same(inside):
    with transaction():
        logins.add_login(make_login(expires_at=NOW))
    with transaction():
        assert logins.take_login("state", NOW) is None
    with transaction(writes=False):
        assert db.session.scalars(select(LoginRow)).all() == []


def test_logins_that_nobody_finished_are_forgotten(inside):
    with transaction():
        logins.add_login(make_login(state="old", expires_at=NOW))
        logins.add_login(make_login(state="new"))
    with transaction():
        assert logins.forget_expired_logins(NOW) == 1
        assert logins.take_login("new", NOW) is not None


# Sessions.


def test_a_session_is_there_until_it_ends(inside):
    web_sessions.add_session("hash", {"staff": False}, IN_AN_HOUR)
    assert web_sessions.load_session("hash", NOW) == {"staff": False}
    assert web_sessions.load_session("hash", IN_AN_HOUR) is None
    assert web_sessions.load_session("another", NOW) is None


def test_a_session_is_changed_and_deleted(inside):
    web_sessions.add_session("hash", {"staff": False}, IN_AN_HOUR)
    assert web_sessions.save_session("hash", {"staff": True}, IN_AN_HOUR)
    assert web_sessions.load_session("hash", NOW) == {"staff": True}
    assert web_sessions.delete_session("hash")
    assert not web_sessions.delete_session("hash")
    assert web_sessions.load_session("hash", NOW) is None


def test_a_login_that_comes_twice_is_added_twice(inside):
    for origin in ("one", "other"):
        web_sessions.add_session("login", {"framed_by": [origin]}, IN_AN_HOUR)
    assert web_sessions.load_session("login", NOW) == {"framed_by": ["other"]}


def test_a_session_that_was_ended_is_not_made_again_by_a_request_that_had_loaded_it(inside):
    web_sessions.add_session("hash", {"staff": False}, IN_AN_HOUR)
    data = web_sessions.load_session("hash", NOW)
    web_sessions.delete_session("hash")
    assert not web_sessions.save_session("hash", data, IN_AN_HOUR)
    assert web_sessions.load_session("hash", NOW) is None


@pytest.mark.parametrize("attempt", range(5))
def test_at_the_same_moment_an_end_always_wins(app, attempt):
    owner = {"tenant_id": "voorbeeldstad", "learner_id": "l-1"}

    def inside_of_its_own(act):
        def run():
            with app.app_context():
                return act()

        return run

    def end():
        with transaction():
            return web_sessions.end_sessions("voorbeeldstad", ["l-1"])

    inside_of_its_own(lambda: web_sessions.add_session("hash", owner, IN_AN_HOUR))()
    save = inside_of_its_own(lambda: web_sessions.save_session("hash", owner, IN_AN_HOUR))
    *saved, ended = at_the_same_moment([*[save] * 4, inside_of_its_own(end)])
    assert set(saved) <= {True, False}
    assert ended == 1
    assert inside_of_its_own(lambda: web_sessions.load_session("hash", NOW))() is None


def test_sessions_past_their_end_are_forgotten(inside):
    web_sessions.add_session("old", {}, NOW)
    web_sessions.add_session("new", {}, IN_AN_HOUR)
    with transaction():
        assert web_sessions.forget_expired_sessions(NOW) == 1


# People.


def test_a_pseudonym_is_kept_sealed_and_its_key_apart(where):
    with transaction(writes=False):
        assert participations.load_identity(where, SEAL) == IDENTITY
        stored = db.session.execute(text("SELECT sealed_identity FROM participation")).scalar_one()
    assert IDENTITY.pseudonym.encode() not in bytes(stored)


def test_without_its_key_a_pseudonym_is_gone(where):
    with transaction():
        db.session.delete(db.session.get_one(ParticipationKeyRow, (where.tenant_id, where.participation_id)))
    with transaction(writes=False), pytest.raises(PseudonymGone):
        participations.load_identity(where, SEAL)


def test_a_participation_that_is_not_there_is_found_by_nobody(where, learner):
    other = make_participation(id="p-2").where
    with transaction(writes=False):
        assert participations.find_participation_by_place(other) is None
        assert participations.find_participation_by_place(where) is not None
        assert participations.find_participation("voorbeeldstad", "standaard", learner, preview=True) is None
        with pytest.raises(ParticipationGone):
            participations.load_participation(other)


def test_with_a_participation_goes_all_that_hangs_on_it(where):
    with transaction():
        attempt = attempts.begin_attempt(
            where, number=1, bank_version="b", package_sha256="s", excluded=(), now=NOW
        )
        attempts.add_answer(attempt, make_answer())
        participations.remove_participation(where)
    with transaction(writes=False):
        for table in ("participation", "participation_key", "attempt", "answer"):
            # The names are ours.
            assert db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0  # noqa: S608


def make_answer(**changes):
    values = {
        "position": 1,
        "item_id": "VEI-INT-0001",
        "item_version": 1,
        "choice": ("a",),
        "text": "",
        "dont_know": False,
        "right": True,
        "reason": "easy_start",
        "p_success": 0.8,
    }
    return GivenAnswer(**{**values, **changes})


def test_a_position_takes_one_answer(where):
    with transaction():
        attempt = attempts.begin_attempt(
            where, number=1, bank_version="b", package_sha256="s", excluded={"b", "a"}, now=NOW
        )
        attempts.add_answer(attempt, make_answer())
    with pytest.raises(ItemAlreadyAnswered), transaction():
        attempts.add_answer(attempt, make_answer(item_id="VEI-INT-0002"))
    with transaction(writes=False):
        (kept,) = attempts.attempts(where)
        (bare,) = attempts.attempts(where, answers=False)
    assert kept.answers == (make_answer(),)
    assert (bare.answers, kept.excluded) == ((), frozenset({"a", "b"}))


def test_previews_are_in_no_list_for_figures(where, learner):
    preview = make_participation(id="p-2", learner_id=learner, preview=True)
    with transaction():
        participations.add_participation(preview, IDENTITY, SEAL)
        attempt = attempts.begin_attempt(
            preview.where, number=1, bank_version="b", package_sha256="s", excluded=(), now=NOW
        )
        attempts.finish_attempt(attempt, (), "measured", NOW)
    with transaction(writes=False):
        assert [p.id for p in participations.participations("voorbeeldstad", "standaard")] == ["p-1"]
        assert attempts.finished_attempts("voorbeeldstad", "standaard") == {}


# Municipalities, portals, keys, publications.


def test_an_unknown_municipality_or_campaign_says_so(learner):
    with transaction(writes=False):
        with pytest.raises(TenantUnknown):
            tenants.load_tenant("nowhere")
        with pytest.raises(CampaignUnknown):
            tenants.load_campaign("voorbeeldstad", "gone")
        assert tenants.figures_token("voorbeeldstad", "gone") is None
        assert tenants.figures_token("voorbeeldstad", "standaard") is None


def test_a_municipality_comes_back_as_it_was_saved(inside):
    bare = make_tenant(id="kaal", teams=(), works_council_consent_on=None, variables=(("a.b", "c"),))
    with transaction():
        tenants.save_tenant(make_tenant())
        tenants.save_tenant(bare)
    with transaction(writes=False):
        assert tenants.tenants() == [bare, make_tenant()]


def test_a_municipality_saved_before_there_were_lists_of_participants_has_them_off(inside):
    with transaction():
        tenants.save_tenant(make_tenant(roster=True))
        db.session.flush()
        row = db.session.get_one(TenantRow, "voorbeeldstad")
        row.settings = {name: value for name, value in row.settings.items() if name != "roster"}
    with transaction(writes=False):
        assert tenants.load_tenant("voorbeeldstad") == make_tenant(roster=False)


def test_portals_are_found_by_registration_by_id_and_by_issuer(learner):
    other = make_portal(id="tweede", client_id="client-2", enabled=False)
    with transaction():
        portals.save_portal(other)
    with transaction(writes=False):
        assert portals.find_portal(other.issuer, "client-2") == other
        assert portals.find_portal(other.issuer, "client-3") is None
        assert portals.find_portal_by_id("voorbeeldstad", "tweede") == other
        assert portals.find_portal_by_id("voorbeeldstad", "derde") is None
        assert [portal.id for portal in portals.portals_of_issuer(other.issuer)] == ["leerportaal", "tweede"]
        assert portals.issuers() == [other.issuer]


def test_fetched_keys_of_a_portal_are_kept(learner):
    cached = portals.CachedJwks('{"keys": []}', NOW)
    with transaction():
        assert portals.find_portal_by_id("voorbeeldstad", "leerportaal").jwks is None
        portals.save_jwks("voorbeeldstad", "leerportaal", cached)
        portals.save_jwks("voorbeeldstad", "no-such-portal", cached)
    with transaction(writes=False):
        assert portals.find_portal_by_id("voorbeeldstad", "leerportaal").jwks == cached


def test_the_tools_own_keys_come_back_in_order(inside):
    first, second = (tool_keys.StoredKey(kid, b"sealed", at) for kid, at in (("b", NOW), ("a", IN_AN_HOUR)))
    with transaction():
        tool_keys.add_key(second)
        tool_keys.add_key(first)
    with transaction(writes=False):
        assert tool_keys.load_keys() == [first, second]


def test_publications_come_back_oldest_first_with_who_was_in_them(learner):
    ledger = (("participation", "all", frozenset({"p-1", "p-2"})),)
    with transaction():
        for moment in (IN_AN_HOUR, NOW):
            snapshots.add_snapshot("voorbeeldstad", "standaard", "{}", ledger, moment)
    with transaction(writes=False):
        found = snapshots.snapshots("voorbeeldstad", "standaard")
    assert [snapshot.published_at for snapshot in found] == [NOW, IN_AN_HOUR]
    assert found[0].ledger == ledger


def test_what_no_database_can_hold_is_simply_not_found(inside):
    with transaction(writes=False):
        assert audit.find_operator_hash("beheer\0") is None
        with pytest.raises(FiguresUnknown):
            tenants.campaign_of_token("token\0")


def test_what_is_written_down_is_cut_to_what_fits(inside):
    with transaction():
        audit.write_audit("t" * 80, "w" * 200, "looked", NOW, "d" * 900)
    with transaction(writes=False):
        row = db.session.scalars(select(AuditRow)).one()
        assert (len(row.tenant_id), len(row.who), len(row.detail)) == (64, 100, 500)
