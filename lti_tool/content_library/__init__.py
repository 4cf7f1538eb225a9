"""Reads content packages into domain values and refuses what breaks the format, all problems at once."""

from lti_tool.content_library.beginning import STARTER_PACKAGE
from lti_tool.content_library.keeping import packed, unpacked
from lti_tool.content_library.loading import load_package, package_of
from lti_tool.content_library.problems import ContentBroken, Problem
from lti_tool.content_library.reading import Files
from lti_tool.content_library.watching import Look, WatchedPackage

__all__ = [
    "STARTER_PACKAGE",
    "ContentBroken",
    "Files",
    "Look",
    "Problem",
    "WatchedPackage",
    "load_package",
    "package_of",
    "packed",
    "unpacked",
]
