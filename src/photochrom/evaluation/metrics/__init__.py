"""The metrics of a colouring, one file a subject.

Arrays are planes, (3,H,W) sRGB 0..1 or (2,H,W) a*b* in Lab units, unless a docstring says otherwise. What is summed
over pixels can be added strip by strip, so that a large photo needs no more memory than a strip.
"""

from photochrom.evaluation.metrics.auc import AreaUnderCurve
from photochrom.evaluation.metrics.colorfulness import Colorfulness, colorfulness, colorfulness_abs
from photochrom.evaluation.metrics.psnr import SquaredError, psnr

__all__ = ["AreaUnderCurve", "Colorfulness", "SquaredError", "colorfulness", "colorfulness_abs", "psnr"]
