"""An operator tends the outbox: how it stands, what was refused for good, and what becomes of that.

Nothing here tells whom a message is about. A message of 'klaar' goes by its number only, because its id holds that
of a participation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lti_tool.domain.endpoints import check_stream
from lti_tool.domain.errors import EndpointUnknown, LrsAway, NoDeadLetter
from lti_tool.recording import STATEMENT, Pen
from lti_tool.storage import audit as audit_rows
from lti_tool.storage import tenants as tenant_rows
from lti_tool.storage.database import connection, transaction
from lti_tool.use_cases.lrs_access import STREAMS, LrsAccess
from xapi import outbox_care
from xapi.client import LrsRefused, LrsUnavailable
from xapi.credentials import EVERYBODY
from xapi.reconcile import missing_at

SHOWN = 200
"""How many dead letters are shown, the oldest first."""


@dataclass(frozen=True)
class EndpointLine:
    """How the messages of one kind for one endpoint stand."""

    tenant_id: str
    endpoint: str
    kind: str
    """`statement` or `completion`."""
    waiting: int
    oldest_seconds: int | None
    """Age of the message that waits longest; 'klaar' waits for its hour on purpose."""
    retried: int
    """So many of those that wait were tried before, in vain."""
    sent: int
    dead: int
    failures: int
    """So often in a row the endpoint as a whole failed."""
    paused_reason: str
    """What somebody has to mend; empty: nothing."""
    rests_until: datetime | None
    """Until when the endpoint is left alone; None: it is not."""


@dataclass(frozen=True)
class DeadLine:
    """One dead letter."""

    number: int
    endpoint: str
    kind: str
    statement_id: str
    """As the LRS would know it; empty for 'klaar'."""
    verb: str
    reason: str
    status: int | None
    attempts: int
    since: datetime | None
    """The last try."""


@dataclass(frozen=True)
class Replayed:
    """What a replay did."""

    count: int
    resumed: tuple[str, ...]
    """Endpoints that were being left alone, and no longer are."""


@dataclass(frozen=True)
class Reconciled:
    """What an LRS has of what it took."""

    asked: int
    """So many statements were asked for."""
    missing: tuple[str, ...]
    """Ids of those that it does not have, and of which we still know what they said; the first sent first."""
    missing_and_forgotten: int
    """So many more it does not have; here they were emptied since, by age or because somebody wiped their data."""
    sent_again: int


METRICS: Mapping[str, tuple[str, Callable[[EndpointLine], int]]] = {
    "waiting": ("Messages that wait.", lambda line: line.waiting),
    "oldest_seconds": (
        "Age of the message that waits longest; alert on this.",
        lambda line: line.oldest_seconds or 0,
    ),
    "retried": ("Waiting messages that were tried before, in vain.", lambda line: line.retried),
    "sent": ("Messages that arrived.", lambda line: line.sent),
    "dead": ("Messages that the other side refuses for good.", lambda line: line.dead),
    "failures": ("Failures of the endpoint in a row.", lambda line: line.failures),
    "paused": ("1: somebody has to mend the endpoint.", lambda line: int(bool(line.paused_reason))),
}
FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing was sent before this."""
SETTLING = timedelta(minutes=5)
"""What was sent so lately may not show at the LRS yet, and is not asked for."""
CLOCKS_APART = timedelta(hours=1)
"""The LRS's clock may be so much behind ours, and no harm is done."""
AGAIN_AT_ONCE = 500
"""In one transaction, so that on SQLite no learner waits for it."""

Which = str | Sequence[int]
"""All dead letters of an endpoint, or those with these numbers."""


