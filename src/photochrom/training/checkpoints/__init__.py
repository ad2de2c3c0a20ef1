"""Weights and state: reading, writing, resuming and initialising."""
