"""The folder in which a copy of an LRS stands: files of flat statements, and how far the copy is.

`state.json` is replaced as a whole, after the files that it tells of are there: whatever dies, what it says is
true.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from xapi.warehouse.flat import COLUMNS, flat
from xapi.warehouse.parquet import as_parquet

ROWS_IN_A_FILE = 20_000
_FORMAT = 1


class FolderNotUsable(Exception):
    """The folder is another LRS's copy, is being written to, or holds something else; the message says which."""


@dataclass(frozen=True)
class Generation:
    """One whole copy. A new one is made beside it when everything is read anew."""

    number: int
    watermark: str | None = None
    """How far it is complete: a moment (ISO 8601); None: nothing is certain yet."""
    files: int = 0


@dataclass(frozen=True)
class State:
    """`current` is what is used; `building` is on its way to take its place, also after a kill."""

    endpoint: str
    current: Generation | None = None
    building: Generation | None = None


class Landing:
    """A copy of what one LRS holds, for who has it open alone."""

    def __init__(self, folder: Path, state: State) -> None:
        self._folder = folder
        self.state = state
        self._rows: list[tuple[object, ...]] = []

    @property
    def filling(self) -> Generation | None:
        """The generation to which statements are added."""
        return self.state.building or self.state.current

    def begin_anew(self) -> None:
        """Start a generation beside the current one."""
        number = self.state.current.number + 1 if self.state.current else 1
        self._clear(number)
        self._save(replace(self.state, building=Generation(number)))

    def finish(self) -> None:
        """What was built takes the place of what was there; without anything being built nothing changes."""
        if self.state.building is None:
            return
        before = self.state.current
        self._save(State(self.state.endpoint, current=self.state.building))
        if before is not None:
            self._clear(before.number)

    def add(self, statements: Sequence[Mapping[str, Any]]) -> None:
        """Statements, whether they are there already or not; kept from the next `keep` on."""
        self._rows += (flat(statement) for statement in statements)

    @property
    def is_full(self) -> bool:
        """Whether it is time to `keep`."""
        return len(self._rows) >= ROWS_IN_A_FILE

    def keep(self, watermark: datetime | None) -> None:
        """Write what was added as a file, and then how far the copy is (None: as far as before)."""
        now = self.filling
        if now is None:
            raise FolderNotUsable("nothing was begun")
        files = now.files
        if self._rows:
            files += 1
            self._write(_folder_of(self._folder, now) / f"{files:06}.parquet", as_parquet(COLUMNS, self._rows))
            self._rows = []
        until = now.watermark if watermark is None else watermark.isoformat()
        after = Generation(now.number, until, files)
        if self.state.building is not None:
            self._save(replace(self.state, building=after))
        else:
            self._save(replace(self.state, current=after))

    def files(self) -> list[Path]:
        """The files of the current generation; a later one may hold a statement again."""
        now = self.state.current
        numbers = range(1, now.files + 1) if now else ()
        return [_folder_of(self._folder, now) / f"{number:06}.parquet" for number in numbers if now]

    def _clear(self, number: int) -> None:
        shutil.rmtree(_folder_of(self._folder, Generation(number)), ignore_errors=True)

    def _save(self, state: State) -> None:
        text = json.dumps({"format": _FORMAT, **asdict(state)}, indent=2)
        self._write(self._folder / "state.json", text.encode())
        self.state = state

    def _write(self, path: Path, content: bytes) -> None:
        """Whole, or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)


@contextmanager
def opened(folder: Path, endpoint: str) -> Iterator[Landing]:
    """The copy of this LRS in this folder, which is made when it is not there.

    Raises:
        FolderNotUsable: another program has it open, or it holds something else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise FolderNotUsable(f"{folder}: another program is writing to it") from err
        yield Landing(folder, _state_in(folder, endpoint))


def _state_in(folder: Path, endpoint: str) -> State:
    path = folder / "state.json"
    if not path.exists():
        if any(entry.name != ".lock" for entry in folder.iterdir()):
            raise FolderNotUsable(f"{folder}: there is something else in it; choose an empty folder")
        return State(endpoint)
    try:
        kept = json.loads(path.read_text())
        if kept.pop("format") != _FORMAT:
            raise FolderNotUsable(f"{path}: written by another version of this program")
        parts = {name: Generation(**kept[name]) if kept[name] else None for name in ("current", "building")}
        state = State(kept["endpoint"], **parts)
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise FolderNotUsable(f"{path}: is not what `digivaardig lrs pull` wrote") from err
    if state.endpoint != endpoint:
        raise FolderNotUsable(f"{folder}: is the copy of another LRS, {state.endpoint}")
    return state


def _folder_of(folder: Path, generation: Generation) -> Path:
    return folder / f"statements-{generation.number}"
