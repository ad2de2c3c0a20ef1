"""``photochrom models``: what is installed, and what each network says about itself."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from photochrom.registry import Model, ModelCard, find_model, model_names

__all__ = ["models"]


def models(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A network's name or weights file, to see its card in full.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the networks that are installed, or show one's card."""
    if name is not None:
        model = find_model(name)
        typer.echo(json.dumps(_entries(model), indent=1) if as_json else _card(model))
        return
    found = [find_model(name) for name in model_names()]
    typer.echo(json.dumps([_entries(model) for model in found], indent=1) if as_json else _table(found))


def _entries(model: Model) -> dict[str, Any]:
    return {**asdict(model.card), "file": str(model.path), "bytes": len(model.data)}


def _table(found: list[Model]) -> str:
    rows = [("name", "parameters", "size", "licence", "scores")]
    rows += [
        (
            model.card.name,
            f"{model.card.parameters / 1e6:.1f} M",
            f"{len(model.data) / 1e6:.1f} MB",
            model.card.license,
            _scores(model.card),
        )
        for model in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _scores(card: ModelCard) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in card.scores.items())


def _card(model: Model) -> str:
    entries = _entries(model)
    # hundreds of numbers tell a reader nothing; --json has them
    entries["bins"] = f"{len(model.card.bins)} colours"
    entries["scores"] = _scores(model.card)
    entries["parameters"] = f"{model.card.parameters:,}"
    entries["bytes"] = f"{len(model.data):,}"
    for key in ("inputs", "outputs", "sizes"):
        entries[key] = ", ".join(map(str, entries[key]))
    width = max(map(len, entries))
    return "\n".join(f"{key.ljust(width)}  {value}" for key, value in entries.items())
