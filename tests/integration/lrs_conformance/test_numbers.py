"""No requirement is forgotten."""

from importlib import import_module

from tests.integration.lrs_conformance.numbers import NOT_OFFERED, OURS, shown


def test_every_requirement_is_shown_or_not_offered_on_purpose() -> None:
    for module in ("test_statements", "test_requests"):  # each notes what it shows
        import_module(f"tests.integration.lrs_conformance.{module}")
    assert set(shown) | set(NOT_OFFERED) == OURS
