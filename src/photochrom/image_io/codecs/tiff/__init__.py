"""TIFF: its pages, samples, strips and tiles."""
