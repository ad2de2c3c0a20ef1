"""Colour photos in, batches of lightness, chroma and hints out."""
