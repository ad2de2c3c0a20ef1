"""Architectures that do not exist, or not so."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "unknown": Message("There is not an architecture '{name}'.", "Give a name of the zoo, such as '{near}'."),
    "unknown_encoder": Message("There is not an encoder '{name}' for this architecture.", "Give {choices}."),
    "unknown_option": Message(
        "Architecture '{name}' does not have an option '{option}'.", "Give one that it has, such as '{near}'."
    ),
}
