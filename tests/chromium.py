"""Finds the Chromium for the browser tests, or says in one line what to install."""

from __future__ import annotations

import os
import shutil
import sys


def find() -> str | None:
    """The path of a Chromium on this machine: $CHROMIUM, else one of the usual names."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


if __name__ == "__main__" and find() is None:
    sys.exit("The browser tests need Chromium: install the package 'chromium', or set CHROMIUM to its path.")
