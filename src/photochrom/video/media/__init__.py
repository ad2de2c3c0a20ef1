"""Containers and streams: reading, writing, time stamps and tracks."""
