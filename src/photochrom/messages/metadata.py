"""Metadata of photos that does not fit into the file it should go to."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "exif_too_large": Message("The EXIF block is too large for a JPEG.", "Save as PNG or TIFF."),
}
