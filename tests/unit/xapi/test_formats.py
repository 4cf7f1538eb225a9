"""Single values: what xAPI 1.0.3 takes, and what it does not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xapi import formats


@pytest.mark.parametrize(
    "value",
    ["http://a.example/b", "urn:uuid:x", "HTTPS://ä.example/فعل", "mailto:a@b", "tag:a,2026:b?c#d"],
)
def test_an_iri_has_a_scheme(value: str) -> None:
    assert formats.is_iri(value)


@pytest.mark.parametrize(
    "value",
    ["", "a.example/b", "http:", "ab=c://x", "1http://a", "http://a b", "http://a\n", "http://<a>", "a:\ud800"],
)
def test_what_is_no_iri_is_told_apart(value: str) -> None:
    assert not formats.is_iri(value)


@pytest.mark.parametrize("value", ["12345678-1234-5678-1234-567812345678", "ABCDEF01-0000-0000-0000-00000000000f"])
def test_a_uuid_is_in_its_standard_form(value: str) -> None:
    assert formats.is_uuid(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "123456781234-5678-1234-567812345678",
        "{12345678-1234-5678-1234-567812345678}",
        "g2345678-1234-5678-1234-567812345678",
        "12345678-1234-5678-1234-5678123456789",
    ],
)
def test_other_writings_of_a_uuid_are_refused(value: str) -> None:
    assert not formats.is_uuid(value)


def test_an_mbox_is_a_mailto_iri_with_an_address() -> None:
    assert formats.is_mbox("mailto:a@b.example")
    for wrong in ("a@b.example", "mailto:a.example", "mailto:a@b@c", "mailto:a b@c", "MAILTO:a@b"):
        assert not formats.is_mbox(wrong)


def test_hashes_are_hexadecimal_and_of_a_known_length() -> None:
    assert formats.is_sha1("a" * 40)
    assert not formats.is_sha1("g" * 40)
    assert not formats.is_sha1("a" * 41)
    assert formats.is_sha2("0" * 64)
    assert not formats.is_sha2("0" * 63)


def test_a_media_type_has_two_parts() -> None:
    assert formats.is_media_type("text/plain; charset=ascii")
    assert not formats.is_media_type("text")


def test_only_versions_of_the_one_point_zero_line_are_known() -> None:
    assert formats.is_version("1.0.0")
    assert formats.is_version("1.0.32")
    assert formats.is_version("1.0")
    for wrong in ("1", "1.0.", "1.1.0", "0.9.5", "1.0.x", "2.0.0", "1.0.0 "):
        assert not formats.is_version(wrong)


@pytest.mark.parametrize(
    "value",
    [
        "nl",
        "NL",
        "en-GB",
        "zh-Hant-TW",
        "sl-rozaj-biske",
        "de-CH-1901",
        "es-419",
        "zh-cmn-Hans-CN",
        "x-own",
        "en-a-bbb-x-a",
        "i-klingon",
        "und",
        "sgn-BE-NL",
        "qaa-Qaaa-QM-x-southern",
        "en-a-bbb-x-a-a",
        "x-a-a",
    ],
)
def test_a_language_tag_follows_rfc_5646(value: str) -> None:
    assert formats.is_language(value)


@pytest.mark.parametrize(
    "value", ["", "a12345", "nl_NL", "n", "nl-", "toolonglanguage", "en-a", "x", "nl-NL-BE", "en-a-bb-a-cc"]
)
def test_what_is_no_language_tag_is_told_apart(value: str) -> None:
    assert not formats.is_language(value)


@pytest.mark.parametrize(
    "value",
    ["PT4H35M59.14S", "PT16559.14S", "P3Y1M29DT4H35M59.14S", "P3Y", "P4W", "PT0S", "P1DT1M", "PT1,5H", "P0.5W"],
)
def test_a_duration_follows_iso_8601(value: str) -> None:
    assert formats.is_duration(value)


@pytest.mark.parametrize(
    "value",
    ["", "P", "PT", "P4W1D", "PA1H", "1H", "PT1.5H30M", "P1H", "P-1D", "PT1S1H", "P1YT", "P0001-01-01", "pt1s"],
)
def test_what_is_no_duration_is_told_apart(value: str) -> None:
    assert not formats.is_duration(value)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00.000000Z"),
        ("2026-11-23T10:00:00.1234567Z", "2026-11-23T10:00:00.123456Z"),
        ("2026-11-23T10:00:00,5+01:00", "2026-11-23T09:00:00.500000Z"),
        ("2026-11-23T10:00-0130", "2026-11-23T11:30:00.000000Z"),
        ("20261123T100000+02", "2026-11-23T08:00:00.000000Z"),
        ("2026-11-23T10", "2026-11-23T10:00:00.000000Z"),
        ("2026-11-23t10:00:00z", "2026-11-23T10:00:00.000000Z"),
        ("2026-11-23T10:00:00+00:00", "2026-11-23T10:00:00.000000Z"),
    ],
)
def test_a_timestamp_names_a_moment(value: str, moment: str) -> None:
    found = formats.find_instant(value)
    assert found is not None
    assert formats.as_timestamp(found) == moment


@pytest.mark.parametrize(
    "value",
    [
        "",
        "should fail",
        "01/011/2015",
        "2026-11-23",
        "2026-11-23 10:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-23T25:00:00Z",
        "2026-1123T10:00:00Z",
        "2008-09-15T15:53:00.601-00",
        "2008-09-15T15:53:00.601-0000",
        "2008-09-15T15:53:00.601-00:00",
        "2026-11-23T10:00:00+25:00",
        "0001-01-01T00:00:00+10:00",
    ],
)
def test_what_is_no_timestamp_is_told_apart(value: str) -> None:
    assert formats.find_instant(value) is None
    assert not formats.is_timestamp(value)


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_moment_comes_back_as_it_was_stamped(moment: datetime) -> None:
    assert formats.find_instant(formats.as_timestamp(moment)) == moment


@given(st.text())
def test_no_text_breaks_a_check(value: str) -> None:
    for check in (
        formats.is_iri,
        formats.is_uuid,
        formats.is_mbox,
        formats.is_language,
        formats.is_duration,
        formats.is_timestamp,
        formats.is_media_type,
    ):
        assert check(value) in {True, False}
