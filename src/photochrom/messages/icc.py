"""ICC profiles of photos."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "unusable": Message("'{name}' has an ICC profile that cannot be used.", "Convert it to sRGB first."),
}
