"""Reads content packages into domain values and refuses what breaks the format, all problems at once."""

from pathlib import Path

from lti_tool.content_library.loading import load_package
from lti_tool.content_library.problems import ContentBroken, Problem
from lti_tool.content_library.watching import Look, WatchedPackage

__all__ = ["STARTER_PACKAGE", "ContentBroken", "Look", "Problem", "WatchedPackage", "load_package"]

STARTER_PACKAGE = Path(__file__).parent / "starter"
"""What a new package begins as: an item of every type, and a micro-training."""
