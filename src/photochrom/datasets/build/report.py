"""An inspection as a page that can be opened by itself, with its JSON, pictures and prior beside it."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.color.conversion import ab_bins
from photochrom.datasets.build.plots import draw_prior, draw_sheet, swatch
from photochrom.datasets.build.statistics import COLORLESS, SECTORS
from photochrom.datasets.build.inspect import Inspection
from photochrom.errors import OutputExistsError, WriteError
from photochrom.system.atomic import whole_file

__all__ = ["FILES", "check_free", "save_inspection"]

#: what a report's folder holds
FILES = ("index.html", "inspection.json", "contact-sheet.png", "doubtful.png", "prior.png", "prior.npz")
#: names listed on the page; all of them are in the JSON
LISTED = 60
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #26241f; background: #fbfaf7; max-width: 1380px; margin: 2em auto;
  padding: 0 1.5em }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em }
table { border-collapse: collapse } td, th { padding: .15em 1.2em .15em 0; text-align: right }
td:first-child, th:first-child { text-align: left } th { font-weight: 600; border-bottom: 1px solid #cfcbc0 }
img { max-width: 100%; height: auto } code { font-size: .9em } li { overflow-wrap: anywhere } .faint { color: #8b877d }
"""


def check_free(folder: Path, *, overwrite: bool) -> None:
    """Makes sure that a report can be put into a folder, before the work is done.

    Raises:
        OutputExistsError: there is a report, and ``overwrite`` is not set.
        WriteError: the folder cannot be made.
    """
    there = next((name for name in FILES if (folder / name).exists()), None)
    if there and not overwrite:
        raise OutputExistsError("dataset.output_exists", path=folder / there)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError("dataset.folder_unwritable", path=folder, reason=error.strerror) from error


def save_inspection(inspection: Inspection, folder: Path, *, title: str) -> None:
    """Writes the page and all that belongs to it.

    Args:
        inspection: what was found.
        folder: where to; it is there.
        title: the set's name.

    Raises:
        WriteError: a file cannot be written.
    """
    summary = inspection.summary()
    sheets = {"contact-sheet.png": draw_sheet(inspection.sheet), "prior.png": draw_prior(inspection.prior, ab_bins())}
    (folder / "doubtful.png").unlink(missing_ok=True)
    if inspection.doubtful:
        sheets["doubtful.png"] = draw_sheet(inspection.doubtful)
    for name, picture in sheets.items():
        with whole_file(folder / name, overwrite=True) as part:
            picture.save(part, "PNG")
    with whole_file(folder / "prior.npz", overwrite=True) as part, part.open("wb") as stream:
        np.savez(stream, bins=ab_bins(), prior=inspection.prior)
    texts = {"inspection.json": json.dumps(summary, indent=1), "index.html": _page(summary, inspection, title)}
    for name, text in texts.items():
        with whole_file(folder / name, overwrite=True) as part:
            part.write_text(text, encoding="utf-8", errors="backslashreplace")


def _page(summary: Mapping[str, Any], inspection: Inspection, title: str) -> str:
    gray = sum(len(summary["gray"][kind]) for kind in COLORLESS)
    looked = summary["looked_at"]
    of = f"{looked:,} of {summary['photos']:,}" if looked < summary["photos"] else f"{looked:,}"
    doubtful = '<p><img src="doubtful.png" alt="Gray photos and near duplicates"></p>' if inspection.doubtful else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style></head><body>
<h1>{escape(title)}</h1>
<p>{of} photos: {len(summary["unreadable"]):,} unreadable, {gray:,} gray or nearly gray,
groups of near duplicates: {len(summary["near_duplicates"]):,}.
All names are in <a href="inspection.json">inspection.json</a>.
<span class="faint">Fingerprint {summary["fingerprint"][:16]}.</span></p>
<h2>Sources</h2>{_sources(summary["sources"])}
<p><img src="contact-sheet.png" alt="Contact sheet"></p>
<h2>Colour</h2>
<p>Mean chroma C* of a photo: {_range(summary["chroma"])}. Short side, pixels: {_range(summary["short_side"])}.</p>
{_chroma_bars([facts.chroma for facts in inspection.readable])}{_hue_bars(summary["hues"])}
<p><img src="prior.png" alt="How often each colour occurs"></p>
<h2>What may not belong</h2>{doubtful}
{_list("Unreadable", summary["unreadable"].values())}
{"".join(_list(kind.capitalize(), names) for kind, names in summary["gray"].items())}
{_list("Near duplicates", (" · ".join(group) for group in summary["near_duplicates"]))}
</body></html>
"""


def _sources(sources: Mapping[str, Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{row['photos']:,}</td><td>{row['unreadable'] or ''}</td>"
        f"<td>{row['gray'] or ''}</td><td>{row['chroma']:.1f}</td></tr>"
        for name, row in list(sources.items())[:LISTED]
    )
    more = f"<p class=faint>and {len(sources) - LISTED:,} more</p>" if len(sources) > LISTED else ""
    head = "<tr><th>source<th>photos<th>unreadable<th>gray<th>mean chroma</tr>"
    return f"<table>{head}{rows}</table>{more}"


def _range(quantiles: Mapping[str, float | None]) -> str:
    if quantiles["median"] is None:
        return "unknown"
    return (
        f"{quantiles['5%']:g} to {quantiles['95%']:g} in nine of ten, median {quantiles['median']:g}, "
        f"{quantiles['least']:g} to {quantiles['most']:g} in all"
    )


def _chroma_bars(chroma: Sequence[float]) -> str:
    counts, edges = np.histogram(np.clip(chroma, 0, 79.9), bins=40, range=(0, 80))
    colors = [swatch(62, 0.85 * edge, 0.5 * edge) for edge in edges[:-1].tolist()]
    labels = {0: "0", 10: "20", 20: "40", 30: "60"}
    return _bars("How many photos have which mean chroma", counts.tolist(), colors, labels)


def _hue_bars(hues: Sequence[float]) -> str:
    angles = [2 * np.pi * sector / SECTORS for sector in range(SECTORS)]
    colors = [swatch(65, 50 * float(np.cos(t)), 50 * float(np.sin(t))) for t in angles]
    labels = {0: "a*, 0°", SECTORS // 4: "b*, 90°", SECTORS // 2: "180°", 3 * SECTORS // 4: "270°"}
    return _bars("How much of all chroma has which CIELAB hue", list(hues), colors, labels)


def _bars(title: str, heights: Sequence[float], colors: Sequence[str], labels: Mapping[int, str]) -> str:
    step, top = 640 / len(heights), max([*heights, 1e-12])
    bars = "".join(
        f'<rect x="{n * step:.1f}" y="{140 - 118 * height / top:.1f}" width="{step - 2:.1f}" '
        f'height="{118 * height / top:.1f}" fill="{color}"/>'
        for n, (height, color) in enumerate(zip(heights, colors, strict=True))
    )
    texts = "".join(f'<text x="{n * step:.1f}" y="156" fill="#8b877d">{text}</text>' for n, text in labels.items())
    return (
        f'<svg viewBox="0 0 650 162" width="650" role="img" font-size="12" font-family="system-ui, sans-serif">'
        f'<title>{title}</title><text x="0" y="12">{title}</text>{bars}{texts}</svg>'
    )


def _list(title: str, lines: Any) -> str:
    lines = list(lines)
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines[:LISTED])
    more = f"<li class=faint>and {len(lines) - LISTED:,} more</li>" if len(lines) > LISTED else ""
    return f"<h3>{title}: {len(lines):,}</h3><ul>{items}{more}</ul>"
