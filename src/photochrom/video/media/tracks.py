"""Everything of a film besides its picture: sound, subtitles, attachments, chapters, metadata."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any

from photochrom.video.media.av import load_av
from photochrom.video.media.containers import Container
from photochrom.video.media.probe import Video

__all__ = ["TrackCopier", "compose_synthetic_note", "copy_description", "copy_metadata"]

#: what a muxer writes itself, or what would be wrong of the result
_OWN_METADATA = ("major_brand", "minor_version", "compatible_brands", "encoder", "duration")
#: bytes of the empty subtitles between two in MP4; the muxer makes them anew
_FILLER = 2
_TEXT = ("mov_text", "subrip", "srt", "ass", "ssa", "webvtt", "text")


class TrackCopier:
    """Copies streams from a source container to an output, packet by packet where the output holds them.

    Args:
        video: the source.
        source: the film opened with PyAV.
        output: an output container whose header is not written.
        container: its kind.

    Attributes:
        notes: what was transcoded or left out, a sentence each.
    """

    def __init__(self, video: Video, source: Any, output: Any, container: Container) -> None:
        self.notes: list[str] = []
        self._source = source
        self._handlers: dict[int, PacketCopier | SoundTranscoder | SubtitleRewriter] = {}
        held = output.supported_codecs | set(container.also)
        for track in video.tracks:
            stream = source.streams[track.index]
            handler = self._choose_handler(stream, output, container, held)
            if handler is not None:
                self._handlers[track.index] = handler

    def packets(self, shift: Fraction, start: Fraction | None, stop: Fraction | None) -> Iterator[tuple[Fraction, Any]]:
        """Yields the packets to mux from ``start`` to ``stop``, each with its time in seconds less ``shift``."""
        av = load_av()
        streams = [self._source.streams[index] for index in self._handlers]
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
            for made in self._handlers[packet.stream.index].convert(packet, shift):
                yield max(Fraction(0), time - shift), made
        for handler in self._handlers.values():
            for made in handler.finish():
                yield (made.pts or 0) * made.time_base, made

    def _choose_handler(
        self, stream: Any, output: Any, container: Container, held: set[str]
    ) -> "PacketCopier | SoundTranscoder | SubtitleRewriter | None":
        codec = stream.codec_context.name if stream.codec_context else ""
        kind, name = stream.type, f"{stream.type} track {stream.index}"
        if kind == "attachment":
            if container.muxer == "matroska":
                output.add_stream_from_template(stream)
            else:
                self.notes.append(f"attachment {stream.index} was left out: only MKV holds attachments")
            return None
        if kind in ("audio", "subtitle") and codec in held:
            return PacketCopier(stream, output)
        if kind == "audio" and codec and container.audio is not None:
            self.notes.append(
                f"{name} was transcoded from {codec} to {container.audio}: {_explain_container(container)}"
            )
            return SoundTranscoder(stream, output, container.audio)
        if kind == "subtitle" and codec in _TEXT and container.text is not None:
            self.notes.append(f"{name} was rewritten from {codec} to {container.text}: {_explain_container(container)}")
            return SubtitleRewriter(stream, output, container.text)
        if "timecode" in stream.metadata and container.muxer in ("mov", "mp4"):
            # the muxer makes the track anew from the time code of the picture's metadata
            return None
        self.notes.append(f"{name} ({codec or 'unknown'}) was left out: {_explain_container(container)}")
        return None


class PacketCopier:
    """Copies a stream packet by packet."""

    def __init__(self, stream: Any, output: Any) -> None:
        self._stream = output.add_stream_from_template(stream, opaque=True)
        self._fillers = stream.type == "subtitle" and stream.codec_context.name == "mov_text"
        copy_description(stream, self._stream)

    def convert(self, packet: Any, shift: Fraction) -> Iterator[Any]:
        """Yields the packet for the output."""
        if self._fillers and packet.size == _FILLER:
            return
        _shift_packet(packet, shift)
        packet.stream = self._stream
        yield packet

    def finish(self) -> Iterator[Any]:
        """Yields nothing: nothing is held back."""
        yield from ()


class SoundTranscoder:
    """Encodes sound anew whose codec the output's container does not hold."""

    def __init__(self, stream: Any, output: Any, encoder: str) -> None:
        self._source = stream.codec_context
        rate = 48000 if encoder == "libopus" else self._source.sample_rate
        self._stream = output.add_stream(encoder, rate=rate)
        channels = min(2, self._source.channels) if encoder in ("libmp3lame", "mp2") else self._source.channels
        self._stream.codec_context.layout = {1: "mono", 2: "stereo"}.get(channels, self._source.layout.name)
        if encoder != "flac":
            self._stream.codec_context.bit_rate = 96_000 * max(1, channels)
        copy_description(stream, self._stream)

    def convert(self, packet: Any, shift: Fraction) -> Iterator[Any]:
        """Yields what can be encoded with this packet."""
        av = load_av()
        # a packet of sound that is broken is a gap, not the end
        with suppress(av.FFmpegError):
            for frame in self._source.decode(packet):
                if frame.pts is not None:
                    frame.pts -= round(shift / frame.time_base)
                yield from self._stream.encode(frame)

    def finish(self) -> Iterator[Any]:
        """Yields what the decoder and the encoder still hold."""
        for frame in self._source.decode(None):
            yield from self._stream.encode(frame)
        yield from self._stream.encode(None)


