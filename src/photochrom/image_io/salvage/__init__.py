"""Reads what is there of a file that is cut short or damaged."""

from photochrom.image_io.salvage.salvage import salvage_picture

__all__ = ["salvage_picture"]
