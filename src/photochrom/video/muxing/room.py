"""How much room a film needs on the disk while it is made."""

import shutil
from pathlib import Path

from photochrom.video.media.encoder import Encoding
from photochrom.video.media.probe import Video
from photochrom.video.media.scan import Scan

__all__ = ["describe_lack", "estimate_bytes"]

#: bits a pixel of old films at the default quality, by codec; measured ones differ by a factor of two either way
_BITS = {"h264": 0.25, "h265": 0.15, "av1": 0.1, "vp9": 0.12, "prores": 4.5, "ffv1": 6.0, "mpeg2": 0.8}
#: of codecs without a row: frames kept without loss, and written once more at the end
_KEPT = 6.0
#: bytes a second of a track besides the picture
_TRACK = 24_000


def estimate_bytes(video: Video, scan: Scan, encoding: Encoding) -> int:
    """Returns the bytes that the segments and the film will need together, by rule of thumb."""
    pixels = encoding.width * encoding.height * scan.count
    picture = pixels * _BITS.get(encoding.codec, _KEPT) * encoding.depth / 8 / 8
    seconds = float(int(scan.durations.sum()) * video.time_base)
    # the segments stay until the film is whole
    return round(2 * picture + seconds * _TRACK * len(video.tracks))


def describe_lack(folder: Path, needed: int) -> str | None:
    """Returns a sentence where a folder's disk has less room than is needed; None where it has enough."""
    free = shutil.disk_usage(folder).free
    if free >= needed:
        return None
    return f"the film may need {_show(needed)} in '{folder}', where {_show(free)} are free"


def _show(count: int) -> str:
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1000:.0f} kB"
