"""What somebody can do about a reason code: as this kind of portal needs it, else in general."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from lti_tool.lti.quirks import Remedy, quirks_for

OTHER: Final = "other"


def remedy_of(reason: str, product: str, issuer: str) -> Remedy:
    """In both languages; there is one for every code."""
    general = general_remedies()
    return quirks_for(product, issuer).remedies.get(reason) or general.get(reason) or general[OTHER]


@cache
def general_remedies() -> dict[str, Remedy]:
    """By reason code, whatever the kind of portal."""
    text = (files("lti_tool.lti") / "remedies.yaml").read_text("utf-8")
    return {reason: Remedy.model_validate(value) for reason, value in yaml.safe_load(text).items()}
