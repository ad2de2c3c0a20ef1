"""The command line: one file a command, each opens what it needs inside its function."""
