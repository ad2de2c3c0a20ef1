"""Films in VapourSynth: a filter that puts colour on a clip, as still as in ``photochrom video``.

>>> from photochrom.vapoursynth import colorize
>>> colorize(clip).set_output()  # doctest: +SKIP
"""

from pathlib import Path
from typing import Any, Unpack

import numpy as np

from photochrom.errors import MissingDependencyError, OptionError
from photochrom.inference.session import OnnxSession
from photochrom.registry import DEFAULT_MODEL, find_model
from photochrom.video.clip_painter import ClipFrame, ClipPainter
from photochrom.video.options import FrameKeywords
from photochrom.video.temporal.stabilizer import StabilizerOptions
from photochrom.video.yuv.colorimetry import Colorimetry, choose_matrix

__all__ = ["colorize"]


def colorize(
    clip: Any, *, model: str | Path = DEFAULT_MODEL, device: str = "auto", **options: Unpack[FrameKeywords]
) -> Any:
    """Colours a clip of VapourSynth. Luma and frame properties stay as they are; colour keeps still within a shot.

    Frames come out the same whatever the order they are asked for in; in order is quickest. The properties of the first
    frame say what codes mean: ``_Matrix``, ``_Primaries``, and ``_Range`` or ``_ColorRange``. Without a word they are
    read as ``photochrom video`` reads them.

    Args:
        clip: a ``vapoursynth.VideoNode`` of one size and format: gray or YUV, 8 to 16 bits, whole numbers.
        model: a name of :func:`photochrom.list_models`, or a weights file.
        device: "auto", "cpu", "cuda", "coreml", "directml" or "openvino".
        options: as for :func:`photochrom.colorize_frames`.

    Returns:
        A clip in YUV: of the clip's own format, or, of a gray clip, 4:4:4 of its depth.

    Raises:
        OptionError: the clip is of another kind, or an option is out of range.
        MissingDependencyError: VapourSynth or OpenCV is not installed.
    """
    vs = _load_vapoursynth()
    given: dict[str, Any] = dict(options)
    how = StabilizerOptions(**given)
    # a format of its own for each frame, and a length without end, have no place in the arithmetic of shots
    form = clip.format
    plain = form is not None and clip.width and clip.height and form.sample_type == vs.INTEGER
    if not plain or form.color_family not in (vs.GRAY, vs.YUV) or form.bits_per_sample > 16:
        raise OptionError("video.clip_format", format=getattr(form, "name", "changing"))
    is_gray = form.color_family == vs.GRAY
    made = vs.core.query_video_format(vs.YUV, vs.INTEGER, form.bits_per_sample, form.subsampling_w, form.subsampling_h)
    painter = ClipPainter(
        lambda number: _read_frame(clip, number, is_gray),
        count=clip.num_frames,
        size=(clip.height, clip.width),
        light=_find_light(clip, form.bits_per_sample),
        steps=(1 << form.subsampling_w, 1 << form.subsampling_h),
        session=OnnxSession(find_model(model), device=device),
        options=how,
    )
    blank = clip.std.BlankClip(format=made.id, keep=True)

    def paint(n: int, f: Any) -> Any:
        out = f.copy()
        for plane, values in zip((1, 2), painter.chroma(n), strict=True):
            np.asarray(out[plane])[:] = values
        return out

    chroma = blank.std.ModifyFrame(blank, paint)
    # luma goes over by reference, with the clip's own properties
    return vs.core.std.ShufflePlanes([clip, chroma, chroma], [0, 1, 2], vs.YUV)


def _load_vapoursynth() -> Any:
    try:
        import vapoursynth
    except ModuleNotFoundError as error:
        raise MissingDependencyError("Colouring clips of VapourSynth", "vapoursynth") from error
    return vapoursynth


def _read_frame(clip: Any, number: int, is_gray: bool) -> ClipFrame:
    with clip.get_frame(number) as frame:
        planes = [np.array(frame[plane]) for plane in range(1 if is_gray else 3)]
        interlaced = int(frame.props.get("_FieldBased", 0)) > 0
    return ClipFrame(planes[0], None if is_gray else (planes[1], planes[2]), interlaced)


def _find_light(clip: Any, depth: int) -> Colorimetry:
    with clip.get_frame(0) as frame:
        said = dict(frame.props)
    matrix = choose_matrix(int(said.get("_Matrix", 2)), clip.height)
    if matrix is None:
        raise OptionError("video.clip_matrix", matrix=int(said["_Matrix"]))
    # _Range has 1 for full as H.273, the older _ColorRange has 0 for it
    full = said["_Range"] == 1 if "_Range" in said else said.get("_ColorRange", 1) == 0
    return Colorimetry(matrix, int(said.get("_Primaries", 2)), bool(full), depth)
