"""Everything of a film besides its picture: sound, subtitles, attachments, chapters, metadata."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any

from photochrom.video.media.av import load_av
from photochrom.video.media.containers import Container
from photochrom.video.media.probe import Film

__all__ = ["Tracks", "copied_metadata", "describe", "synthetic_note"]

#: what a muxer writes itself, or what would be wrong of the result
_OWN_METADATA = ("major_brand", "minor_version", "compatible_brands", "encoder", "duration")
#: bytes of the empty subtitles between two in MP4; the muxer makes them anew
_FILLER = 2
_TEXT = ("mov_text", "subrip", "srt", "ass", "ssa", "webvtt", "text")


class Tracks:
    """The streams that go over from a source container to an output, packet by packet where the output holds them.

    Args:
        film: the source.
        source: the film opened with PyAV.
        output: an output container whose header is not written.
        container: its kind.

    Attributes:
        notes: what was transcoded or left out, a sentence each.
    """

    def __init__(self, film: Film, source: Any, output: Any, container: Container) -> None:
        self.notes: list[str] = []
        self._source = source
        self._ways: dict[int, Copied | TranscodedSound | RewrittenText] = {}
        held = output.supported_codecs | set(container.also)
        for track in film.tracks:
            stream = source.streams[track.index]
            way = self._way(stream, output, container, held)
            if way is not None:
                self._ways[track.index] = way

    def packets(self, shift: Fraction, start: Fraction | None, stop: Fraction | None) -> Iterator[tuple[Fraction, Any]]:
        """Packets to mux, each with its time in seconds; ``shift`` is taken off, others than start..stop left out."""
        av = load_av()
        streams = [self._source.streams[index] for index in self._ways]
        if not streams:
            return
        packets = self._source.demux(streams)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.FFmpegError):
                break
            if packet.size == 0 or (packet.pts is None and packet.dts is None):
                continue
            time = (packet.pts if packet.pts is not None else packet.dts) * packet.time_base
            if (start is not None and time < start) or (stop is not None and time >= stop):
                continue
            for made in self._ways[packet.stream.index].take(packet, shift):
                yield max(Fraction(0), time - shift), made
        for way in self._ways.values():
            for made in way.finish():
                yield (made.pts or 0) * made.time_base, made

    def _way(
        self, stream: Any, output: Any, container: Container, held: set[str]
    ) -> "Copied | TranscodedSound | RewrittenText | None":
        codec = stream.codec_context.name if stream.codec_context else ""
        kind, name = stream.type, f"{stream.type} track {stream.index}"
        if kind == "attachment":
            if container.muxer == "matroska":
                output.add_stream_from_template(stream)
            else:
                self.notes.append(f"attachment {stream.index} was left out: only MKV holds attachments")
            return None
        if kind in ("audio", "subtitle") and codec in held:
            return Copied(stream, output)
        if kind == "audio" and codec and container.audio is not None:
            self.notes.append(f"{name} was transcoded from {codec} to {container.audio}: {_suffixed(container)}")
            return TranscodedSound(stream, output, container.audio)
        if kind == "subtitle" and codec in _TEXT and container.text is not None:
            self.notes.append(f"{name} was rewritten from {codec} to {container.text}: {_suffixed(container)}")
            return RewrittenText(stream, output, container.text)
        if "timecode" in stream.metadata and container.muxer in ("mov", "mp4"):
            # the muxer makes the track anew from the time code of the picture's metadata
            return None
        self.notes.append(f"{name} ({codec or 'unknown'}) was left out: {_suffixed(container)}")
        return None


class Copied:
    """A stream that goes over packet by packet."""

    def __init__(self, stream: Any, output: Any) -> None:
        self._stream = output.add_stream_from_template(stream, opaque=True)
        self._fillers = stream.type == "subtitle" and stream.codec_context.name == "mov_text"
        describe(stream, self._stream)

    def take(self, packet: Any, shift: Fraction) -> Iterator[Any]:
        """The packet for the output."""
        if self._fillers and packet.size == _FILLER:
            return
        _move(packet, shift)
        packet.stream = self._stream
        yield packet

    def finish(self) -> Iterator[Any]:
        """Nothing follows."""
        yield from ()


class TranscodedSound:
    """Sound in a codec that the output's container does not hold."""

    def __init__(self, stream: Any, output: Any, encoder: str) -> None:
        self._source = stream.codec_context
        rate = 48000 if encoder == "libopus" else self._source.sample_rate
        self._stream = output.add_stream(encoder, rate=rate)
        channels = min(2, self._source.channels) if encoder in ("libmp3lame", "mp2") else self._source.channels
        self._stream.codec_context.layout = {1: "mono", 2: "stereo"}.get(channels, self._source.layout.name)
        if encoder != "flac":
            self._stream.codec_context.bit_rate = 96_000 * max(1, channels)
        describe(stream, self._stream)

    def take(self, packet: Any, shift: Fraction) -> Iterator[Any]:
        """What can be encoded with this packet."""
        av = load_av()
        # a packet of sound that is broken is a gap, not the end
        with suppress(av.FFmpegError):
            for frame in self._source.decode(packet):
                if frame.pts is not None:
                    frame.pts -= round(shift / frame.time_base)
                yield from self._stream.encode(frame)

    def finish(self) -> Iterator[Any]:
        """What the decoder and the encoder still hold."""
        for frame in self._source.decode(None):
            yield from self._stream.encode(frame)
        yield from self._stream.encode(None)


