"""Makes the files that are put together at the very end, from frames that were kept without loss."""

from collections.abc import Sequence
from pathlib import Path

from photochrom.video.media.containers import Container
from photochrom.video.media.encoder import Encoding
from photochrom.video.media.probe import Video
from photochrom.video.muxing.gif import write_gif
from photochrom.video.muxing.muxer import Timeline
from photochrom.video.muxing.y4m import write_y4m

__all__ = ["assemble"]


def assemble(
    video: Video,
    target: Path,
    container: Container,
    *,
    encoding: Encoding,
    segments: Sequence[Path],
    timeline: Timeline,
) -> None:
    """Writes the segments, which are FFV1, to ``target`` as the container wants it, whatever is there.

    Raises:
        OSError: the disk is full, or worse.
    """
    if container.muxer == "gif":
        write_gif(video, target, encoding=encoding, segments=segments, timeline=timeline)
    else:
        write_y4m(target, encoding=encoding, segments=segments)
