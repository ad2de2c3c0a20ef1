"""Files in and out: everything a picture file carries stays as it was, but its colours.

::

    read_picture(source) -> Picture.with_colors(...) -> Picture.save(path)
"""

from photochrom.image_io.formats import SUFFIXES
from photochrom.image_io.icc.color_space import ColorSpace
from photochrom.image_io.metadata.types import Density, Encoding, Metadata
from photochrom.image_io.read import MAX_PIXELS, read_picture
from photochrom.image_io.types import Page, Picture

__all__ = ["MAX_PIXELS", "SUFFIXES", "ColorSpace", "Density", "Encoding", "Metadata", "Page", "Picture", "read_picture"]
