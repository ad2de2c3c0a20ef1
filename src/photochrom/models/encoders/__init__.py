"""Pretrained image classifiers as feature encoders, with the parameter names of their public weights."""
