"""Writes an animated GIF: a palette of its own for every frame."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from photochrom.video.media.av import file_url, load_av
from photochrom.video.media.encoder import Encoding
from photochrom.video.media.probe import Video
from photochrom.video.muxing.kept_frames import decode_segments
from photochrom.video.muxing.muxer import Timeline, translate_ffmpeg_errors

__all__ = ["write_gif"]

#: GIF counts in hundredths of a second
_TICK = Fraction(1, 100)


def write_gif(video: Video, target: Path, *, encoding: Encoding, segments: Sequence[Path], timeline: Timeline) -> None:
    """Writes the segments, which are FFV1, as a GIF to ``target``, whatever is there.

    Raises:
        OSError: the disk is full, or worse.
    """
    av = load_av()
    with translate_ffmpeg_errors(target), av.open(file_url(target), "w", format="gif") as output:
        stream = output.add_stream("gif", rate=1 / encoding.seconds)
        stream.width, stream.height, stream.pix_fmt = encoding.width, encoding.height, "pal8"
        stream.time_base = stream.codec_context.time_base = _TICK
        palette = _PaletteMapper(encoding)
        for number, frame in decode_segments(encoding, segments):
            found = palette(frame)
            found.pts = round(int(timeline.pts[number]) * video.time_base / _TICK)
            found.duration = round(int(timeline.durations[number]) * video.time_base / _TICK)
            found.time_base = _TICK
            output.mux(stream.encode(found))
        output.mux(stream.encode(None))


class _PaletteMapper:
    """Turns a frame into 256 colours chosen for it."""

    def __init__(self, encoding: Encoding) -> None:
        av = load_av()
        self._encoding = encoding
        self._graph = graph = av.filter.Graph()
        source = graph.add_buffer(
            width=encoding.width, height=encoding.height, format=av.VideoFormat("rgb24"), time_base=_TICK
        )
        split = graph.add("split")
        choose = graph.add("palettegen", "stats_mode=single")
        use = graph.add("paletteuse", "new=1")
        source.link_to(split)
        split.link_to(use, 0, 0)
        split.link_to(choose, 1, 0)
        choose.link_to(use, 0, 1)
        use.link_to(graph.add("buffersink"))
        graph.configure()

    def __call__(self, frame: Any) -> Any:
        matrix = "ITU709" if self._encoding.matrix == 1 else "ITU601"
        span = "JPEG" if self._encoding.full_range else "MPEG"
        colored = frame.reformat(format="rgb24", src_colorspace=matrix, src_color_range=span)
        colored.pts, colored.time_base = frame.pts, _TICK
        self._graph.vpush(colored)
        return self._graph.vpull()
