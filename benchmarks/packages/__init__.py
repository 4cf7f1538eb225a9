"""Proofs about content packages: hostile ones, large ones, and the way into one file and back."""
