"""Hints and references for films."""
