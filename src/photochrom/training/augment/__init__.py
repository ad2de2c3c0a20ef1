"""Random changes to training photos."""
