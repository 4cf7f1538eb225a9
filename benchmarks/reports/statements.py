"""An LRS's worth of statements: as JSON for a sitting, and as the flat rows of a copy, made by DuckDB."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb

from xapi.statements import Actor, Context, DomainScore, Statements

DOMAINS: Final = ("operationeel", "informatie", "strategisch", "veiligheid")
ANSWERS: Final = 20
PER_SITTING: Final = ANSWERS + len(DOMAINS) + 2
PER_PERSON: Final = 2 * PER_SITTING + 1
BASE: Final = "https://tool.example/xapi/"
CAMPAIGN: Final = f"{BASE}t/x/campaign/0"
PEOPLE_IN_A_CAMPAIGN: Final = 5_000
ROWS_IN_A_FILE: Final = 500_000
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)


def of_a_sitting(number: int) -> list[dict[str, Any]]:
    """The statements of one sitting, as an LRS gives them back."""
    say = Statements(BASE)
    at = _BEGIN + timedelta(seconds=number)
    actor = Actor("x", f"{number:032}")
    registration, attempt = (str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind}/{number}")) for kind in ("p", "a"))
    context = Context(registration, "x", "0", "nl", "digivaardig-basis", attempt, "pretest")
    drafts = [say.initialized(actor, context, at=at), say.completed(actor, context, at=at)]
    for place in range(ANSWERS):
        domain = DOMAINS[place % len(DOMAINS)]
        drafts.append(
            say.answered(
                actor,
                context,
                item_key=f"I-{place:04}@1",
                interaction="choice",
                domain=domain,
                right=place % 3 > 0,
                at=at,
            )
        )
    for domain in DOMAINS:
        score = DomainScore(domain, 0.1, 0.4, 0.2, 0.5, "zelfstandig", "digivaardig-basis@1")
        drafts.append(say.scored(actor, context, score, at=at))
    return [{**json.loads(draft.body), "stored": at.isoformat(), "version": "1.0.0"} for draft in drafts]


def land(folder: Path, statements: int) -> list[Path]:
    """Files of flat rows, as `lrs pull` writes them; people take part twice."""
    people = statements // PER_PERSON
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '2GB'")
        connection.execute(f"set temp_directory = '{folder / 'spilled'}'")
        connection.execute("set preserve_insertion_order = false")
        at_once = ROWS_IN_A_FILE // PER_PERSON
        files = []
        for number, first in enumerate(range(0, people, at_once)):
            files.append(folder / f"{number:06}.parquet")
            query = _ROWS.format(first=first, after=min(first + at_once, people))
            connection.execute(f"copy ({query}) to '{files[-1]}' (format parquet, compression zstd)")
    return files


_VERBS: Final = "http://adlnet.gov/expapi/verbs/"
_ROWS: Final = f"""
with person as (
    select range as p, md5('p' || range) as h,
        '{BASE}t/x/campaign/' || (range // {PEOPLE_IN_A_CAMPAIGN}) as campaign
    from range({{first}}, {{after}})
), row as (
    select p, h, campaign, s, k from person, range(2) as sittings(s), range({PER_SITTING}) as kinds(k)
    union all select p, h, campaign, 0, -1 from person
)
select md5(h || s || k)::uuid::varchar as id,
    timestamptz '2026-01-01' + to_seconds(p) as stored,
    stored as "timestamp",
    case when k = -1 then 'http://activitystrea.ms/acknowledge'
        when k < {ANSWERS} then '{_VERBS}answered'
        when k < {ANSWERS + len(DOMAINS)} then '{_VERBS}scored'
        when k = {ANSWERS + len(DOMAINS)} then '{_VERBS}initialized' else '{_VERBS}completed' end as verb,
    '{BASE}item/' || k as "object", h::uuid::varchar as registration, campaign,
    case when k >= 0 then '{BASE}attempt/' || md5(h || s)::uuid::varchar end as attempt,
    case when k >= 0 then ['pretest', 'posttest'][s + 1] end as phase,
    case when k between 0 and {ANSWERS + len(DOMAINS) - 1}
        then {list(DOMAINS)}[(k % {len(DOMAINS)}) + 1] end as "domain",
    case when k between 0 and {ANSWERS - 1} then 'I-' || k || '@1' end as item,
    null::varchar as "module",
    case when k between 0 and {ANSWERS - 1} then hash(h || s || k) % 3 > 0 end as success,
    null::double as progress,
    case when scored then random() end as ability, case when scored then 0.4 end as se,
    case when scored then random() + 0.3 * s end as wle, case when scored then 0.5 end as wle_se,
    null::varchar as "level", case when scored then 'b@1' end as bank_version, null::varchar as voids
from (select *, k between {ANSWERS} and {ANSWERS + len(DOMAINS) - 1} as scored from row)
"""
