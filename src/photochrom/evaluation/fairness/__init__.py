"""Errors on faces by group of people."""
