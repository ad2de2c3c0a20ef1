"""``photochrom study``: ask people which picture is real, or which looks better."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from photochrom.evaluation.results.schema import Interval
    from photochrom.user_study import Summary

__all__ = ["study"]

study = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    subcommand_metavar="COMMAND ...",
    help="Ask people which of two pictures is real, or which looks better: create a study, serve it, report it.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@study.command()
def create(
    first: Annotated[
        Path,
        typer.Argument(metavar="A/", help="A folder of real photos, or of one system's pictures.", show_default=False),
    ],
    second: Annotated[
        Path,
        typer.Argument(metavar="B/", help="A folder of a model's pictures, under the same names.", show_default=False),
    ],
    out: Annotated[Path, typer.Option("--output", "-o", metavar="STUDY/", help="The study's folder; must not exist.")],
    ask: Annotated[
        Literal["real", "better"],
        typer.Option(help="real: which one is the real photo (A/ holds those); better: which one looks better."),
    ] = "real",
    pairs: Annotated[
        int | None, typer.Option(metavar="N", help="Use so many pairs, drawn by the seed. [default: all]")
    ] = None,
    trials: Annotated[
        int | None, typer.Option(metavar="N", help="Test pairs a participant sees. [default: 40, or all there are]")
    ] = None,
    practice: Annotated[
        int | None,
        typer.Option(metavar="N", help="Practice pairs, not counted. [default: 10, or a fifth of the pairs]"),
    ] = None,
    checks: Annotated[
        int | None, typer.Option(metavar="N", help="Attention checks. [default: one to ten test pairs]")
    ] = None,
    seconds: Annotated[float, typer.Option(metavar="S", help="How long each picture is shown.")] = 1.0,
    size: Annotated[int, typer.Option(metavar="N", help="Longer side of the pictures at most, pixels.")] = 512,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the draw of pairs.")] = 0,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Heading of the page.")] = None,
    consent: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What participants agree to, plain text. [default: a short text of ours]"),
    ] = None,
    names: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="What the folders hold, for the report. [default: their names]"),
    ] = None,
) -> None:
    """Make a study of the pictures that two folders have under the same name."""
    from photochrom.cli._support.console import printable
    from photochrom.errors import OptionError
    from photochrom.user_study import StudyOptions, make_study

    given = {}
    if title is not None:
        given["title"] = title
    elif ask == "better":
        given["title"] = "Which colours are better?"
    if consent is not None:
        try:
            given["consent"] = consent.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise OptionError("command.text_unreadable", path=consent) from error
    options = StudyOptions(
        ask=ask,
        pairs=pairs,
        trials=trials,
        practice=practice,
        checks=checks,
        seconds=seconds,
        size=size,
        seed=seed,
        names=names,
        **given,
    )
    made = make_study(first, second, out, options=options)
    for path in made.unpaired:
        typer.echo(printable(f"photochrom: {path} has no partner in the other folder and is left out"), err=True)
    found = made.study
    typer.echo(
        f"{out}: {len(found.pairs)} pairs, {len(found.practice)} for practice, {len(found.checks)} checks; "
        f"a participant sees {found.steps}. Next:  photochrom study serve {out}"
    )


@study.command()
def serve(
    folder: Annotated[Path, typer.Argument(metavar="STUDY/", help="A study's folder.", show_default=False)],
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", help="The port; 0 takes any that is free.")] = 8000,
) -> None:
    """Serve the study's page until Ctrl-C. Answers are stored one by one; serve again to go on."""
    from photochrom.errors import MissingDependencyError
    from photochrom.user_study import Answers
    from photochrom.user_study.study import ANSWERS, open_study

    try:
        from photochrom.user_study import server
    except ImportError as error:
        raise MissingDependencyError("Serving a study", "web") from error
    found = open_study(folder)
    app = server.build_app(folder)
    door = server.listen(host, port)
    place, bound = door.getsockname()[:2]
    shown = f"[{place}]" if ":" in place else place
    typer.echo(f"http://{shown}:{bound}/s/{found.id}/")
    typer.echo("Give this address to participants; Ctrl-C ends it.", err=True)
    try:
        server.serve(app, door)
    except KeyboardInterrupt:
        pass
    finally:
        joined, finished = Answers(folder / ANSWERS).count()
        typer.echo(f"{joined} joined so far, {finished} finished. Next:  photochrom study report {folder}", err=True)


@study.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="STUDY/", help="A study's folder.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with a line a photo.")] = False,
) -> None:
    """How often the second folder's pictures were taken for real, or liked better, with the interval."""
    from photochrom.cli._support.console import printable
    from photochrom.user_study import summarize

    summary = summarize(folder)
    typer.echo(json.dumps(asdict(summary), indent=1) if as_json else "\n".join(map(printable, _lines(summary))))


def _lines(summary: "Summary") -> list[str]:
    first, second = summary.names
    share = _percent(summary.rate.mean)
    people = f"{summary.participants} participant{'s' if summary.participants != 1 else ''}"
    if summary.ask == "real":
        lines = [f"fooling rate of {second}: {share} of its pictures were taken for the real photo"]
    else:
        lines = [f"{second} was liked better than {first} in {share} of the answers"]
    if summary.rate.low is not None:
        lines.append(f"  95 % interval     {_ends(summary.rate)}, by bootstrap over {people}")
    left = (
        f"{summary.joined - summary.finished} who did not finish, {summary.inattentive} who failed the checks, "
        f"{summary.interrupted} interrupted answers; with the inattentive {_percent(summary.everybody)}"
    )
    lines += [
        f"  as if independent {_ends(summary.wilson)}, Wilson, over {summary.answers} answers of {people}",
        f"  against one half  p = {summary.p_value:.2g}, two-sided binomial",
        f"  not counted       {left}",
    ]
    if summary.checks is not None:
        lines.append(f"  checks            {_percent(summary.checks)} right")
    lines.append(
        f"  shown, answered   {summary.shown_ms:.0f} ms, {summary.answer_ms:.0f} ms (medians); "
        f"the first picture was chosen in {_percent(summary.first)}"
    )
    most = [pair for pair in summary.pairs if pair.chosen][:3]
    if most:
        lines.append("  most often chosen " + ", ".join(f"{p.name} ({p.chosen} of {p.answers})" for p in most))
    return lines


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.1f} %"


def _ends(interval: "Interval") -> str:
    return f"{_percent(interval.low)} to {_percent(interval.high)}"
