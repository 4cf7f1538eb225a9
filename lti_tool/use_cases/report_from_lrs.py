"""The figures that were published, worked out once more from a copy of an LRS: whether it holds everything.

Only figures of exactly the people of a view in the ledger come out (ADR 28). Who they are is known on the
operator's side only: the ledger names participations, statements name pseudonyms, and the tie between them is
sealed until it is destroyed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lti_tool.domain.disclosure import Disclosed, Figure, Value, View, newest, repeated
from lti_tool.domain.errors import PseudonymGone
from lti_tool.domain.funnel import STEPS, funnel_shares
from lti_tool.domain.people import Identity, Where
from lti_tool.measurement.change import Own, group_change, summed_change
from lti_tool.measurement.posterior import Answer, State, own_log_likelihood
from lti_tool.measurement.report import DomainProfile, profile
from lti_tool.recording import Pen
from lti_tool.storage import attempts as attempt_rows
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import participations as participation_rows
from lti_tool.storage import snapshots as snapshot_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import transaction
from lti_tool.storage.sealing import Seal
from lti_tool.use_cases.choose_content import ChooseContent, Release
from lti_tool.use_cases.figure_values import change_values, level_values
from xapi.warehouse.metrics import Metrics, Pair, Score

AS_ROUNDED = 0.01
"""Numbers are shown with two decimals and stand in statements with four: the last one shown may differ by one."""
SAME_ESTIMATE = 1e-4
OF_SITTINGS = ("levels", "effect")
"""How measures begin of which the contributors are sittings."""


@dataclass(frozen=True)
class ReportLine:
    """One value of a published figure beside the same from the LRS."""

    measure: str
    group: str
    n_at_least: int
    name: str
    """Empty: the number of people is all there is."""
    published: Value
    from_lrs: Value
    comparable: bool
    """False: worked out by another method, because the LRS has no answers to items."""

    @property
    def differs(self) -> bool:
        """Whether the LRS cannot hold what the tool holds."""
        return self.comparable and not _same(self.published, self.from_lrs)


@dataclass(frozen=True)
class Untold:
    """A published figure that cannot be worked out; `reason` is a code.

    incomplete     the LRS lacks something of somebody in it
    link_gone      somebody in it wiped their data, or the campaign's ties were destroyed
    another_bank   levels that were measured with a bank that is not the campaign's any more
    no_answers     levels need answers to items, and this municipality keeps these to itself
    """

    measure: str
    group: str
    reason: str


@dataclass(frozen=True)
class Report:
    """What a copy of an LRS says of a campaign."""

    lines: tuple[ReportLine, ...]
    untold: tuple[Untold, ...]

    @property
    def holds_everything(self) -> bool:
        """Whether nothing differs, and nothing lacks that an LRS should have."""
        lacking = any(entry.reason == "incomplete" for entry in self.untold)
        return not lacking and not any(line.differs for line in self.lines)


class _CannotTell(Exception):
    """Why a figure cannot be worked out; the message is a reason of `Untold`."""


class ReportFromLrs:
    """Works out from statements what was published from rows."""

    def __init__(self, content: ChooseContent, pen: Pen, seal: Seal) -> None:
        self._content = content
        self._pen = pen
        self._seal = seal

    def compare(self, copy: Path, tenant_id: str, campaign_id: str, now: datetime) -> Report:
        """Every newest figure of a campaign beside the same from a copy of the LRS; that it was asked is noted.

        Raises:
            TenantUnknown, CampaignUnknown
            AnalystExtraMissing, FolderNotUsable
        """
        metrics = Metrics(copy)
        try:
            with transaction():
                tenant = tenant_rows.load_tenant(tenant_id)
                campaign = tenant_rows.load_campaign(tenant_id, campaign_id)
                release = self._content.release_for(tenant, campaign)
                audit_rows.write_audit(tenant_id, "command line", "figures of a copy", now, campaign_id)
                published = snapshot_rows.snapshots(tenant_id, campaign_id)
                ledger = [View(*entry) for snapshot in published for entry in snapshot.ledger]
                names = self._names(tenant_id, campaign_id)
            views = {(view.measure, view.group): view for view in ledger}
            from_lrs = _FromStatements(metrics, release, names, views.values())
            figures, untold = [], []
            for view in views.values():
                try:
                    figures.append(Figure(view, from_lrs.values(view)))
                except _CannotTell as why:
                    untold.append(Untold(view.measure, view.group, str(why)))
            shown = newest([Disclosed.from_json(snapshot.disclosed) for snapshot in published])
            lines = _beside(shown, repeated(figures, ledger, now))
        finally:
            metrics.close()
        return Report(tuple(lines), tuple(untold))

    def _names(self, tenant_id: str, campaign_id: str) -> dict[str, _Names]:
        """Participation → how statements name it and its sittings; those whose tie is gone are not there."""
        finished = attempt_rows.finished_attempts(tenant_id, campaign_id)
        found = {}
        for participation in participation_rows.participations(tenant_id, campaign_id):
            try:
                identity = self._identity(participation.where)
            except PseudonymGone:
                continue
            sittings = {
                attempt.number: self._pen.name_of_attempt(identity, attempt.id)
                for attempt in finished.get(participation.id, ())
            }
            found[participation.id] = _Names(identity.registration, sittings)
        return found

    def _identity(self, where: Where) -> Identity:
        return participation_rows.load_identity(where, self._seal)


@dataclass(frozen=True)
class _Names:
    registration: str
    sittings: Mapping[int, str]
    """Number of the sitting → its IRI."""


class _FromStatements:
    """The values of figures, from what the copy holds of the people in them."""

    def __init__(
        self, metrics: Metrics, release: Release, names: Mapping[str, _Names], views: Iterable[View]
    ) -> None:
        self._metrics = metrics
        self._release = release
        self._names = names
        self._order = [level.id for level in release.package.framework.levels]
        wanted = sorted({iri for view in views for sittings in self._known_sittings(view) for iri in sittings})
        self._scores = {(score.attempt, score.domain): score for score in metrics.scores(wanted)}
        self._answers: dict[str, dict[str, bool]] = {}
        self._keep_answers(wanted)
        self._profiles: dict[str, Mapping[str, DomainProfile]] = {}

    def values(self, view: View) -> Mapping[str, Value]:
        """Raises _CannotTell."""
        kind, _, domain = view.measure.partition(":")
        if kind == "participation":
            return self._participation(view)
        if kind == "module":
            return self._funnel(view, domain)
        sittings = self._sittings(view)
        if kind == "effect":
            return self._effect(sittings, domain)
        return self._levels([iri for (iri,) in sittings], domain)

    def _keep_answers(self, wanted: Sequence[str]) -> None:
        """Answers to items that are still what was answered, as `sitting.still_weighable` has it. A sitting of
        which the LRS has answers is there, whether they fit or not."""
        known = self._release.package.items
        for attempt, key, right in self._metrics.answers(wanted):
            item_id, _, version = key.rpartition("@")
            fitting = self._answers.setdefault(attempt, {})
            if item_id in self._release.bank.index and str(known[item_id].version) == version:
                fitting[item_id] = right

    def _known_sittings(self, view: View) -> list[tuple[str, ...]]:
        try:
            return self._sittings(view) if view.measure.startswith(OF_SITTINGS) else []
        except _CannotTell:
            return []

    def _sittings(self, view: View) -> list[tuple[str, ...]]:
        """Of each contributor the sittings that its value comes from. Raises _CannotTell."""
        found = []
        for contributor in sorted(view.contributors):
            participation, _, numbers = contributor.partition("#")
            names = self._names_of(participation)
            found.append(tuple(names.sittings[int(number)] for number in numbers.split("+")))
        return found

    def _names_of(self, participation: str) -> _Names:
        if participation not in self._names:
            raise _CannotTell("link_gone")
        return self._names[participation]

    def _participation(self, view: View) -> Mapping[str, Value]:
        registrations = [self._names_of(contributor).registration for contributor in sorted(view.contributors)]
        if len(self._metrics.taking_part(registrations)) < len(registrations):
            raise _CannotTell("incomplete")
        return {}

    def _funnel(self, view: View, module_id: str) -> Mapping[str, Value]:
        """As the ledger has it, once the LRS says that everybody came as far; by now they may be further."""
        people = {person: step for person, _, step in (one.partition("#") for one in view.contributors)}
        registrations = {person: self._names_of(person).registration for person in sorted(people)}
        found = dict.fromkeys(self._metrics.taking_part(list(registrations.values())), STEPS[0])
        for registration, module, is_finished in self._metrics.trained(list(registrations.values())):
            if module.partition("@")[0] == module_id:
                found[registration] = STEPS[2] if is_finished else STEPS[1]
        for person, step in people.items():
            said = found.get(registrations[person])
            if said is None or STEPS.index(said) < STEPS.index(step):
                raise _CannotTell("incomplete")
        return funnel_shares(people) or {}

    def _score(self, attempt: str, domain: str) -> Score:
        if (attempt, domain) not in self._scores:
            raise _CannotTell("incomplete")
        return self._scores[attempt, domain]

    def _levels(self, attempts: Sequence[str], domain: str) -> Mapping[str, Value]:
        shares = []
        for attempt in attempts:
            # A level leans on the answers in every domain, so all of them must be there.
            checked = {name: self._checked(attempt, name) for name in self._release.bank.domains}
            shares.append(checked[domain].level_shares)
        return level_values(shares, self._order) or {}

    def _checked(self, attempt: str, domain: str) -> DomainProfile:
        """What the answers say, once they are found to be those that the domain's own estimate came from."""
        score = self._score(attempt, domain)
        if attempt not in self._answers:
            raise _CannotTell("incomplete" if self._answers else "no_answers")
        if score.bank_version != self._release.bank.version:
            raise _CannotTell("another_bank")
        if attempt not in self._profiles:
            said = profile(self._release.bank, self._release.policy, self._state(attempt))
            self._profiles[attempt] = {line.domain: line for line in said.domains}
        found = self._profiles[attempt][domain]
        if not _same(score.wle, found.wle, SAME_ESTIMATE):
            raise _CannotTell("incomplete")
        return found

    def _state(self, attempt: str) -> State:
        history = tuple(Answer(item_id, right) for item_id, right in self._answers[attempt].items())
        return State(self._release.bank.version, attempt, history)

    def _effect(self, pairs: Sequence[tuple[str, ...]], domain: str) -> Mapping[str, Value]:
        for pair in pairs:
            if any(self._score(attempt, domain).wle is None for attempt in pair):
                raise _CannotTell("incomplete")
        if self._answers:
            if any(attempt not in self._answers for pair in pairs for attempt in pair):
                raise _CannotTell("incomplete")
            moments = zip(*pairs, strict=True)
            pre, post = ([self._own(attempt, domain) for attempt in moment] for moment in moments)
            return change_values(group_change(pre, post))
        found = self._metrics.mean_changes([Pair(domain, domain, *pair) for pair in pairs])[domain]
        if found.pairs != len(pairs):
            raise _CannotTell("incomplete")
        return change_values(summed_change(found.pairs, found.mean, found.sd or 0.0))

    def _own(self, attempt: str, domain: str) -> Own:
        score = self._score(attempt, domain)
        weighable = own_log_likelihood(self._release.bank, self._state(attempt), domain)
        if score.bank_version == self._release.bank.version:
            return Own(self._checked(attempt, domain).wle or 0.0, weighable)
        return Own(score.wle or 0.0, weighable)


def _beside(published: Disclosed | None, again: Disclosed) -> list[ReportLine]:
    """Each value of the figures that could be worked out again."""
    if published is None:
        return []
    told = {(figure.measure, figure.group): figure for figure in published.figures}
    lines = []
    for figure in again.figures:
        before = told[figure.measure, figure.group]
        alike = before.values.get("method") == figure.values.get("method")
        names = dict.fromkeys([*before.values, *figure.values]) or {"": None}
        for name in names:
            lines.append(
                ReportLine(
                    measure=figure.measure,
                    group=figure.group,
                    n_at_least=before.n_shown,
                    name=name,
                    published=before.values.get(name) if name else before.n_shown,
                    from_lrs=figure.values.get(name) if name else figure.n_shown,
                    comparable=alike,
                )
            )
    return lines


def _same(one: Value, other: Value, within: float = AS_ROUNDED) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= within * (1 + 1e-9)
    return one == other
