"""The three worked questions of docs/analysts.md are run as they stand there, on figures that were published."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import duckdb
import pytest
import requests

from lti_tool.use_cases.figures_table import COLUMNS
from tests.factories import NOW
from tests.integration.journeys.small_content import SKILLS
from tests.integration.journeys.test_publishing_figures import BIG, LATER, measure, publish, take_part
from tests.integration.journeys.town import IRI_BASE
from tests.integration.lrs_fixtures import CREDENTIALS, running_lrs
from xapi.client import LrsClient

DOCUMENT = (Path(__file__).parents[3] / "docs" / "analysts.md").read_text()
QUESTIONS = ("Who takes part?", "Where are we?", "Did it work?")


def section(question):
    """What stands below one question: SQL, the words of the curl command, and the way to read the answer."""
    text = DOCUMENT.partition(f"### {question}\n")[2].partition("\n### ")[0]
    (sql,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    (command,) = re.findall(r"```\n(curl .*?)```", text, re.DOTALL)
    (path,) = re.findall(r"In the answer: `([^`]+)` → `([^`]+)`", text)
    return sql, shlex.split(command.replace("\\\n", " ")), path


def asked(words, address, name, password):
    """The request that this curl command makes."""
    filled = [
        word.replace("NAME:PASSWORD", f"{name}:{password}")
        .replace("ADDRESS", address)
        .replace("PUBLIC_URL/xapi/", IRI_BASE)
        .replace("TENANT", "voorbeeldstad")
        .replace("CAMPAIGN", "standaard")
        for word in words[1:]
    ]
    user, headers, parameters, url = "", {}, [], ""
    rest = iter(filled)
    for word in rest:
        if word == "-u":
            user = next(rest)
        elif word == "-H":
            headers.update([next(rest).split(": ", 1)])
        elif word == "--data-urlencode":
            parameters.append(tuple(next(rest).split("=", 1)))
        elif word != "-G":
            url = word
    answer = requests.get(url, parameters, headers=headers, auth=tuple(user.split(":", 1)), timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()["statements"]


def read_from(statements, measure, value):
    """The value as the document says to read it: of the first statement that has the measure."""
    for statement in statements:
        said = {name.rsplit("/", 1)[-1]: found for name, found in statement["result"]["extensions"].items()}
        if said["group"] == "all" and measure in said["figures"]:
            values = said["figures"][measure]
            return next(found for name, found in values.items() if name.startswith(value.removesuffix("_percent")))
    raise AssertionError(f"{measure} is in no statement")


@pytest.fixture
def published(town):
    """24 people before and after, of whom 12 are in a team, and their publication."""
    town.hold_campaign(post_from=LATER)
    people = take_part(town, 12, team=BIG) + take_part(town, 12, first=50)
    for number, where in enumerate(people):
        measure(town, where, -1.0 if number % 2 else 0.0)
        measure(town, where, -0.5 if number % 2 else 0.9, number=2, at=LATER)
    assert publish(town, LATER) == 1
    return town


@pytest.fixture
def run_sql(published, tmp_path, monkeypatch):
    """Runs a query of the document on the real files, which DuckDB finds at the address."""
    token = published.reports.make_csv_link("voorbeeldstad", "standaard", NOW)
    (tmp_path / "figures.csv").write_text(published.reports.csv(token))
    (tmp_path / "figures.parquet").write_bytes(published.reports.parquet(token))

    def run(sql):
        query = re.sub(r"https://…/figures/…\.(\w+)", lambda found: f"{tmp_path}/figures.{found[1]}", sql)
        assert str(tmp_path) in query
        with duckdb.connect() as connection:
            result = connection.execute(query)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    return run


def test_who_takes_part_in_duckdb(run_sql):
    assert run_sql(section(QUESTIONS[0])[0]) == [
        {"group": "all", "n_at_least": 20},
        {"group": f"team:{BIG}", "n_at_least": 10},
    ]


def test_where_are_we_in_duckdb(run_sql):
    rows = run_sql(section(QUESTIONS[1])[0])
    assert {(row["domain"], row["moment"]) for row in rows} == {
        (domain, moment) for domain in SKILLS for moment in ("levels_pre", "levels_post")
    }
    for domain in SKILLS:
        together = [row["percent"] for row in rows if (row["domain"], row["moment"]) == (domain, "levels_pre")]
        assert 90 <= sum(together) <= 110


def test_did_it_work_in_duckdb(run_sql):
    rows = [row for row in run_sql(section(QUESTIONS[2])[0]) if row["group"] == "all"]
    assert {row["domain"] for row in rows} == set(SKILLS)
    for row in rows:
        assert row["low95"] < row["mean"] == 0.7 < row["high95"]
        assert row["shown"] is True
        assert "no control group" in row["caveat"]


def test_the_same_query_reads_csv_and_parquet_alike(run_sql):
    for question in QUESTIONS:
        sql = section(question)[0]
        other = ("read_csv", "….csv") if "read_parquet" in sql else ("read_parquet", "….parquet")
        turned = re.sub(r"read_\w+\('https://…/figures/….\w+'", f"{other[0]}('https://…/figures/{other[1]}'", sql)
        assert turned != sql
        assert run_sql(turned) == run_sql(sql)


def test_each_question_has_the_same_answer_in_the_lrs(published, run_sql, sqlite_database):
    bodies = [row["body"] for row in published.outbox(stream="group")]
    with running_lrs(sqlite_database) as lrs:
        writer = LrsClient(lrs.url, *CREDENTIALS.make("voorbeeldstad", "write_group"))
        assert writer.post_statements(bodies).status == 200
        writer.close()
        reader = CREDENTIALS.make("voorbeeldstad", "read_group")
        found = {}
        for question in QUESTIONS:
            _, words, path = section(question)
            found[question] = read_from(asked(words, lrs.url, *reader), *path)
    in_duckdb = {question: run_sql(section(question)[0]) for question in QUESTIONS}
    assert found[QUESTIONS[0]] == in_duckdb[QUESTIONS[0]][0]["n_at_least"]
    levels = [r for r in in_duckdb[QUESTIONS[1]] if (r["domain"], r["moment"]) == ("operationeel", "levels_pre")]
    assert found[QUESTIONS[1]] == next(row["percent"] for row in levels if row["levels"].startswith("basis"))
    effects = [r for r in in_duckdb[QUESTIONS[2]] if (r["group"], r["domain"]) == ("all", "operationeel")]
    assert found[QUESTIONS[2]] == effects[0]["mean"]


def test_the_document_says_of_each_column_what_the_files_say():
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|$", DOCUMENT.partition("## As CSV")[2], re.MULTILINE)
    assert rows == [(column.name, column.meaning) for column in COLUMNS]


def test_the_steps_for_power_bi_give_each_column_that_is_no_text_its_kind():
    typed = dict(re.findall(r'\{"(\w+)", ([\w. 0-9]+?)\}', DOCUMENT))
    kinds = {
        "moment": "type datetimezone",
        "boolean": "type logical",
        "whole": "Int64.Type",
        "number": "type number",
    }
    assert typed == {column.name: kinds[column.kind] for column in COLUMNS if column.kind != "text"}
