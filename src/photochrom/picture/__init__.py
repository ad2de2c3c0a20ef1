"""Files in and out: everything a picture file carries stays as it was, but its colours.

::

    read_picture(source) -> Picture.with_colors(...) -> Picture.save(path)
"""

from photochrom.picture.formats import SUFFIXES
from photochrom.picture.metadata import Density, Encoding, Metadata
from photochrom.picture.model import Page, Picture
from photochrom.picture.reading import MAX_PIXELS, read_picture
from photochrom.picture.spaces import ColorSpace

__all__ = ["MAX_PIXELS", "SUFFIXES", "ColorSpace", "Density", "Encoding", "Metadata", "Page", "Picture", "read_picture"]
