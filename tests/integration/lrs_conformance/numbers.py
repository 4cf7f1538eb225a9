"""The numbers of ADL's conformance requirements for xAPI 1.0.3, and which of them this LRS shows to keep.

https://github.com/adlnet/xapi-lrs-conformance-requirements: its Data part, and of its Communication part what is
about statements, the About resource, and every request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Test = TypeVar("Test", bound=Callable[..., Any])

RAW_DATA = "raw attachments are not taken yet: clean 400"
OTHER_RESOURCES = "documents, agents and activities are not offered yet: clean 404"

NOT_OFFERED = {
    115: RAW_DATA,
    116: RAW_DATA,
    117: RAW_DATA,
    128: RAW_DATA,
    129: RAW_DATA,
    **dict.fromkeys(range(130, 136), RAW_DATA),
    137: RAW_DATA,
    138: RAW_DATA,
    140: OTHER_RESOURCES,
    141: OTHER_RESOURCES,
    167: RAW_DATA,  # the multipart form of the answer is shown
}

NO_SUCH_NUMBER = {136, 322}

OURS = {
    *range(1, 182),
    *range(315, 337),
} - NO_SUCH_NUMBER

shown: dict[int, str] = {}
"""By number: what shows it."""


def shows(*numbers: int) -> Callable[[Test], Test]:
    """Says of a test which requirements it shows."""

    def noted(test: Test) -> Test:
        shown.update(dict.fromkeys(numbers, test.__name__))
        return test

    return noted
