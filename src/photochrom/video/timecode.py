"""Times in a film as people write them."""

import re

from photochrom.errors import OptionError

__all__ = ["parse_time", "show_time"]


def parse_time(text: str) -> float:
    """Returns the seconds of ``90``, ``1:30`` or ``0:01:30.5``.

    Raises:
        OptionError: it is not one of these.

    >>> parse_time("1:02:03.5")
    3723.5
    """
    if not re.fullmatch(r"(\d+:){0,2}\d+(\.\d+)?", text):
        raise OptionError("video.time_unreadable", text=text)
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def show_time(seconds: float) -> str:
    """Returns a time as h:mm:ss.mmm.

    >>> show_time(3723.5)
    '1:02:03.500'
    """
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
