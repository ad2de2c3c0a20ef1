"""Colours as people write them."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "invalid": Message("'{color}' is not a colour.", "Write it as '#rrggbb', for instance '#8a5a3c'."),
    "palette_too_long": Message("The palette has {count} colours.", "Give at most {limit}."),
    "palette_type": Message(
        "The palette is {palette}, not a list.", "Give a list of colours, such as ['#8a5a3c', '#7fa7d0']."
    ),
}