class RewrittenText:
    """Subtitles of text in a form that the output's container does not hold."""

    def __init__(self, stream: Any, output: Any, encoder: str) -> None:
        self._source = stream.codec_context
        self._stream = output.add_stream(encoder)
        # the encoders want the header of styles that a decoder has once it is open
        self._source.open(strict=False)
        self._stream.codec_context.subtitle_header = self._source.subtitle_header
        self._stream.time_base = self._stream.codec_context.time_base = Fraction(1, 1000)
        describe(stream, self._stream)

    def take(self, packet: Any, shift: Fraction) -> Iterator[Any]:
        """The packet, its text written the other way."""
        av = load_av()
        with suppress(av.FFmpegError):
            found = self._source.decode2(packet)
            if found is None:
                return
            _move(packet, shift)
            made = self._stream.codec_context.encode_subtitle(found)
            made.pts = made.dts = round(packet.pts * packet.time_base * 1000)
            made.duration = round((packet.duration or 0) * packet.time_base * 1000)
            made.time_base = Fraction(1, 1000)
            made.stream = self._stream
            yield made

    def finish(self) -> Iterator[Any]:
        """Nothing follows."""
        yield from ()


def copied_metadata(metadata: Mapping[str, str], note: str) -> dict[str, str]:
    """A source's metadata with the note that the colour is synthetic added to its comment."""
    kept = {key: value for key, value in metadata.items() if key.lower() not in _OWN_METADATA}
    name = next((key for key in kept if key.lower() == "comment"), "comment")
    kept[name] = f"{kept[name]} | {note}" if kept.get(name) else note
    return kept


def synthetic_note(model: str) -> str:
    """What a result says of itself."""
    from photochrom import __version__

    return f"Colours are synthetic: made by photochrom {__version__} ({model}) from the luma of the film."


def _suffixed(container: Container) -> str:
    return f"{container.muxer} does not hold it"


def describe(source: Any, target: Any) -> None:
    """Give a stream the name, language and role of another."""
    target.metadata.update({key: value for key, value in source.metadata.items() if key not in ("encoder", "DURATION")})
    target.disposition = source.disposition


def _move(packet: Any, shift: Fraction) -> None:
    if shift:
        ticks = round(shift / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts - ticks
        packet.dts = None if packet.dts is None else packet.dts - ticks
