"""Everything of a film besides its picture: sound, subtitles, attachments, chapters, metadata."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any

from photochrom.video.media.av import load_av
from photochrom.video.media.containers import Container
from photochrom.video.media.joins import Join, Joiner
from photochrom.video.media.probe import Track, Video
from photochrom.video.muxing.sound import SoundTranscoder

__all__ = [
    "TrackCopier",
    "compose_synthetic_note",
    "copy_description",
    "copy_metadata",
    "list_held_codecs",
    "list_ways",
]

#: what a muxer writes itself, or what would be wrong of the result
_OWN_METADATA = ("major_brand", "minor_version", "compatible_brands", "encoder", "duration")
#: bytes of the empty subtitles between two in MP4; the muxer makes them anew
_FILLER = 2
_COVER_TYPES = {"mjpeg": "jpeg", "png": "png", "gif": "gif", "bmp": "bmp", "tiff": "tiff", "webp": "webp"}
#: seconds of sound before the film's start that a decoder may need to begin
_RUN_UP = Fraction(1, 10)
COPY, TRANSCODE, REWRITE, LEAVE = "copy", "transcode", "rewrite", "leave out"
_TEXT = ("mov_text", "subrip", "srt", "ass", "ssa", "webvtt", "text")


class TrackCopier:
    """Copies streams from a source container to an output, packet by packet where the output holds them.

    Args:
        video: the source.
        source: the film opened with PyAV.
        output: an output container whose header is not written.
        container: its kind.
        ways: by number of the track, what is done with it, one of :func:`list_ways`; what is not named is left out.
        joins: where the film's time begins again.

    Attributes:
        notes: what was transcoded or left out, a sentence each.
        written: the source's and the output's stream, of each that goes over.

    Raises:
        ValueError: a track cannot go over this way.
    """

    def __init__(
        self,
        video: Video,
        source: Any,
        output: Any,
        container: Container,
        ways: Mapping[int, str],
        joins: Sequence[Join] = (),
    ) -> None:
        self.notes: list[str] = []
        self.written: list[tuple[Any, Any]] = []
        self._source = source
        self._joins = joins
        self._handlers: dict[int, PacketCopier | SoundTranscoder | SubtitleRewriter] = {}
        self._covers: list[Any] = []
        for track in video.tracks:
            self._add(video, track, source.streams[track.index], output, container, ways.get(track.index, LEAVE))

    def packets(
        self, shift: Fraction, start: Fraction | None, stop: Fraction | None, *, limit: int | None = None
    ) -> Iterator[tuple[Fraction, Any]]:
        """Yields the packets to mux from ``start`` to ``stop``, each with its time in seconds less ``shift``.

        With ``limit``, so many packets of the source are looked at.
        """
        av = load_av()
        for cover in self._covers:
            yield Fraction(0), cover
        streams = [self._source.streams[index] for index in self._handlers]
        if not streams:
            return
        joiner = Joiner(self._joins)
        packets = self._source.demux(() if limit else streams)
        count = 0
        while limit is None or count < limit:
            try:
                packet = next(packets)
            except (StopIteration, av.FFmpegError):
                break
            count += 1
            if packet.stream.index not in self._handlers:
                continue
            if packet.size == 0 or (packet.pts is None and packet.dts is None):
                continue
            joiner.apply(packet)
            time = (packet.pts if packet.pts is not None else packet.dts) * packet.time_base
            if (start is not None and time < start) or (stop is not None and time >= stop):
                continue
            if packet.is_discard and time < shift - _RUN_UP:
                # an edit list leaves it out, and no decoder needs it to begin
                continue
            for made in self._handlers[packet.stream.index].convert(packet, shift):
                yield max(Fraction(0), time - shift), made
        for handler in self._handlers.values():
            for made in handler.finish():
                yield (made.pts or 0) * made.time_base, made

    def _add(self, video: Video, track: Track, stream: Any, output: Any, container: Container, way: str) -> None:
        codec, name = track.codec, f"{track.kind} track {track.index}"
        why = _explain_change(track, way, list_held_codecs(output, container), container)
        if track.cover:
            if way == COPY:
                self._covers += copy_cover(video, stream, output, container)
            else:
                self.notes.append(f"the cover picture ({codec}) was left out: {why}")
        elif track.kind == "attachment":
            if way == COPY:
                output.add_stream_from_template(stream)
            else:
                self.notes.append(f"attachment {track.index} was left out: only MKV holds attachments")
        elif way == COPY:
            self._take(track, PacketCopier(stream, output, steady=bool(self._joins)), stream)
        elif way == TRANSCODE and container.audio is not None:
            sound = SoundTranscoder(stream, output, container.audio)
            self.notes.append(f"{name} was transcoded from {codec} to {container.audio}{sound.change}: {why}")
            self._take(track, sound, stream)
        elif way == REWRITE and container.text is not None:
            self.notes.append(f"{name} was rewritten from {codec} to {container.text}: {why}")
            self._take(track, SubtitleRewriter(stream, output, container.text), stream)
        elif "timecode" in stream.metadata and container.muxer in ("mov", "mp4"):
            # the muxer makes the track anew from the time code of the picture's metadata
            return
        else:
            self.notes.append(f"{name} ({codec or 'unknown'}) was left out: {why}")

    def _take(self, track: Track, handler: "PacketCopier | SoundTranscoder | SubtitleRewriter", stream: Any) -> None:
        self._handlers[track.index] = handler
        copy_description(stream, handler.stream)
        self.written.append((stream, handler.stream))


def list_held_codecs(output: Any, container: Container) -> set[str]:
    """Returns the codecs of sound and subtitles that a container holds; ``output`` is one of its kind, open."""
    return set(output.supported_codecs) | set(container.also)


def _explain_change(track: Track, way: str, held: set[str], container: Container) -> str:
    """Returns why a track does not go over as it is: the container has no place for it, or it failed when tried."""
    tried = [other for other in list_ways(track, held, container) if other != way]
    if not track.codec:
        return "its codec is not known"
    if way == LEAVE and tried:
        return f"it is damaged, or of a form that {container.muxer} does not take"
    if COPY in tried:
        return f"{container.muxer} does not take it as it is"
    return f"{container.muxer} does not hold it"


def list_ways(track: Track, held: set[str], container: Container) -> list[str]:
    """Returns what may be tried with a track, the best first; ``held`` are the codecs that the container holds."""
    if track.cover:
        return [COPY] if container.muxer in ("mp4", "matroska") else []
    if track.kind == "attachment":
        return [COPY] if container.muxer == "matroska" else []
    ways = [COPY] if track.kind in ("audio", "subtitle") and track.codec in held else []
    if track.kind == "audio" and track.codec and container.audio is not None:
        ways.append(TRANSCODE)
    if track.kind == "subtitle" and track.codec in _TEXT and container.text is not None:
        ways.append(REWRITE)
    return ways


def copy_cover(video: Video, stream: Any, output: Any, container: Container) -> list[Any]:
    """Adds a cover to an output whose header is not written, and returns the packets to mux for it."""
    av = load_av()
    # by another door: the packets of a cover come once, before all others
    with video.open() as again:
        data = next((bytes(packet) for packet in again.demux(again.streams[stream.index]) if packet.size), b"")
    if not data:
        raise ValueError("the cover is empty")
    if container.muxer == "matroska":
        kind = _COVER_TYPES.get(stream.codec_context.name, "")
        if not kind:
            raise ValueError("Matroska's covers are JPEG, PNG, GIF, BMP, TIFF or WebP")
        name = stream.metadata.get("filename") or f"cover.{kind.replace('jpeg', 'jpg')}"
        output.add_attachment(name, f"image/{kind}", data)
        return []
    target = output.add_stream_from_template(stream, opaque=True)
    target.disposition = stream.disposition
    packet = av.Packet(data)
    packet.pts = packet.dts = 0
    packet.time_base, packet.stream, packet.is_keyframe = target.time_base or Fraction(1, 90000), target, True
    return [packet]


class PacketCopier:
    """Copies a stream packet by packet."""

    def __init__(self, stream: Any, output: Any, *, steady: bool = False) -> None:
        self.stream = output.add_stream_from_template(stream, opaque=True)
        self._fillers = stream.type == "subtitle" and stream.codec_context.name == "mov_text"
        self._steady = steady
        self._last: tuple[int, int] | None = None

    def convert(self, packet: Any, shift: Fraction) -> Iterator[Any]:
        """Yields the packet for the output."""
        if self._fillers and packet.size == _FILLER:
            return
        _shift_packet(packet, shift)
        if self._steady and not self._keep_ascending(packet):
            return
        packet.stream = self.stream
        yield packet

    def _keep_ascending(self, packet: Any) -> bool:
        """Returns whether a packet at a join is kept: of two that overlap by more than half, the later one goes."""
        time = packet.pts if packet.dts is None else packet.dts
        if self._last is not None:
            last, end = self._last
            if time <= last or time + packet.duration / 2 < end:
                return False
        self._last = (time, time + packet.duration)
        return True

    def finish(self) -> Iterator[Any]:
        """Yields nothing: nothing is held back."""
        yield from ()


class SubtitleRewriter:
    """Writes subtitles of text anew whose form the output's container does not hold."""

    def __init__(self, stream: Any, output: Any, encoder: str) -> None:
        self._source = stream.codec_context
        self.stream = output.add_stream(encoder)
        # the encoders want the header of styles that a decoder has once it is open
        self._source.open(strict=False)
        self.stream.codec_context.subtitle_header = self._source.subtitle_header
        self.stream.time_base = self.stream.codec_context.time_base = Fraction(1, 1000)

    def convert(self, packet: Any, shift: Fraction) -> Iterator[Any]:
        """Yields the packet, its text written the other way."""
        av = load_av()
        with suppress(av.FFmpegError):
            found = self._source.decode2(packet)
            if found is None:
                return
            _shift_packet(packet, shift)
            made = self.stream.codec_context.encode_subtitle(found)
            made.pts = made.dts = round(packet.pts * packet.time_base * 1000)
            made.duration = round((packet.duration or 0) * packet.time_base * 1000)
            made.time_base = Fraction(1, 1000)
            made.stream = self.stream
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


def copy_description(source: Any, target: Any) -> None:
    """Gives a stream the name, language and role of another."""
    target.metadata.update({key: value for key, value in source.metadata.items() if key not in ("encoder", "DURATION")})
    target.disposition = source.disposition


def _shift_packet(packet: Any, shift: Fraction) -> None:
    if shift:
        ticks = round(shift / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts - ticks
        packet.dts = None if packet.dts is None else packet.dts - ticks
