"""Puts predicted chroma on a full-size picture: upsample a*b*, join with the picture's own L*, stay in gamut.

Works in strips of rows, several at once, so that memory beyond the decoded input and output stays bounded whatever the
picture's size. Only the chroma is resampled (bicubic); lightness is the picture's own.
"""

from photochrom.recolor.downscale import shrink, shrink_colors
from photochrom.recolor.recolor import recolor
from photochrom.recolor.strips import resize, resize_planes

__all__ = ["recolor", "resize", "resize_planes", "shrink", "shrink_colors"]
