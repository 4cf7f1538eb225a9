"""Statements and figures for analysis: Parquet, DuckDB and ibis live here, and are imported when they are needed.

They come with the extra `analyst`; the tool works without it. `pull` keeps a copy of what an LRS holds, `flat`
says which columns a statement becomes, `marts` makes tables of it, `metrics` says once what is counted in these.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

HOW_TO_INSTALL = "pip install 'digivaardig[analyst]'"


class AnalystExtraMissing(Exception):
    """What only the extra `analyst` brings is not installed; the message says how to install it."""


def extra(module: str) -> Any:
    """A module of the extra. Raises AnalystExtraMissing."""
    try:
        return import_module(module)
    except ImportError as err:
        raise AnalystExtraMissing(f"{module.partition('.')[0]} is not installed: {HOW_TO_INSTALL}") from err
