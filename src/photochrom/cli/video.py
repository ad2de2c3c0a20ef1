"""``photochrom video``: a film in, a coloured film out."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from photochrom.cli._support.options import Device, Model, Quiet, Strength, Vividness

__all__ = ["video"]


def video(
    source: Annotated[str, typer.Argument(metavar="IN", help="A film: MP4, MOV, MKV, AVI, WebM, MPEG, animated GIF.")],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="The film to write; its suffix names the container. Without it, NAME.color.EXT beside the film.",
        ),
    ] = None,
    model: Model = None,
    vividness: Vividness = 1.0,
    strength: Strength = 1.0,
    temporal_smoothing: Annotated[
        float,
        typer.Option(metavar="0..1", help="How steady colour is in time: 0 every frame by itself, 1 fully steady."),
    ] = 1.0,
    hints: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help='Colours at places, held through the shot: [{"time": 2.5, "x": 310, "y": 200, "color": "#8a5a3c"}].',
        ),
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PHOTO[@TIME]",
            help="A photo whose colours matching things take: in every shot, or in that of the time. May be repeated.",
        ),
    ] = None,
    list_only: Annotated[
        bool, typer.Option("--list-shots", help="List the shots found at cuts, and colour nothing.")
    ] = False,
    preview_every: Annotated[
        int | None, typer.Option(metavar="N", help="Write every N-th shot only, small and without sound.")
    ] = None,
    start: Annotated[str | None, typer.Option(metavar="TIME", help="Colour from there on: seconds, or h:m:s.")] = None,
    end: Annotated[str | None, typer.Option(metavar="TIME", help="Colour up to there.")] = None,
    codec: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="h264, h265, av1, prores, ffv1, vp9 or mpeg2. [default: the container's own]"
        ),
    ] = None,
    quality: Annotated[
        int | None, typer.Option(metavar="N", help="On the codec's own scale, for instance crf 0..51 for h264.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="The encoder's: how long it takes to make the file small.")
    ] = None,
    input_size: Annotated[
        int | None, typer.Option(metavar="N", help="Short side the network sees, pixels. [default: best for films]")
    ] = None,
    device: Device = "auto",
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", metavar="N", help="Processes that share the film by shots.")
    ] = None,
    backend: Annotated[
        str, typer.Option(metavar="NAME", help="local, or ray: the cluster that RAY_ADDRESS names shares the shots.")
    ] = "local",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there already.")] = False,
    report: Annotated[str | None, typer.Option(metavar="FILE", help="Where a JSON report goes.")] = None,
    quiet: Quiet = False,
) -> None:
    """Colour a film. Its luma, time stamps, sound, subtitles, chapters and metadata stay as they are."""
    from photochrom.cli._support.video_run import colorize_film, list_shots
    from photochrom.registry import DEFAULT_MODEL
    from photochrom.video.guidance.hints import load_video_hints
    from photochrom.video.guidance.references import parse_reference
    from photochrom.video.media.scan import Span
    from photochrom.video.options import VideoOptions
    from photochrom.video.timecode import parse_time

    begin, stop = (None if text is None else parse_time(text) for text in (start, end))
    span = Span(start=begin, end=stop)
    if list_only:
        list_shots(Path(source), span, report)
        return
    options = VideoOptions(
        vividness=vividness,
        strength=strength,
        temporal_smoothing=temporal_smoothing,
        input_size=input_size,
        start=begin,
        end=stop,
        preview_every=preview_every,
        codec=codec,
        quality=quality,
        preset=preset,
    )
    code = colorize_film(
        Path(source),
        output,
        model=DEFAULT_MODEL if model is None else model,
        device=device,
        options=options,
        hints=load_video_hints(hints) if hints is not None else [],
        references=[parse_reference(text) for text in reference or []],
        jobs=jobs,
        backend=backend,
        resume=resume,
        overwrite=overwrite,
        report=report,
        quiet=quiet,
    )
    sys.exit(code)