class TendOutbox:
    """What an operator does with the outbox in the browser and on the command line."""

    def __init__(self, lrs: LrsAccess, pen: Pen) -> None:
        self._lrs = lrs
        self._pen = pen

    def lines(self, now: datetime) -> tuple[EndpointLine, ...]:
        """Every endpoint that was ever written to, by name."""
        with transaction(writes=False):
            return tuple(_line(tally, now) for tally in outbox_care.tallies(connection()))

    def metrics(self, now: datetime) -> str:
        """The same for a machine that watches: the text format of Prometheus, version 0.0.4.

        https://prometheus.io/docs/instrumenting/exposition_formats/
        """
        lines = self.lines(now)
        return "".join(_metric(name, told, value, lines) for name, (told, value) in METRICS.items())

    def dead_letters(self, endpoint: str | None = None) -> tuple[DeadLine, ...]:
        """The oldest dead letters, of one endpoint or of all.

        Raises:
            EndpointUnknown
        """
        with transaction(writes=False):
            if endpoint is not None:
                _check_known(endpoint)
            return tuple(map(_dead_line, outbox_care.dead_letters(connection(), endpoint, SHOWN)))

    def replay(self, which: Which, who: str, now: datetime) -> Replayed:
        """Send dead letters once more under the same ids, now: their endpoints are left alone no longer.

        Raises:
            EndpointUnknown
            NoDeadLetter: naming each number that is none; nothing was changed.
        """
        with transaction():
            if isinstance(which, str):
                _check_known(which)
            done = outbox_care.replay_dead(connection(), which, now)
            _check_all(which, done)
            endpoints = {which} if isinstance(which, str) else set(done.values())
            resumed = tuple(sorted(name for name in endpoints if outbox_care.resume(connection(), name)))
            audit_rows.write_audit(EVERYBODY, who, "dead letters replayed", now, _detail(which, len(done)))
        return Replayed(len(done), resumed)

    def drop(self, which: Which, who: str, now: datetime) -> int:
        """Throw dead letters away for good; returns how many.

        Raises:
            EndpointUnknown
            NoDeadLetter: naming each number that is none; nothing was changed.
        """
        with transaction():
            if isinstance(which, str):
                _check_known(which)
            done = outbox_care.drop_dead(connection(), which)
            _check_all(which, done)
            audit_rows.write_audit(EVERYBODY, who, "dead letters dropped", now, _detail(which, len(done)))
        return len(done)

    def send_test(self, tenant_id: str, stream: str, who: str, now: datetime) -> str:
        """Put a visible test statement in the outbox, which leaves the way every statement does; returns its id.

        Raises:
            TenantUnknown
            EndpointUnknown: there is no such stream.
        """
        check_stream(stream)
        with transaction():
            tenant = tenant_rows.load_tenant(tenant_id)
            statement_id = self._pen.test(tenant.id, stream, now)
            audit_rows.write_audit(EVERYBODY, who, "test statement made", now, f"endpoint {tenant.id}/{stream}")
        return statement_id

    def reconcile(
        self, endpoint: str, since: datetime, who: str, now: datetime, *, send_again: bool
    ) -> Reconciled:
        """Ask an LRS for every statement that it took since a moment.

        Args:
            send_again: put what is missing back in the outbox, under the same ids, as far as it is still known.

        Raises:
            EndpointUnknown: also when it is not an LRS.
            LrsAway: nobody knows what is missing; nothing was changed.
        """
        with transaction(writes=False):
            _check_known(endpoint)
            sent = outbox_care.sent_since(connection(), endpoint, STATEMENT, since, now - SETTLING)
        start = max(since, FIRST_MOMENT) - CLOCKS_APART
        missing = self._missing(endpoint, {one.message_id for one in sent}, start)
        lost = [one for one in sent if one.message_id in missing and one.is_kept]
        return Reconciled(
            asked=len(sent),
            missing=tuple(one.message_id for one in lost),
            missing_and_forgotten=len(missing) - len(lost),
            sent_again=_send_again(endpoint, [one.seq for one in lost], who, now) if send_again else 0,
        )

    def _missing(self, endpoint: str, ids: set[str], since: datetime) -> set[str]:
        owner, _, stream = endpoint.partition("/")
        if stream not in STREAMS:
            raise EndpointUnknown(f"{endpoint}: is not an LRS; a portal cannot be asked what it was told")
        try:
            return missing_at(self._lrs.reader(owner, stream), ids, since)
        except LrsUnavailable as err:
            raise LrsAway(f"{endpoint}: the LRS cannot be asked ({err}); nothing was changed") from err
        except LrsRefused as err:
            raise LrsAway(f"{endpoint}: the LRS does not let us read ({err}); nothing was changed") from err


def _send_again(endpoint: str, seqs: list[int], who: str, now: datetime) -> int:
    """A message that was emptied in the meantime, because somebody wiped their data, stays as it is."""
    count = 0
    for start in range(0, len(seqs), AGAIN_AT_ONCE):
        with transaction():
            count += outbox_care.send_again(connection(), seqs[start : start + AGAIN_AT_ONCE], now)
    with transaction():
        audit_rows.write_audit(EVERYBODY, who, "lost statements sent again", now, f"{count}: endpoint {endpoint}")
    return count


def _check_known(endpoint: str) -> None:
    # PostgreSQL takes no NUL in a text, not even to look for it.
    if "\0" in endpoint or not outbox_care.is_known(connection(), endpoint):
        raise EndpointUnknown(
            f"{endpoint}: nothing was ever meant for it; `digivaardig outbox list` shows them all"
        )


def _check_all(which: Which, done: dict[int, str]) -> None:
    others = [] if isinstance(which, str) else sorted(set(which) - done.keys())
    if others:
        raise NoDeadLetter(f"not a dead letter: {', '.join(map(str, others))}; nothing was changed")


def _detail(which: Which, count: int) -> str:
    chosen = f"endpoint {which}" if isinstance(which, str) else f"numbers {', '.join(map(str, sorted(which)))}"
    return f"{count}: {chosen}"


def _line(tally: outbox_care.Tally, now: datetime) -> EndpointLine:
    oldest, until = tally.oldest_waiting_at, tally.backoff_until
    return EndpointLine(
        tenant_id=tally.endpoint.partition("/")[0],
        endpoint=tally.endpoint,
        kind=tally.kind,
        waiting=tally.waiting,
        oldest_seconds=None if oldest is None else max(0, int((now - oldest).total_seconds())),
        retried=tally.retried,
        sent=tally.sent,
        dead=tally.dead,
        failures=tally.failures,
        paused_reason=tally.paused_reason or "",
        rests_until=until if until is not None and until > now else None,
    )


def _metric(name: str, told: str, value: Callable[[EndpointLine], int], lines: Sequence[EndpointLine]) -> str:
    name = f"digivaardig_outbox_{name}"
    rows = (f"{name}{{{_labels(line)}}} {value(line)}\n" for line in lines)
    return f"# HELP {name} {told}\n# TYPE {name} gauge\n{''.join(rows)}"


def _labels(line: EndpointLine) -> str:
    named = {"tenant": line.tenant_id, "endpoint": line.endpoint, "kind": line.kind}
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in named.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _dead_line(letter: outbox_care.DeadLetter) -> DeadLine:
    return DeadLine(
        number=letter.seq,
        endpoint=letter.endpoint,
        kind=letter.kind,
        statement_id=letter.message_id if letter.kind == STATEMENT else "",
        verb=letter.verb,
        reason=letter.reason,
        status=letter.status,
        attempts=letter.attempts,
        since=letter.tried_at,
    )
