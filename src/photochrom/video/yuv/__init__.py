"""Luma and chroma planes of films."""
