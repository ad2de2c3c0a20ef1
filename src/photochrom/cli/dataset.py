"""``photochrom dataset``: what is in a set of training photos, and building one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photochrom.cli._support.console import printable

if TYPE_CHECKING:
    from photochrom.datasets.build.builder import Built
    from photochrom.datasets.build.inspect import Progress

__all__ = ["dataset"]

_SETTINGS = {"help_option_names": ["-h", "--help"]}
#: names shown on the terminal
NAMED = 5

dataset = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    context_settings=_SETTINGS,
    subcommand_metavar="COMMAND ...",
    help="Look at a set of training photos, or build one.",
)

SET = "A folder of photos, Parquet shards, WebDataset tars, or the Kaggle NPY pairs."
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", metavar="N", min=1, help="Photos at the same time. [default: one a processor]"),
]


@dataset.command(context_settings=_SETTINGS)
def inspect(
    photos: Annotated[str, typer.Argument(metavar="SET", help=SET)],
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Write a page, its pictures, JSON and the prior."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Look only at so many photos, spread evenly over the set.")
    ] = None,
    jobs: Jobs = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a report that is there already.")] = False,
) -> None:
    """Say what is in a set: count, sizes, colour, and what may not belong in it.

    photochrom dataset inspect photos -o report
    """
    from photochrom.colorizer import count_processors
    from photochrom.datasets.build.inspect import inspect_photos
    from photochrom.datasets.build.report import check_free, save_inspection
    from photochrom.datasets.sources.photo_set import open_photos

    found = open_photos([photos])
    if out is not None:
        check_free(out, overwrite=overwrite)
    with _bar("looking") as progress:
        inspection = inspect_photos(found, limit=limit, jobs=jobs or count_processors(), progress=progress)
    _print_inspection(inspection.summary())
    if out is not None:
        save_inspection(inspection, out, title=photos)
        typer.echo(f"report       {printable(str(out / 'index.html'))}")


@dataset.command(context_settings=_SETTINGS)
def build(
    photos: Annotated[str, typer.Argument(metavar="SET", help=SET)],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder for the shards: new, empty, or begun before.")],
    size: Annotated[
        int, typer.Option(metavar="N", help="Short side in the shards, pixels; nothing is enlarged.")
    ] = 160,
    quality: Annotated[int, typer.Option(metavar="1..100", help="Of WebP.")] = 90,
    shard_mb: Annotated[float, typer.Option(metavar="N", help="Size of a shard, MiB.")] = 24.0,
    min_side: Annotated[int, typer.Option(metavar="N", help="Drop photos with a shorter short side, pixels.")] = 64,
    drop_gray: Annotated[bool, typer.Option("--drop-gray", help="Drop photos that are gray or nearly gray.")] = False,
    drop_duplicates: Annotated[
        bool, typer.Option("--drop-duplicates", help="Of near duplicates keep the largest.")
    ] = False,
    against: Annotated[
        str | None, typer.Option(metavar="SET", help="Drop near duplicates of these photos, such as a benchmark's.")
    ] = None,
    kind: Annotated[str, typer.Option("--format", metavar="NAME", help="parquet or webdataset.")] = "parquet",
    jobs: Jobs = None,
) -> None:
    """Filter photos and pack them into shards to train on.

    Given again after an interruption, the same command goes on after the last whole shard.

    photochrom dataset build photos shards --drop-gray --drop-duplicates
    """
    from photochrom.colorizer import count_processors
    from photochrom.datasets.build.builder import BuildOptions, build_set
    from photochrom.datasets.sources.photo_set import open_photos

    options = BuildOptions(
        size=size,
        quality=quality,
        shard_mb=shard_mb,
        min_side=min_side,
        drop_gray=drop_gray,
        drop_duplicates=drop_duplicates,
        format=kind,
    )
    found = open_photos([photos])
    apart = open_photos([against]) if against is not None else None
    with _bar("looking") as on_plan, _bar("packing") as on_pack:
        built = build_set(
            found, out, options, against=apart, jobs=jobs or count_processors(), on_plan=on_plan, on_pack=on_pack
        )
    _print_build(built, out)


def _print_inspection(summary: dict[str, Any]) -> None:
    looked, total = summary["looked_at"], summary["photos"]
    short, chroma = summary["short_side"], summary["chroma"]
    rows = {"photos": f"{total:,}" + (f", {looked:,} looked at" if looked < total else "")}
    if chroma["median"] is not None:
        rows["short side"] = f"{short['least']:g} to {short['most']:g} px, median {short['median']:g}"
        rows["chroma"] = (
            f"mean {chroma['mean']:.1f}, nine of ten photos {chroma['5%']:.1f} to {chroma['95%']:.1f} (C*, CIELAB)"
        )
        rows["hues"] = _hues(summary["hues"])
    rows["gray"] = ", ".join(f"{len(names):,} {kind}" for kind, names in summary["gray"].items())
    groups = summary["near_duplicates"]
    rows["duplicates"] = f"{sum(map(len, groups)):,} photos in groups: {len(groups):,}" if groups else "none"
    rows["unreadable"] = f"{len(summary['unreadable']):,}"
    rows["sources"] = _sources(summary["sources"])
    rows["fingerprint"] = summary["fingerprint"][:16]
    typer.echo("\n".join(f"{key:11}  {printable(value)}" for key, value in rows.items()))
    _name_unreadable(list(summary["unreadable"].values()), "in inspection.json")


def _hues(shares: list[float]) -> str:
    from photochrom.datasets.build.plots import HUES

    by_name: dict[str, float] = {}
    for sector, share in enumerate(shares):
        name = next(name for name, end in HUES if sector * 360 / len(shares) < end)
        by_name[name] = by_name.get(name, 0.0) + share
    return ", ".join(f"{name} {share:.0%}" for name, share in sorted(by_name.items(), key=lambda item: -item[1]))


def _sources(sources: dict[str, dict[str, Any]]) -> str:
    most = [f"{name or '(unnamed)'} {row['photos']:,}" for name, row in list(sources.items())[: 4 * NAMED]]
    more = len(sources) - len(most)
    return ", ".join(most) + (f" and {more:,} more" if more else "")


def _print_build(built: "Built", out: Path) -> None:
    size = f"{len(built.shards):,} shards, {built.size / 2**20:.1f} MiB"
    typer.echo(f"{built.kept:,} photos in {size}: {printable(str(out))}")
    for reason, names in built.dropped.items():
        typer.echo(f"{len(names):,} left out: {reason}")
    _name_unreadable(
        [f"'{name}' cannot be read as a photo" for name in built.dropped.get("unreadable", [])], "in manifest.json"
    )


def _name_unreadable(errors: list[str], where: str) -> None:
    """Name what cannot be read, on standard error: the first of them, and where the others are."""
    for error in errors[:NAMED]:
        typer.echo(f"photochrom: {printable(error)}", err=True)
    if len(errors) > NAMED:
        typer.echo(f"photochrom: and {len(errors) - NAMED:,} more that cannot be read, named {where}", err=True)


@contextmanager
def _bar(what: str) -> "Iterator[Progress | None]":
    """A progress bar on standard error, where that is a terminal; it appears with the first photos."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=None)

    def show(done: int, of: int) -> None:
        bar.start()
        bar.update(task, completed=done, total=of)

    try:
        yield show
    finally:
        bar.stop()
