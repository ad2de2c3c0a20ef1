"""How results are shown: the options of every door, each defined and checked here."""

from dataclasses import dataclass
from typing import Annotated

from photochrom.errors import OptionError
from photochrom.options import Help, Range, check_number, range_of

__all__ = ["CAPTION", "COMPARISONS", "LAYERS", "PLACES", "DisplayOptions"]

#: where a mark can be: in a corner of the picture, or on a band outside it
PLACES = ("bottom-right", "bottom-left", "top-right", "top-left", "below", "above")
#: how an original and its colouring can stand in one picture
COMPARISONS = ("side-by-side", "stacked")
#: files that a layer can be, by their suffix
LAYERS = ("png", "tif", "ora")
#: what is written under an original and its colouring
CAPTION = "Original|Coloured by photochrom"
#: letters of a mark or a caption
MOST_LETTERS = 200


@dataclass(frozen=True, kw_only=True)
class DisplayOptions:
    """How a result is shown to people.

    Args:
        mark: words that are set into the picture; None for none.
        mark_place: one of :data:`PLACES`.
        mark_size: height of the mark's letters, percent of the photo's short side.
        mark_font: a font file, or the name of an installed font; None for Pillow's own, which has the letters of ASCII.
        compare: also make a picture of original and result, one of :data:`COMPARISONS`; None for none.
        caption: its words, ``"left|right"`` or one line for both; empty for none.
        layer: also make a layer of colour, one of :data:`LAYERS`; None for none.

    Raises:
        OptionError: a value is out of range, or the font cannot be read or lacks a letter.
    """

    mark: Annotated[str | None, Help('Set words into each result: "Coloured by software".', "TEXT")] = None
    mark_place: Annotated[str, Help(f"Of the mark: {', '.join(PLACES)}.", "PLACE")] = PLACES[0]
    mark_size: Annotated[
        float, Range(1.0, 20.0), Help("Of the mark: height of its letters, percent of the photo's short side.")
    ] = 3.0
    mark_font: Annotated[
        str | None, Help("Of mark and caption: a font file. [default: one with ASCII letters]", "FILE")
    ] = None
    compare: Annotated[
        str | None, Help("Write NAME.compare.EXT too, original and result: side-by-side or stacked.", "WAY")
    ] = None
    caption: Annotated[str, Help(f'Under original and result: words, "" for none. [default: "{CAPTION}"]', "TEXT")] = (
        CAPTION
    )
    layer: Annotated[
        str | None, Help("Write NAME.layer.EXT too, the colour alone for image editors: png, tif or ora.", "EXT")
    ] = None

    def __post_init__(self) -> None:
        _check_choice("mark_place", self.mark_place, PLACES)
        check_number("mark_size", self.mark_size, range_of(type(self), "mark_size"))
        if self.compare is not None:
            _check_choice("compare", self.compare, COMPARISONS)
        if self.layer is not None:
            _check_choice("layer", self.layer, LAYERS)
        for name, text in (("mark", self.mark or " "), ("caption", self.caption or " ")):
            if len(text) > MOST_LETTERS or not text.isprintable():
                raise OptionError("option.words_unfit", name=name, limit=MOST_LETTERS)
        written = [*([self.mark] if self.mark else []), *([self.caption] if self.compare else [])]
        if written or self.mark_font is not None:
            # before any photo is coloured in vain
            from photochrom.presentation.lettering import check_letters

            check_letters("".join(written), self.mark_font)


def _check_choice(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise OptionError("option.not_one_of", name=name, value=repr(value), known=", ".join(known))