class SubtitleRewriter:
    """Writes subtitles of text anew whose form the output's container does not hold."""

    def __init__(self, stream: Any, output: Any, encoder: str) -> None:
        self._source = stream.codec_context
        self._stream = output.add_stream(encoder)
        # the encoders want the header of styles that a decoder has once it is open
        self._source.open(strict=False)
        self._stream.codec_context.subtitle_header = self._source.subtitle_header
        self._stream.time_base = self._stream.codec_context.time_base = Fraction(1, 1000)
        copy_description(stream, self._stream)

    def convert(self, packet: Any, shift: Fraction) -> Iterator[Any]:
        """Yields the packet, its text written the other way."""
        av = load_av()
        with suppress(av.FFmpegError):
            found = self._source.decode2(packet)
            if found is None:
                return
            _shift_packet(packet, shift)
            made = self._stream.codec_context.encode_subtitle(found)
            made.pts = made.dts = round(packet.pts * packet.time_base * 1000)
            made.duration = round((packet.duration or 0) * packet.time_base * 1000)
            made.time_base = Fraction(1, 1000)
            made.stream = self._stream
            yield made

    def finish(self) -> Iterator[Any]:
        """Yields nothing: nothing is held back."""
        yield from ()


def copy_metadata(metadata: Mapping[str, str], note: str) -> dict[str, str]:
    """Returns a source's metadata with the note that the colour is synthetic added to its comment."""
    kept = {key: value for key, value in metadata.items() if key.lower() not in _OWN_METADATA}
    name = next((key for key in kept if key.lower() == "comment"), "comment")
    kept[name] = f"{kept[name]} | {note}" if kept.get(name) else note
    return kept


def compose_synthetic_note(model: str) -> str:
    """Returns what a result says of itself."""
    from photochrom import __version__

    return f"Colours are synthetic: made by photochrom {__version__} ({model}) from the luma of the film."


def _explain_container(container: Container) -> str:
    return f"{container.muxer} does not hold it"


def copy_description(source: Any, target: Any) -> None:
    """Gives a stream the name, language and role of another."""
    target.metadata.update({key: value for key, value in source.metadata.items() if key not in ("encoder", "DURATION")})
    target.disposition = source.disposition


def _shift_packet(packet: Any, shift: Fraction) -> None:
    if shift:
        ticks = round(shift / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts - ticks
        packet.dts = None if packet.dts is None else packet.dts - ticks
