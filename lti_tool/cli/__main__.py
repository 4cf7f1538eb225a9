"""`python -m lti_tool.cli`: the command `digivaardig` where nothing is installed."""

import gc

gc.disable()  # what an import makes stays; to look for garbage meanwhile is a fifth of the start

from lti_tool.cli import main  # noqa: E402

gc.enable()
main()
