"""What a package is refused for, beyond the shape of its files; each check yields problems with file and line."""

from lti_tool.content_library.checks.whole import check

__all__ = ["check"]
