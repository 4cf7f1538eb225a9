"""What the tool logs, whatever level an app in the same process has set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog.testing import capture_logs
from structlog.typing import EventDict


@contextmanager
def everything_logged() -> Iterator[list[EventDict]]:
    """The lines that are logged inside; the settings of before come back."""
    before = structlog.get_config()
    structlog.reset_defaults()
    try:
        with capture_logs() as lines:
            yield lines
    finally:
        structlog.configure(**before)
