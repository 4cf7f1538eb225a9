"""Published figures as CSV, Parquet and Power BI source: one table, whichever way it is read."""

from __future__ import annotations

import csv
import io
import json
import sys

import pyarrow.parquet as pq
import pytest

from lti_tool.domain.errors import FiguresUnknown, ParquetNotInstalled
from lti_tool.use_cases.figures_table import COLUMNS
from tests.factories import NOW
from tests.integration.journeys.test_publishing_figures import BIG, LATER, measure, publish, take_part

ADDRESS = "https://digivaardig.example/figures/secret.csv"


@pytest.fixture
def token(town):
    """The link to figures that were published twice, with effects and a hostile name."""
    town.hold_campaign(name='=HYPERLINK("x")', post_from=LATER)
    people = take_part(town, 24, team=BIG)
    for number, where in enumerate(people):
        measure(town, where, -1.0 if number % 2 else 0.0)
    publish(town)
    for number, where in enumerate(people):
        measure(town, where, -0.5 if number % 2 else 0.9, number=2, at=LATER)
    take_part(town, 12, first=100)
    publish(town, LATER)
    return town.reports.make_csv_link("voorbeeldstad", "standaard", NOW)


def of_csv(town, token):
    return list(csv.DictReader(io.StringIO(town.reports.csv(token))))


def of_parquet(town, token):
    return pq.read_table(io.BytesIO(town.reports.parquet(token)))


def as_in_csv(row):
    """A row of Parquet as the CSV writes it."""
    said = {**row, "published_at": row["published_at"].isoformat(), "newest": str(row["newest"]).lower()}
    said["campaign"] = f"'{row['campaign']}"
    said["figure"] = None if row["figure"] is None else float(row["figure"])
    return {**said, "n_at_least": str(row["n_at_least"])}


def test_parquet_holds_the_rows_of_the_csv_with_types(town, token):
    found = [{**row, "figure": float(row["figure"]) if row["figure"] else None} for row in of_csv(town, token)]
    assert len(found) > 20
    assert [as_in_csv(row) for row in of_parquet(town, token).to_pylist()] == found


def test_every_column_says_in_the_file_what_it_means(town, token):
    schema = of_parquet(town, token).schema
    said = {field.name: field.metadata[b"description"].decode() for field in schema}
    assert said == {column.name: column.meaning for column in COLUMNS}
    assert str(schema.field("published_at").type) == "timestamp[us, tz=UTC]"
    dictionary = json.loads(town.reports.column_dictionary(token, ADDRESS))
    assert dictionary["url"] == ADDRESS
    assert {c["name"]: c["dc:description"] for c in dictionary["tableSchema"]["columns"]} == said


def test_newest_marks_what_the_page_shows(town, token):
    disclosed = town.reports.group_page("voorbeeldstad", "standaard", "nl", NOW).disclosed
    on_the_page = {(f.measure, f.group, f.n_shown, name) for f in disclosed.figures for name in f.values or [""]}
    rows = of_csv(town, token)
    marked = [row for row in rows if row["newest"] == "true"]
    assert {(r["measure"], r["group"], int(r["n_at_least"]), r["value"]) for r in marked} == on_the_page
    assert len(marked) == len(on_the_page) < len(rows)


def test_numbers_and_texts_have_a_column_of_their_own(town, token):
    for row in of_csv(town, token):
        assert (row["value"] in ("method", "caveat")) == bool(row["text"])
        assert not (row["figure"] and row["text"])
        assert row["domain"] == row["measure"].partition(":")[2]


def test_before_anything_is_published_the_tables_are_empty_but_whole(town):
    token = town.reports.make_csv_link("voorbeeldstad", "standaard", NOW)
    assert of_parquet(town, token).num_rows == 0
    assert of_parquet(town, token).schema.names == [column.name for column in COLUMNS]


def test_the_source_for_power_bi_leads_to_the_csv(town, token):
    (connection,) = json.loads(town.reports.power_bi_source(token, ADDRESS))["connections"]
    assert connection["details"]["protocol"] == "http"
    assert connection["details"]["address"] == {"url": ADDRESS}


def test_a_wrong_link_opens_nothing(town, token):
    for read in (town.reports.csv, town.reports.parquet):
        with pytest.raises(FiguresUnknown):
            read(f"{token}x")
    for read in (town.reports.column_dictionary, town.reports.power_bi_source):
        with pytest.raises(FiguresUnknown):
            read("", ADDRESS)


def test_without_the_extra_parquet_says_what_to_install_and_csv_works(town, token, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(
        ParquetNotInstalled, match=r"pyarrow is not installed: pip install 'digivaardig\[analyst\]'"
    ):
        town.reports.parquet(token)
    assert of_csv(town, token)
