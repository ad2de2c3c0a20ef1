"""Results as people see them: a mark in the picture, the original beside it, and colour as a layer for editors."""

from photochrom.presentation.compare import compare
from photochrom.presentation.layer import make_layer
from photochrom.presentation.mark import mark
from photochrom.presentation.openraster import build_openraster
from photochrom.presentation.options import DisplayOptions

__all__ = ["DisplayOptions", "build_openraster", "compare", "make_layer", "mark"]
