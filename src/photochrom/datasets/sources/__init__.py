"""Photos as one list, whatever they are stored in."""
