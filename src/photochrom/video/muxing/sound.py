"""Sound encoded anew for a container that does not hold it as it is."""

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any

from photochrom.video.media.av import load_av

__all__ = ["SoundTranscoder"]

#: layouts that encoders name, by channels; FLAC, AAC and Opus know the surround ones, MP2 and MP3 the first two
_USUAL = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
#: encoders of two channels at most
_STEREO = ("libmp3lame", "mp2")


class SoundTranscoder:
    """Encodes sound anew whose codec the output's container does not hold.

    Args:
        stream: of the source.
        output: an output container whose header is not written.
        encoder: FFmpeg's name.

    Attributes:
        stream: of the output.
        change: what else becomes of the sound, as words for a note; empty where only the codec is another.

    Raises:
        ValueError: the encoder takes no form of this sound.
    """

    def __init__(self, stream: Any, output: Any, encoder: str) -> None:
        self._source = stream.codec_context
        layout, rate = _choose_form(self._source, encoder)
        self.stream = output.add_stream(encoder, rate=rate)
        self.stream.codec_context.layout = layout
        channels = self.stream.codec_context.channels
        if encoder != "flac":
            self.stream.codec_context.bit_rate = 96_000 * max(1, channels)
        self.change = ""
        if channels != self._source.channels:
            self.change += f", {self._source.layout.name} mixed to {layout}"
        if rate != self._source.sample_rate:
            self.change += f", {self._source.sample_rate} Hz resampled to {rate} Hz"
        self._form: tuple[str, str, int] | None = None
        self._resampler: Any = None
        self._resampled: tuple[str, str, int] | None = None

    def convert(self, packet: Any, shift: Fraction) -> Iterator[Any]:
        """Yields what can be encoded with this packet."""
        av = load_av()
        # a packet of sound that is broken is a gap, not the end
        with suppress(av.FFmpegError):
            for frame in self._source.decode(packet):
                if frame.pts is not None:
                    frame.pts -= round(shift / frame.time_base)
                yield from self._encode(frame)

    def finish(self) -> Iterator[Any]:
        """Yields what the decoder and the encoder still hold."""
        av = load_av()
        with suppress(av.FFmpegError):
            for frame in self._source.decode(None):
                yield from self._encode(frame)
        yield from self.stream.encode(None)

    def _encode(self, frame: Any) -> Iterator[Any]:
        for same in self._keep_form(frame):
            yield from self.stream.encode(same)

    def _keep_form(self, frame: Any) -> Iterator[Any]:
        """Yields the frame in the form of the first one: broadcasts go from stereo to surround and back."""
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        self._form = self._form or form
        if form == self._form:
            yield frame
            return
        if form != self._resampled:
            self._resampler = load_av().AudioResampler(*self._form)
            self._resampled = form
        yield from self._resampler.resample(frame)


def _choose_form(source: Any, encoder: str) -> tuple[str, int]:
    """Returns the layout and the rate nearest to the sound's own with which the encoder opens."""
    own, channels = source.layout.name, source.channels
    if channels < 1:
        # damaged sound that no packet has told the channels of
        raise ValueError(f"{encoder} takes no sound without channels")
    layouts = [_USUAL[min(channels, 2)]] if channels <= 2 or encoder in _STEREO else [own, _USUAL.get(channels, own)]
    rates = [48000 if encoder == "libopus" else source.sample_rate, *_list_near_rates(encoder, source.sample_rate)]
    for rate in dict.fromkeys(rates):
        for layout in dict.fromkeys([*layouts, "stereo", "mono"]):
            if _opens(encoder, layout, rate):
                return layout, rate
    raise ValueError(f"{encoder} does not take {own} at {source.sample_rate} Hz")


def _list_near_rates(encoder: str, rate: int) -> list[int]:
    """Returns the rates of an encoder: the next higher first, so that nothing of the sound is lost."""
    known = load_av().codec.Codec(encoder, "w").audio_rates or [48000]
    return sorted(known, key=lambda other: (other < rate, abs(other - rate)))


def _opens(encoder: str, layout: str, rate: int) -> bool:
    av = load_av()
    context = av.codec.context.CodecContext.create(encoder, "w")
    context.format = context.codec.audio_formats[0]
    context.layout, context.sample_rate, context.time_base = layout, rate, Fraction(1, rate)
    try:
        context.open()
    except (av.FFmpegError, ValueError):
        return False
    return True
