"""Processes, locks, atomic files and memory, the portable way."""
