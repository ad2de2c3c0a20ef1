"""A project file: everything a coloured photo was made from, so that the same pixels can be made again.

``NAME.photochrom.json`` names the photo and the network by their SHA-256, and holds every setting, the hints, the
reference and which alternative it is. It holds no pixels. On the same kind of processor the same project gives the same
pixels, bit for bit.
"""

from photochrom.project.load import read_project
from photochrom.project.render import render
from photochrom.project.schema import SUFFIX, ModelMark, Origin, Project, check_same, identify

__all__ = ["SUFFIX", "ModelMark", "Origin", "Project", "check_same", "identify", "read_project", "render"]
