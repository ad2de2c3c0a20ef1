"""Optimizers, learning rates and the moving average of weights."""
