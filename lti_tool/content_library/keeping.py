"""The files of a package as one piece of data, for a database that keeps releases; media go beside it."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

from lti_tool.content_library.composing import read_composed
from lti_tool.content_library.problems import ContentBroken
from lti_tool.content_library.reading import Files
from lti_tool.domain.content import Medium


def packed(folder: Path) -> tuple[bytes, dict[str, bytes]]:
    """A package that is clean: its texts, and its media by their SHA-256. Raises ContentBroken."""
    files = read_composed(folder)
    if files.refused:
        raise ContentBroken(files.refused)
    media = {name: [m.content_type, m.sha256, m.size] for name, m in files.media.items()}
    body = json.dumps({"texts": dict(files.texts), "media": media}, ensure_ascii=False)
    contents = {m.sha256: m.path.read_bytes() for m in files.media.values() if m.path}
    return zlib.compress(body.encode()), contents


def unpacked(body: bytes) -> Files:
    """The files again; their media have no path, for they stay where they are kept."""
    kept = json.loads(zlib.decompress(body))
    media = {name: Medium(None, *about) for name, about in kept["media"].items()}
    return Files(kept["texts"], media)
