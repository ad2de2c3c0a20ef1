"""How results are saved, besides their format: signed, or with the luma of their photo bit for bit."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from photochrom.errors import UnsupportedPictureError
from photochrom.image_io import Picture

if TYPE_CHECKING:
    from photochrom.provenance.signer import Signer

__all__ = ["Saving"]


@dataclass(frozen=True, kw_only=True)
class Saving:
    """How results are saved.

    Attributes:
        lossless: keep the luma of a JPEG bit for bit; see :mod:`photochrom.image_io.lossless_jpeg`.
        signer: signs each result with C2PA; None for none.
        hints: whether a person gave colours at places, which a signed result says.
        reference: whether another photo gave colours.
    """

    lossless: bool = False
    signer: "Signer | None" = field(default=None, repr=False)
    hints: bool = False
    reference: bool = False

    def check(self, format_name: str, name: str, picture: Picture | None = None) -> None:
        """Refuses what cannot be saved so.

        Args:
            format_name: of the result.
            name: the photo's, for errors.
            picture: the result, where it is there.

        Raises:
            UnsupportedPictureError: C2PA cannot sign it, or it has no luma that could be kept.
        """
        if self.lossless:
            formats = {format_name, *(() if picture is None else (picture.format,))}
            if formats != {"JPEG"}:
                raise UnsupportedPictureError("photo.lossless_form", name=name, format=min(formats - {"JPEG"}))
        if self.signer is not None:
            from photochrom.provenance.signer import check_signable

            check_signable(format_name, len(picture.pages) if picture is not None else 1)

    def encode(self, picture: Picture, original: Path) -> bytes | None:
        """Returns the file of a result whose luma is kept; None where it is saved as usual.

        Raises:
            MissingDependencyError: the library for it is not installed.
            UnsupportedPictureError: the original is a JPEG of another kind.
        """
        if not self.lossless:
            return None
        from photochrom.image_io.lossless_jpeg import join_luma

        return join_luma(original.read_bytes(), picture, name=original.name)

    def finish(self, path: Path, format_name: str, *, title: str, model: str, original: Path) -> None:
        """Signs a complete result, where that was asked for.

        Args:
            path: where it lies for now.
            format_name: its format, or a film's suffix.
            title: the name it will have.
            model: the network's name.
            original: what it was made of.

        Raises:
            WriteError: it cannot be signed.
        """
        if self.signer is None:
            return
        from photochrom.provenance.manifest import MEDIA_TYPES, Claim
        from photochrom.provenance.signer import hash_file

        claim = Claim(
            title=title,
            model=model,
            hints=self.hints,
            reference=self.reference,
            original=original.name,
            sha256=hash_file(original),
        )
        self.signer.sign(path, claim, original, media_type=MEDIA_TYPES[format_name])
