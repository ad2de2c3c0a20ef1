"""Colour maths: sRGB and CIELAB, colours as text, and colour bins."""
