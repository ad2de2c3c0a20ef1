"""Pictures and truth in, numbers out."""
