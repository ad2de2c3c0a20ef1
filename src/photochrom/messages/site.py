"""The private edition's folder."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "folder_not_empty": Message("'{path}' is not empty.", "Choose another folder, or allow overwriting."),
    "not_built": Message(
        "The page for browsers is not in this copy ('{path}' lacks index.html).",
        "Run  make site  in a checkout, which needs Node 20, or install the wheel of a release.",
    ),
}
