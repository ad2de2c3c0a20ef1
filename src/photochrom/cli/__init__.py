"""Words at the door: one file a verb, each opens what it needs inside itself."""
