"""The formats of single values in xAPI 1.0.3 (Data part, section 4; RFC 3987, 5646, 3339; ISO 8601)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`\ud800-\udfff]+")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_MBOX = re.compile(r"mailto:[^\s@<>\x00-\x20]+@[^\s@<>\x00-\x20]+")
_SHA1 = re.compile(r"[0-9A-Fa-f]{40}")
_SHA2 = re.compile(r"(?:[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128})")
_MEDIA_TYPE = re.compile(r"[!#$&^_.+A-Za-z0-9-]+/[!#$&^_.+A-Za-z0-9-]+(?:\s*;.+)?")
_VERSION = re.compile(r"1\.0(?:\.[0-9]+)?")

_NUMBER = r"[0-9]+(?:[.,][0-9]+)?"
_DURATION = re.compile(
    rf"P(?:{_NUMBER}W"
    rf"|(?=[0-9T])(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?"
    rf"(?:T(?=[0-9])(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)"
)

# ISO 8601 extended and basic form; a zone is recommended, not required (Data part, section 4.5).
_TIMESTAMP = re.compile(
    r"(?P<year>[0-9]{4})(?P<dash>-?)(?P<month>[0-9]{2})(?P=dash)(?P<day>[0-9]{2})"
    r"[Tt](?P<hour>[0-9]{2})(?::?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]+))?)?)?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)

# RFC 5646, section 2.1, with the irregular tags of its grandfathered list.
_LANGUAGE = re.compile(
    r"(?:"
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})"
    r"(?:-[a-z]{4})?"
    r"(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+"
    r"|en-gb-oed|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)"
    r"|sgn-(?:be-fr|be-nl|ch-de)"
    r")",
    re.IGNORECASE,
)
_PRIVATE_USE = re.compile(r"(?:^|-)x-")


def is_iri(value: str) -> bool:
    """An absolute IRI: it has a scheme, and no character that an IRI cannot hold."""
    return _IRI.fullmatch(value) is not None


def is_uuid(value: str) -> bool:
    """A UUID in its standard string form; every version and variant (section 4.4)."""
    return _UUID.fullmatch(value) is not None


def is_mbox(value: str) -> bool:
    """`mailto:` and an e-mail address."""
    return _MBOX.fullmatch(value) is not None


def is_sha1(value: str) -> bool:
    return _SHA1.fullmatch(value) is not None


def is_sha2(value: str) -> bool:
    return _SHA2.fullmatch(value) is not None


def is_media_type(value: str) -> bool:
    return _MEDIA_TYPE.fullmatch(value) is not None


def is_version(value: str) -> bool:
    """A version of the 1.0 line, the only one whose data model this is (section 2.4.10; XAPI-00101 for `1.0`)."""
    return _VERSION.fullmatch(value) is not None


def is_language(value: str) -> bool:
    """An RFC 5646 tag; a letter that opens an extension stands in it once (section 2.2.6)."""
    if _LANGUAGE.fullmatch(value) is None:
        return False
    public = _PRIVATE_USE.split(value.lower())[0].split("-")
    letters = [part for part in public[1:] if len(part) == 1]
    return len(letters) == len(set(letters))


def is_duration(value: str) -> bool:
    """ISO 8601:2004, section 4.4.3.2: only the smallest part may have decimals; weeks stand alone."""
    if _DURATION.fullmatch(value) is None:
        return False
    *larger, _ = re.findall(_NUMBER, value)
    return not any("." in part or "," in part for part in larger)


def is_timestamp(value: str) -> bool:
    return find_instant(value) is not None


def find_instant(value: str) -> datetime | None:
    """The moment that a timestamp names, in UTC to the microsecond (truncated); None when it names none.

    A timestamp without a zone is taken as UTC. The offset -00:00 is refused: ISO 8601 does not know it, and
    RFC 3339 lets it mean that the zone is unknown.
    """
    match = _TIMESTAMP.fullmatch(value)
    if match is None:
        return None
    zone = match["zone"] or "Z"
    if zone[0] == "-" and not zone.strip("-:0"):
        return None
    try:
        moment = datetime(
            int(match["year"]),
            int(match["month"]),
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"] or 0),
            int(match["second"] or 0),
            int((match["part"] or "0").ljust(6, "0")[:6]),
            tzinfo=_zone(zone),
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def as_timestamp(moment: datetime) -> str:
    """UTC with microseconds and Z, as the built-in LRS stamps and returns it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _zone(text: str) -> timezone:
    if text in {"Z", "z"}:
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text[0] == "-" else offset)
