"""Optional parts that are not installed."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "missing": Message("{feature} needs an optional part.", "Run  pip install 'photochrom[{extra}]'."),
}
