"""Seeing inside: what a network makes of a photo, plane by plane, group by group, and at a point.

::

    findings = look_inside("photo.jpg", model="eccv16")
    write_page(findings, Path("inside"), overwrite=False)
"""

from photochrom.inspection.activations import Layer
from photochrom.inspection.analyze import Findings, Point, look_inside
from photochrom.inspection.report import PAGE, write_page

__all__ = ["PAGE", "Findings", "Layer", "Point", "look_inside", "write_page"]
