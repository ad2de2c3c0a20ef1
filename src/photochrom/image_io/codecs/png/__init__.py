"""PNG of 8 and 16 bits, still and animated."""
