"""``photochrom video``: a film in, a coloured film out."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from photochrom.cli._support.options import (
    Device,
    Key,
    Model,
    Quiet,
    Sign,
    open_signer,
    read_options,
    refuse_flags,
    takes_options,
)
from photochrom.options import help_of
from photochrom.video.options import RunOptions, VideoOptions

__all__ = ["video"]

#: options that a pipe has no use for
_OF_FILES = ("preview_every", "codec", "quality", "preset")


@takes_options(VideoOptions, after="model", leave_out=["start", "end"])
def video(
    source: Annotated[
        str,
        typer.Argument(
            metavar="IN",
            help="A film: MP4, MOV, MKV, AVI, WebM, MPEG, MXF, GIF; a folder of stills; - for Y4M on standard input.",
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="The film to write; its suffix names the container; - for Y4M on standard output. "
            "Without it, NAME.color.EXT beside the film.",
        ),
    ] = None,
    model: Model = None,
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
    references: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Frames of the film that were coloured elsewhere: each is found, and its colours hold in its shot.",
        ),
    ] = None,
    contact_sheet: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Write a page with one coloured frame of every shot there, and no film."),
    ] = None,
    list_only: Annotated[
        bool, typer.Option("--list-shots", help="List the shots found at cuts, and colour nothing.")
    ] = False,
    start: Annotated[str | None, typer.Option(metavar="TIME", help=help_of(VideoOptions, "start"))] = None,
    end: Annotated[str | None, typer.Option(metavar="TIME", help=help_of(VideoOptions, "end"))] = None,
    device: Device = "auto",
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", metavar="N", help="Processes that share the film by shots.")
    ] = None,
    backend: Annotated[
        str, typer.Option(metavar="NAME", help="local, or ray: the cluster that RAY_ADDRESS names shares the shots.")
    ] = "local",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there already.")] = False,
    keep_shots: Annotated[
        bool,
        typer.Option("--keep-shots", help="Keep the coloured shots, for --resume --overwrite with other hints."),
    ] = False,
    report: Annotated[str | None, typer.Option(metavar="FILE", help="Where a JSON report goes.")] = None,
    sign: Sign = None,
    key: Key = None,
    quiet: Quiet = False,
    **fields: Any,
) -> None:
    """Colour a film. Its luma, time stamps, sound, subtitles, chapters and metadata stay as they are."""
    from photochrom.cli._video.run import colorize_film, list_shots, write_shots
    from photochrom.registry import DEFAULT_MODEL
    from photochrom.video.guidance.colored_frames import list_colored_frames
    from photochrom.video.guidance.guidance import VideoGuidance
    from photochrom.video.guidance.hints import load_video_hints
    from photochrom.video.guidance.references import parse_reference
    from photochrom.video.media.scan import Span
    from photochrom.video.timecode import parse_time

    if "-" in (source, output):
        unsuitable = {
            "--jobs": jobs is not None,
            "--backend": backend != "local",
            "--resume": resume,
            "--overwrite": overwrite,
            "--keep-shots": keep_shots,
            "--sign": sign is not None,
            **{f"--{name.replace('_', '-')}": fields[name] is not None for name in _OF_FILES},
        }
        refuse_flags("a pipe", unsuitable)
    if source == "-":
        of_part = {"--start": start is not None, "--end": end is not None}
        of_scan = {
            "--hints": hints is not None,
            "--reference": bool(reference),
            "--references": references is not None,
            "--contact-sheet": contact_sheet is not None,
            "--list-shots": list_only,
        }
        refuse_flags("a film that comes through a pipe, which is read once", of_part | of_scan)
    begin, stop = (None if text is None else parse_time(text) for text in (start, end))
    span = Span(start=begin, end=stop)
    if list_only:
        list_shots(Path(source), span, report)
        return
    options = read_options(VideoOptions, {**fields, "start": begin, "end": stop})
    network = DEFAULT_MODEL if model is None else model
    guidance = VideoGuidance(
        load_video_hints(hints) if hints is not None else [],
        [parse_reference(text) for text in reference or []],
        list_colored_frames(Path(references)) if references is not None else [],
    )
    if contact_sheet is not None:
        write_shots(
            Path(source),
            Path(contact_sheet),
            model=network,
            device=device,
            options=options,
            guidance=guidance,
            overwrite=overwrite,
            quiet=quiet,
        )
        return
    if "-" in (source, output):
        from photochrom.cli._video.stream import colorize_stream

        code = colorize_stream(
            source, output, model=network, device=device, options=options, guidance=guidance, report=report, quiet=quiet
        )
        sys.exit(code)
    code = colorize_film(
        Path(source),
        output,
        model=network,
        device=device,
        options=options,
        guidance=guidance,
        run_options=RunOptions(
            jobs=jobs,
            backend=backend,
            resume=resume,
            overwrite=overwrite,
            keep_shots=keep_shots,
            signer=open_signer(sign, key),
        ),
        report=report,
        quiet=quiet,
    )
    sys.exit(code)
