"""Makes the files that are put together at the very end, from frames that were kept without loss."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from photochrom.video.media.containers import Container
from photochrom.video.media.encoder import Encoding
from photochrom.video.media.probe import Video
from photochrom.video.muxing.gif import write_gif
from photochrom.video.muxing.muxer import Timeline
from photochrom.video.muxing.stills import write_webp
from photochrom.video.muxing.y4m import write_y4m

__all__ = ["AssemblyPlan", "assemble"]


class AssemblyPlan(NamedTuple):
    """What a file becomes: its container, how its frames were kept, and the network's name."""

    container: Container
    encoding: Encoding
    model: str


def assemble(video: Video, target: Path, plan: AssemblyPlan, *, segments: Sequence[Path], timeline: Timeline) -> None:
    """Writes the segments, which are FFV1, to ``target`` as the plan has it, whatever is there.

    Raises:
        OSError: the disk is full, or worse.
    """
    muxer, encoding = plan.container.muxer, plan.encoding
    if muxer == "gif":
        write_gif(video, target, encoding=encoding, segments=segments, timeline=timeline)
    elif muxer == "webp":
        write_webp(video, target, model=plan.model, encoding=encoding, segments=segments, timeline=timeline)
    else:
        write_y4m(target, encoding=encoding, segments=segments)
