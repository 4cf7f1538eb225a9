"""Attacks on what a reader of the group figures sees, over time; `make prove-disclosure`."""
