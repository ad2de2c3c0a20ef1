"""The journal that a run over many photos keeps in its output folder."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "folder_unwritable": Message(
        "The folder '{folder}' cannot be written to ({reason}).", "Choose another, or check its permissions."
    ),
    "locked": Message("Another run is writing to '{folder}'.", "Wait for it to end, or choose another folder."),
    "unwritable": Message(
        "The journal in '{folder}' cannot be written ({reason}).", "Free some space on that disk, then resume the run."
    ),
}
