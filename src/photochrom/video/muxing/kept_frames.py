"""Frames kept without loss in segments, taken out again for files that are made at the very end."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from photochrom.video.media.av import load_av
from photochrom.video.media.containers import CODECS
from photochrom.video.media.encoder import Encoding
from photochrom.video.media.segments import read_segment

__all__ = ["decode_segments"]


def decode_segments(encoding: Encoding, segments: Sequence[Path]) -> Iterator[tuple[int, Any]]:
    """Yields the frames of segments of FFV1, each its number and PyAV's frame."""
    av = load_av()
    encoder = av.codec.context.CodecContext.create(CODECS[encoding.codec].encoder, "w")
    encoding.set_up(encoder)
    encoder.open()
    for path in segments:
        decoder = av.codec.context.CodecContext.create("ffv1", "r")
        decoder.extradata = encoder.extradata
        decoder.width, decoder.height = encoding.width, encoding.height
        for found in read_segment(path):
            packet = av.Packet(found.data)
            packet.pts, packet.time_base = found.frame, encoding.seconds
            for frame in decoder.decode(packet):
                yield found.frame, frame
