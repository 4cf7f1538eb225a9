"""Workers are killed, LRSs fall over, databases stop: what is said arrives once, and nothing else does."""
