"""Streams of bytes."""

from typing import BinaryIO

__all__ = ["write_fully"]


def write_fully(stream: BinaryIO, data: bytes | memoryview) -> None:
    """Writes all of ``data``.

    Without a buffer (``python -u``, ``PYTHONUNBUFFERED``) one write may take only a part, and says so by no error.

    Raises:
        OSError: the disk is full, or nobody reads the pipe any more.
    """
    left = memoryview(data)
    while left:
        left = left[stream.write(left) :]
