"""The results of an evaluation as data and as files."""
