"""Reads content packages into domain values and refuses what breaks the format, all problems at once."""

from pathlib import Path

from lti_tool.content_library.keeping import packed, unpacked
from lti_tool.content_library.loading import build_package, load_package
from lti_tool.content_library.problems import ContentBroken, Problem
from lti_tool.content_library.reading import Files
from lti_tool.content_library.translating import stale_translations

__all__ = [
    "STARTER_PACKAGE",
    "ContentBroken",
    "Files",
    "Problem",
    "build_package",
    "load_package",
    "packed",
    "stale_translations",
    "unpacked",
]

STARTER_PACKAGE = Path(__file__).parent / "starter"
"""What a new package begins as: an item of every type, and a micro-training."""
