"""xAPI 1.0.3 rules for statements."""

from __future__ import annotations

from typing import Any


def problems(statement: dict[str, Any]) -> list[str]:
    """Filled below."""
    return []
