"""Proofs with numbers: how fast and how good the engine is, next to its peers, in one run on one machine."""
