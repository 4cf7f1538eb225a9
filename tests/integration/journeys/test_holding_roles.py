"""An invitation is made, accepted once by one person, and the role ends; on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.domain.errors import InvitationUnknown, ParticipationGone, RoleUnknown, TenantUnknown
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import roles as role_rows
from lti_tool.storage.database import db
from lti_tool.storage.tables import Base
from lti_tool.use_cases.hold_roles import HoldRoles
from lti_tool.use_cases.work import Work
from tests.factories import NOW
from tests.integration.journeys.town import AsRequests, Town, at_the_same_moment

TOWN = "voorbeeldstad"
LATER = NOW + timedelta(days=13)
TOO_LATE = NOW + timedelta(days=14)


@pytest.fixture
def roles(town):
    return AsRequests(town.app, HoldRoles())


def learner(town, sub="7", **changes):
    """Somebody who came in from the portal; returns what their session says of them."""
    return town.visit(sub, **changes).learner_id


def invited(roles, role="coach", tenant_id=TOWN, **how):
    return roles.invite(tenant_id, role, "command line", NOW, **how).code


def written(town, tenant_id=TOWN):
    """Who, what and detail of each act; those of one moment have no order."""
    return sorted(row[1:] for row in town.in_transaction(audit_rows.audit_rows, tenant_id))


def test_who_fills_in_the_code_holds_the_role_at_once_and_at_every_next_visit(town, roles):
    who = learner(town)
    assert roles.accept(TOWN, who, invited(roles), NOW) == "coach"
    assert roles.granted_to(TOWN, who) == ("coach",)
    assert town.visit("7", LATER).granted == ("coach",)
    assert town.visit("8").granted == ()


def test_a_role_is_of_the_person_and_works_for_staff_and_learner_alike(town, roles):
    roles.accept(TOWN, learner(town), invited(roles, "analyst"), NOW)
    assert town.visit("7", is_staff=True).granted == ("analyst",)
    assert town.visit("7", custom={"activity": "mine"}).granted == ("analyst",)


def test_a_code_may_be_typed_over_in_small_letters_with_spaces(town, roles):
    assert roles.accept(TOWN, learner(town), invited(roles).lower().replace("-", " "), NOW) == "coach"


def test_a_code_works_once(town, roles):
    code = invited(roles)
    roles.accept(TOWN, learner(town), code, NOW)
    for sub in ("7", "8"):
        with pytest.raises(InvitationUnknown):
            roles.accept(TOWN, learner(town, sub), code, NOW)
    assert roles.granted_to(TOWN, learner(town, "8")) == ()


def test_of_two_people_with_one_code_at_the_same_moment_one_gets_the_role(town, roles):
    code, people = invited(roles), [learner(town, sub) for sub in ("7", "8")]
    ends = at_the_same_moment([lambda who=who: roles.accept(TOWN, who, code, NOW) for who in people])
    assert sorted(type(end).__name__ for end in ends) == ["InvitationUnknown", "str"]
    assert sorted(roles.granted_to(TOWN, who) for who in people) == [(), ("coach",)]


def test_a_second_invitation_to_the_same_role_changes_nothing(town, roles):
    who = learner(town)
    for _ in range(2):
        assert roles.accept(TOWN, who, invited(roles), NOW) == "coach"
    assert town.count("granted_role") == 1
    assert town.count("invitation") == 0


@pytest.mark.parametrize("code", ["", "x", "AAAA-AAAA-AAAA-AAAA", "\0", "7\0" * 8, "é" * 100_000])
def test_whatever_is_no_code_here_has_one_and_the_same_answer_and_is_written_down(town, roles, code):
    invited(roles)
    with pytest.raises(InvitationUnknown):
        roles.accept(TOWN, learner(town), code, NOW)
    assert ("somebody", "invitation refused", "") in written(town)
    assert town.count("invitation") == 1


def test_an_invitation_ends_by_itself(town, roles):
    in_time, too_late = invited(roles), invited(roles)
    assert roles.accept(TOWN, learner(town), in_time, LATER) == "coach"
    with pytest.raises(InvitationUnknown):
        roles.accept(TOWN, learner(town), too_late, TOO_LATE)
    short = invited(roles, days=1)
    with pytest.raises(InvitationUnknown):
        roles.accept(TOWN, learner(town), short, NOW + timedelta(days=1))


def test_what_nobody_used_is_forgotten_with_the_refusals(town, roles):
    class Still:
        def refresh(self):
            pass

        def everything_due(self, now):
            pass

    invited(roles)
    with pytest.raises(InvitationUnknown):
        roles.accept(TOWN, learner(town), "x", NOW)
    work = AsRequests(town.app, Work(None, None, Still(), None, None, Still(), figures_every_minutes=0))
    work.tidy(LATER)
    assert town.count("invitation") == 1
    work.tidy(NOW + timedelta(days=91))
    assert town.count("invitation") == 0
    assert [what for _, what, _ in written(town)] == ["invitation made"]


def test_a_code_of_another_municipality_opens_nothing_and_stays_whole(town, roles):
    town.settle("kleindorp")
    town.hold_campaign(tenant_id="kleindorp")
    code = invited(roles, tenant_id="kleindorp")
    with pytest.raises(InvitationUnknown):
        roles.accept(TOWN, learner(town), code, NOW)
    there = learner(town, tenant_id="kleindorp")
    assert roles.accept("kleindorp", there, code, NOW) == "coach"
    assert roles.granted_to(TOWN, there) == roles.granted_to(TOWN, learner(town)) == ()
    assert town.visit("7").granted == ()
    assert roles.page(TOWN, NOW).holders == {}


def test_only_the_hash_of_a_code_is_kept(town, roles):
    code = invited(roles)
    rows = town.in_transaction(lambda: db.session.execute(select(Base.metadata.tables["invitation"])).all())
    (kept,) = map(tuple, rows)
    assert code not in str(kept)
    assert code.replace("-", "") not in str(kept)
    assert all(code not in str(row) for row in written(town))


def test_two_invitations_have_two_codes(roles):
    assert len({invited(roles) for _ in range(50)}) == 50


def test_an_unknown_role_or_municipality_is_said(town, roles):
    with pytest.raises(RoleUnknown):
        invited(roles, "burgemeester")
    with pytest.raises(TenantUnknown):
        invited(roles, tenant_id="nergens")
    with pytest.raises(TenantUnknown):
        roles.page("nerg\0ens", NOW)
    assert town.count("invitation") == 0


def test_a_role_is_given_back_by_its_holder_and_no_other_one_with_it(town, roles):
    who, other = learner(town), learner(town, "8")
    for role in ("analyst", "coach"):
        roles.accept(TOWN, who, invited(roles, role), NOW)
    roles.accept(TOWN, other, invited(roles, "coach"), NOW)
    roles.give_back(TOWN, who, "coach", LATER)
    roles.give_back(TOWN, who, "coach", LATER)
    roles.give_back(TOWN, "gone", "coach", LATER)
    assert roles.granted_to(TOWN, who) == ("analyst",)
    assert roles.granted_to(TOWN, other) == ("coach",)
    assert [what for _, what, _ in written(town)].count("role given back") == 1


def test_an_administrator_ends_a_role(town, roles):
    who = learner(town)
    roles.accept(TOWN, who, invited(roles), NOW)
    roles.end(TOWN, "leerportaal", "8", "coach", "leerportaal 1", NOW)
    roles.end(TOWN, "leerportaal", "7", "analyst", "leerportaal 1", NOW)
    roles.end("kleindorp", "leerportaal", "7", "coach", "leerportaal 1", NOW)
    for hostile in ("7\0", "\0"):
        roles.end(TOWN, hostile, hostile, hostile, "leerportaal 1", NOW)
    assert roles.granted_to(TOWN, who) == ("coach",)
    roles.end(TOWN, "leerportaal", "7", "coach", "leerportaal 1", NOW)
    assert roles.granted_to(TOWN, who) == ()
    assert [act for act in written(town) if act[1] == "role ended"] == [
        ("leerportaal 1", "role ended", "coach of leerportaal 7")
    ]


def test_an_invitation_is_withdrawn_by_an_administrator_of_its_municipality(town, roles):
    code = invited(roles)
    (invitation,) = roles.page(TOWN, NOW).invitations
    roles.withdraw("kleindorp", invitation.code_hash, "leerportaal 1", NOW)
    roles.withdraw(TOWN, "\0", "leerportaal 1", NOW)
    assert town.count("invitation") == 1
    for _ in range(2):
        roles.withdraw(TOWN, invitation.code_hash, "leerportaal 1", NOW)
    assert roles.page(TOWN, NOW).invitations == ()
    with pytest.raises(InvitationUnknown):
        roles.accept(TOWN, learner(town), code, NOW)
    assert [what for _, what, _ in written(town)].count("invitation withdrawn") == 1


def test_an_administrator_sees_open_invitations_and_who_holds_what_by_number(town, roles):
    for sub, role in (("7", "coach"), ("8", "coach"), ("9", "administrator")):
        roles.accept(TOWN, learner(town, sub), invited(roles, role), NOW)
    roles.invite(TOWN, "analyst", "leerportaal 9", NOW, days=3)
    page = roles.page(TOWN, NOW)
    assert (page.tenant_id, page.tenant) == (TOWN, "Gemeente Voorbeeldstad")
    assert {role: [holder.sub for holder in held] for role, held in page.holders.items()} == {
        "administrator": ["9"],
        "coach": ["7", "8"],
    }
    assert page.portals == {"leerportaal": "Leerportaal"}
    (invitation,) = page.invitations
    assert (invitation.role, invitation.made_by, invitation.made_at) == ("analyst", "leerportaal 9", NOW)
    assert roles.page(TOWN, NOW + timedelta(days=3)).invitations == ()


def test_each_step_is_written_down_with_role_and_inviter(town, roles):
    who = learner(town)
    assert roles.number_of(TOWN, who) == "leerportaal 7"
    code = roles.invite(TOWN, "coach", "leerportaal 1", NOW).code
    roles.accept(TOWN, who, code, NOW)
    roles.give_back(TOWN, who, "coach", NOW)
    assert written(town) == [
        ("leerportaal 1", "invitation made", "coach"),
        ("leerportaal 7", "role accepted", "coach, invited by leerportaal 1"),
        ("leerportaal 7", "role given back", "coach"),
    ]


def test_the_longest_number_of_a_portal_fits_everywhere(town, roles):
    who = learner(town, "é" * 255)
    number = roles.number_of(TOWN, who)
    roles.accept(TOWN, who, roles.invite(TOWN, "coach", number, NOW).code, NOW)
    (holder,) = roles.page(TOWN, NOW).holders["coach"]
    roles.end(TOWN, holder.portal_id, holder.sub, "coach", number, NOW)
    assert roles.granted_to(TOWN, who) == ()


def test_whoever_was_removed_gets_nothing(town, roles):
    code = invited(roles)
    with pytest.raises(ParticipationGone):
        roles.accept(TOWN, "gone", code, NOW)
    with pytest.raises(ParticipationGone):
        roles.number_of(TOWN, "gone")
    assert roles.granted_to(TOWN, "gone") == ()
    assert town.count("invitation") == 1


def test_roles_change_nothing_about_what_is_told_or_kept_of_the_learner(town: Town, roles):
    where = town.arrive("7")
    before = (town.count("outbox"), town.enter.start_page(where, NOW))
    roles.accept(TOWN, learner(town, "7"), invited(roles, "administrator"), NOW)
    assert (town.count("outbox"), town.enter.start_page(where, NOW)) == before
    assert town.in_transaction(role_rows.roles_of, TOWN, "leerportaal", "7") == ("administrator",)
