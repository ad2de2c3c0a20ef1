"""How films are coloured for a person at a terminal."""
