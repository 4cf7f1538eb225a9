"""What many checks ask."""

from __future__ import annotations

from collections.abc import Iterable


def repeats(values: Iterable[str]) -> bool:
    """Whether a value stands there twice."""
    seen = list(values)
    return len(set(seen)) < len(seen)
