"""Reads content packages into domain values and refuses what breaks the format, all problems at once."""

from lti_tool.content_library.beginning import STARTER_PACKAGE
from lti_tool.content_library.loading import load_package
from lti_tool.content_library.problems import ContentBroken, Problem

__all__ = ["STARTER_PACKAGE", "ContentBroken", "Problem", "load_package"]
