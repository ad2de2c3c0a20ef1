"""The findings as a folder: a PNG a sheet, and one page that holds them all and needs no other file."""

import base64
import html
from pathlib import Path

from photochrom.errors import OutputExistsError, WriteError
from photochrom.inspection.analyze import Findings
from photochrom.inspection.figures import describe_findings, draw_sheets
from photochrom.system.atomic import whole_file

__all__ = ["PAGE", "check_folder", "write_page"]

PAGE = "index.html"
#: what a sheet shows, for the page
CAPTIONS = {
    "colours": "What goes in, what comes out, and where it is unsure or wrong.",
    "planes": "The planes of CIELAB. The network decides a* and b*; lightness stays the photo's.",
    "point": "The distribution over colours at one point. Larger squares are likelier colours.",
    "layers": "The end of each group of layers, on the way down, at the deepest, and up again: the mean absolute "
    "activation, and the channels that vary most over the photo.",
}
STYLE = """
body { max-width: 1340px; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: #222; }
h1 { font-size: 1.5rem; font-weight: 600; } figure { margin: 2.2rem 0; } img { width: 100%; height: auto; }
figcaption { color: #555; } dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; }
dt { color: #888; } dd { margin: 0; }
"""


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Refuses a folder that holds findings already, or whose name is a file's, before anything is worked out.

    Raises:
        OutputExistsError: one of the two.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputExistsError("inspection.folder_is_file", path=folder)
    if (folder / PAGE).exists() and not overwrite:
        raise OutputExistsError("inspection.page_exists", path=folder / PAGE)


def write_page(findings: Findings, folder: Path, *, overwrite: bool) -> Path:
    """Draws the findings into a folder, created if missing, and returns the page's path; the page is written last.

    Raises:
        OutputExistsError: there are such files already.
        WriteError: the folder cannot be written.
        MissingDependencyError: matplotlib is not installed.
    """
    check_folder(folder, overwrite=overwrite)
    sheets = draw_sheets(findings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError("inspection.folder_not_created", path=folder, reason=error.strerror) from error
    for name, content in sheets.items():
        _write_file(folder / f"{name}.png", content, overwrite=overwrite)
    page = folder / PAGE
    _write_file(page, _compose_page(findings, sheets).encode(), overwrite=overwrite)
    return page


def _write_file(path: Path, content: bytes, *, overwrite: bool) -> None:
    with whole_file(path, overwrite=overwrite) as part:
        part.write_bytes(content)


def _compose_page(findings: Findings, sheets: dict[str, bytes]) -> str:
    title = html.escape(f"Inside {findings.card.name}: {findings.photo}")
    facts = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>"
        for name, text in describe_findings(findings).items()
    )
    figures = "".join(
        f'<figure><img alt="{name}" src="data:image/png;base64,{base64.b64encode(content).decode()}">'
        f"<figcaption>{html.escape(CAPTIONS[name])}</figcaption></figure>\n"
        for name, content in sheets.items()
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>{title}</h1>\n<dl>{facts}</dl>\n{figures}</body></html>\n"
    )
