"""Ctrl-C and friends: end what is going on, but never in the middle of starting or stopping a program."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AskedToStop(Exception):
    """Ctrl-C, a closed terminal, or somebody stopped this process."""


class Interruption:
    """In its `with` block the first signal raises AskedToStop in the main thread; later ones do nothing."""

    def __init__(self) -> None:
        self._held = 0
        self._asked = False
        self._raised = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> Interruption:
        self._before = {number: signal.signal(number, self._arrived) for number in SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    @contextmanager
    def held(self) -> Iterator[None]:
        """A signal that comes inside this block is raised at its end."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        self._raise_when_asked()

    def _arrived(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        self._raise_when_asked()

    def _raise_when_asked(self) -> None:
        if self._asked and not self._raised and self._held == 0:
            self._raised = True
            raise AskedToStop
