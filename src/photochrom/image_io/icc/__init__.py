"""ICC profiles at 16 bits: curves, lookup tables and connection spaces."""
