"""Signs what the service hands out, where its settings name a certificate."""

import os
from functools import cache
from pathlib import Path

from photochrom.errors import OptionError
from photochrom.provenance.manifest import MEDIA_TYPES, Claim
from photochrom.provenance.signer import Signer, check_signable, hash_file, load_signer
from photochrom.result import Result
from photochrom.web.schemas.options import ColorizeOptions

__all__ = ["CERTIFICATE", "KEY", "find_signer", "save_signed"]

#: the settings: files with the certificate chain and the key, PEM
CERTIFICATE, KEY = "PHOTOCHROM_SIGN_CERTIFICATE", "PHOTOCHROM_SIGN_KEY"


@cache
def find_signer() -> Signer | None:
    """Returns what signs results, read once; None where the settings name nothing.

    Raises:
        OptionError: only one of the two is named, or they cannot sign.
        MissingDependencyError: the library is not installed.
    """
    certificate, key = os.environ.get(CERTIFICATE), os.environ.get(KEY)
    if not certificate and not key:
        return None
    if not certificate or not key:
        raise OptionError(
            "service.half_signer",
            given=CERTIFICATE if certificate else KEY,
            missing=KEY if certificate else CERTIFICATE,
        )
    return load_signer(certificate, key)


def save_signed(
    result: Result, path: Path, format_name: str, *, title: str, original: Path, name: str, options: ColorizeOptions
) -> None:
    """Writes a result to a path, and signs it where the settings say so.

    Args:
        result: of a colouring.
        path: where to; whole and signed, or not there.
        format_name: of the file.
        title: the name a client gets it under.
        original: the photo's file.
        name: what the client calls the photo.
        options: how it was coloured.

    Raises:
        UnsupportedPictureError: the format cannot hold the result, or cannot be signed.
        WriteError: it cannot be written or signed.
    """
    signer = find_signer()
    if signer is None:
        result.save(path, format=format_name)
        return
    check_signable(format_name, len(result.picture.pages))
    part = result.save(path.with_name(f"{path.name}.unsigned"), format=format_name, overwrite=True)
    claim = Claim(
        title=title,
        model=result.model,
        hints=bool(options.hints),
        reference=options.reference is not None,
        original=name,
        sha256=hash_file(original),
    )
    try:
        signer.sign(part, claim, original, media_type=MEDIA_TYPES[format_name])
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
