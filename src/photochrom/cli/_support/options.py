"""Flags that several commands have, with one meaning."""

from typing import Annotated

import typer

__all__ = ["Device", "Model", "Quiet", "Strength", "Vividness"]

Model = Annotated[str | None, typer.Option(metavar="NAME|FILE", help="The network; see  photochrom models.")]
Vividness = Annotated[
    float, typer.Option(metavar="0..2", help="How bold the colours are: 0 careful, 1 natural, 2 bold.")
]
Strength = Annotated[
    float, typer.Option(metavar="0..1.5", help="How much of the colour is put on: 0 none, 1 all of it.")
]
Device = Annotated[str, typer.Option(metavar="NAME", help="auto, cpu, cuda, coreml, directml or openvino.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
