"""Draws the two pictures of docs/explanation/architecture.md from the source: run it after a change of the layers.

The layers are those of the import contract in pyproject.toml. A photo's way is a list of functions here; that each
function exists, and which module calls which, is read from the source, so that the picture cannot say what is not so.
"""

import ast
import sys
import tomllib
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
FOLDER = ROOT / "docs" / "images"

#: what each package does, in a few words
PURPOSES = {
    "batch": "many photos: plan, run, resume, report",
    "cli": "the command",
    "client": "uses a service",
    "color": "conversions between sRGB and Lab, colour bins",
    "colorizer": "a photo in, a photo in colour out",
    "datasets": "sets of training photos: read, inspect, build",
    "deprecations": "names of the version before",
    "errors": "every error, by class and code",
    "evaluation": "scores of networks",
    "hints": "colours at places",
    "image_io": "files of photos and what is in them",
    "inference": "runs a network",
    "inspection": "looks inside a network",
    "messages": "the words of the errors",
    "models": "the networks, in torch",
    "options": "what can be chosen",
    "presentation": "marks, comparisons, layers: what people see",
    "private_edition": "a static folder that colours in the browser",
    "project": "project files",
    "provenance": "marks, signatures and proofs of results",
    "recolor": "puts colour on lightness",
    "registry": "networks by name",
    "result": "what comes out",
    "steering": "references, palettes, variations",
    "system": "processes, locks, files placed whole",
    "training": "trains and exports networks",
    "user_study": "studies with people",
    "vapoursynth": "films in VapourSynth scripts",
    "video": "the same for videos, shot by shot",
    "web": "the page and the REST API",
}
#: a photo's way from the command to its file: module, function or class, what happens there, and which module opens it
WAY = (
    ("photochrom.cli.colorize", "colorize", "reads the command line", ""),
    ("photochrom.batch.runner", "run_plan", "goes through the photos", "photochrom.cli.colorize"),
    (
        "photochrom.batch.output",
        "PhotoRenderer",
        "has one photo coloured, puts its files in place",
        "photochrom.batch.runner",
    ),
    ("photochrom.colorizer", "Colorizer", "colours one photo", "photochrom.batch.output"),
    ("photochrom.image_io.read", "read_picture", "opens the file: pixels and all it carries", "photochrom.colorizer"),
    ("photochrom.inference.predictor", "Predictor", "asks the network: a*b* and confidence", "photochrom.colorizer"),
    ("photochrom.inference.prediction", "Prediction", "puts a*b* on a page", "photochrom.colorizer"),
    (
        "photochrom.recolor.recolor",
        "recolor",
        "joins the file's lightness and a*b*",
        "photochrom.inference.prediction",
    ),
    ("photochrom.image_io.write", "save", "writes the file, whole or not at all", "photochrom.batch.output"),
)

STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1c2430}.name{font-weight:600}.note{fill:#4a5568;font-size:12.5px}"
    "rect{fill:#eef2f7;stroke:#8a97a8}.torch{fill:#fdeedc;stroke:#c08a4a}path{fill:none;stroke:#5b6778;stroke-width:1.5}"
)


