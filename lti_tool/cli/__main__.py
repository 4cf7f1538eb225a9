"""`python -m lti_tool.cli`: the command `digivaardig` where nothing is installed."""

from lti_tool.cli import main

main()
