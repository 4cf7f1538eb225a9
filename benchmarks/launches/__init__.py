"""Proofs about launches: what is refused, what a replay comes to, what one costs (`make prove-launches`)."""