def read_contracts() -> list[dict[str, Any]]:
    """Returns the import contracts of pyproject.toml."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    contracts: list[dict[str, Any]] = tools["importlinter"]["contracts"]
    return contracts


def read_layers() -> list[list[str]]:
    """Returns the packages of each layer, from the top, as the import contract has them."""
    contract = next(each for each in read_contracts() if each["type"] == "layers")
    return [
        [name.strip().removeprefix("photochrom.") for name in layer.replace(":", "|").split("|")]
        for layer in contract["layers"]
    ]


def read_torch_packages() -> set[str]:
    """Returns the packages that may import torch, as the import contract has them."""
    contract = next(each for each in read_contracts() if "torch" in each.get("forbidden_modules", ()))
    forbidden = {name.removeprefix("photochrom.") for name in contract["source_modules"]}
    return {name for layer in read_layers() for name in layer} - forbidden


def find_file(module: str) -> Path:
    """Returns the file of a module or package."""
    path = SOURCE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def find_imports(module: str) -> set[str]:
    """Returns the modules that a module imports, with those whose names it takes through a package's front."""
    found = set()
    for node in ast.walk(ast.parse(find_file(module).read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("photochrom."):
            continue
        source = node.module or ""
        found.add(source)
        file = find_file(source)
        if file.name == "__init__.py":
            names = {alias.name for alias in node.names}
            for inner in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(inner, ast.ImportFrom) and names & {alias.name for alias in inner.names}:
                    found.add(inner.module or "")
    return found


def find_calls() -> list[tuple[int, int]]:
    """Returns which step of the way opens which, by their numbers.

    Raises:
        ValueError: a function of the way does not exist, or a step does not import the one that it opens.
    """
    numbers = {module: number for number, (module, *_) in enumerate(WAY)}
    calls = []
    for number, (module, function, _, caller) in enumerate(WAY):
        names = {getattr(node, "name", "") for node in ast.parse(find_file(module).read_text(encoding="utf-8")).body}
        if function not in names:
            raise ValueError(f"{module} has no {function}: change WAY in {Path(__file__).name}.")
        if caller:
            if module not in find_imports(caller):
                raise ValueError(f"{caller} does not import {module}: change WAY in {Path(__file__).name}.")
            calls.append((numbers[caller], number))
    return calls


def frame(width: int, height: int, title: str, parts: list[str]) -> str:
    """Returns an SVG document of these parts."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" ',
            'markerWidth="7" markerHeight="7" orient="auto">',
            '<path d="M1 1 7 4 1 7"/></marker></defs>',
            f'<rect width="{width}" height="{height}" style="fill:#fff;stroke:none"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def box(x: int, y: int, width: int, name: str, note: str, kind: str = "") -> list[str]:
    """Returns a box with a name and a line below it."""
    kind = f' class="{kind}"' if kind else ""
    return [
        f'<rect{kind} x="{x}" y="{y}" width="{width}" height="46" rx="5"/>',
        f'<text class="name" x="{x + 12}" y="{y + 19}">{escape(name)}</text>',
        f'<text class="note" x="{x + 12}" y="{y + 37}">{escape(note)}</text>',
    ]


def draw_layers() -> str:
    """Returns the picture of the layers."""
    layers, torch, parts, y = read_layers(), read_torch_packages(), [], 44
    note = "A package imports those below it alone. Orange: may import torch."
    parts.append(f'<text class="note" x="16" y="26">{note}</text>')
    for layer in layers:
        width = (868 - 12 * (len(layer) - 1)) // len(layer)
        for column, name in enumerate(layer):
            kind = "torch" if name in torch else ""
            parts += box(16 + column * (width + 12), y, width, name, PURPOSES[name], kind)
        y += 56
    return frame(900, y + 8, "The layers of photochrom, from the command down to the errors", parts)


def draw_way() -> str:
    """Returns the picture of a photo's way."""
    calls, parts = find_calls(), []
    depth = [0] * len(WAY)
    for caller, number in calls:
        depth[number] = depth[caller] + 1
    for number, (module, function, note, _) in enumerate(WAY):
        name = f"{module.removeprefix('photochrom.')}  ·  {function}"
        parts += box(16 + 44 * depth[number], 16 + 62 * number, 440, name, note)
    for caller, number in calls:
        x, start, end = 30 + 44 * depth[caller], 62 + 62 * caller, 39 + 62 * number
        parts.append(f'<path d="M{x} {start}V{end}H{16 + 44 * depth[number]}" marker-end="url(#tip)"/>')
    width = 16 + 44 * max(depth) + 440 + 16
    return frame(width, 16 + 62 * len(WAY), "A photo's way from the command to its file", parts)


DRAWINGS = {"layers.svg": draw_layers, "way-of-a-photo.svg": draw_way}

if __name__ == "__main__":
    for file_name, draw in DRAWINGS.items():
        (FOLDER / file_name).write_text(draw(), encoding="utf-8")
        sys.stdout.write(f"{FOLDER / file_name}\n")
