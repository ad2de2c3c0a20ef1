"""Reads what a result says of itself, and proves what can be proved."""

import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from photochrom.errors import InputError, MissingDependencyError, OptionError, PhotochromError
from photochrom.image_io import MAX_PIXELS, Page, Picture, read_picture
from photochrom.image_io.film_starts import START_BYTES, is_film_start
from photochrom.image_io.formats import sniff
from photochrom.image_io.lossless_jpeg import count_kept_luma
from photochrom.image_io.provenance import UNMARKED, Mark, read_mark
from photochrom.messages import render
from photochrom.provenance.lightness import LightnessReport, Reencode, compare_lightness
from photochrom.provenance.manifest import MEDIA_TYPES, Manifest, has_manifest, read_manifest
from photochrom.provenance.signer import hash_file

__all__ = ["Finding", "Verification", "verify"]

_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
#: formats whose files may have a loss; a TIFF by its compression
_LOSSY = frozenset({"JPEG", "JPEG2000", "WEBP", "AVIF", "HEIF", "GIF"})
#: what a film of ours says in its comment
_FILM_MARK = re.compile(rb"made by photochrom (\S{1,40}) \((.{1,200}?)\) from the luma of the film")
#: where a film's metadata stands: at its beginning or its end
_EDGE = 64 << 20


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Attributes:
        name: of the sentence, in :mod:`photochrom.messages.provenance`.
        holds: whether it speaks for the file; None where it speaks neither for it nor against it.
        text: in words.
    """

    name: str
    holds: bool | None
    text: str


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What is known of a result.

    Attributes:
        path: the file.
        mark: what its metadata says.
        manifest: what its signed manifest says.
        luma: how many DCT coefficients of luma are the original's, bit for bit; None where not all are, or where they
            were not looked at.
        lightness: each page against its original; empty where no original was given, or where the luma says it all.
        findings: the same in words, in order.
    """

    path: Path
    mark: Mark | None
    manifest: Manifest | None
    luma: int | None
    lightness: tuple[LightnessReport, ...]
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether something speaks for the file, and nothing against it."""
        said = [finding.holds for finding in self.findings]
        return True in said and False not in said

    def to_json(self) -> dict[str, Any]:
        """Returns it as JSON has it."""
        return {
            "file": str(self.path),
            "holds": self.holds,
            "mark": None if self.mark is None else asdict(self.mark),
            "manifest": None if self.manifest is None else asdict(self.manifest),
            "luma": self.luma,
            "lightness": [asdict(page) for page in self.lightness],
            "findings": [asdict(finding) for finding in self.findings],
        }


def verify(
    path: str | Path,
    original: str | Path | None = None,
    *,
    trust: str | Path | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Verification:
    """Says what was done to a file, by what, whether it was changed since, and whether its lightness is the original's.

    Args:
        path: a result: a photo, or a film.
        original: what it was made of.
        trust: a file of certificates, PEM, of the authorities that are trusted; None to leave that open.
        max_pixels: refuse photos with more pixels than this.

    Raises:
        InputError: a file cannot be read, or is neither photo nor film.
        OptionError: ``trust`` holds no certificate.
    """
    path = Path(path)
    kind = _find_kind(path)
    is_film = kind.startswith(".")
    mark = _read_film_mark(path) if is_film else read_mark(path)
    findings = [_tell_mark(mark, kind)]
    manifest, about = _check_manifest(path, kind, None if trust is None else _read_trust(Path(trust)))
    if manifest is not None and mark is None:
        # what is signed says more than what is not
        findings = [] if manifest.model else findings
    findings += about
    lightness: tuple[LightnessReport, ...] = ()
    luma: int | None = None
    if original is not None:
        if manifest is not None and manifest.sha256 is not None:
            findings.append(_tell_parent(manifest, Path(original)))
        luma = None if is_film else _count_luma(path, Path(original), kind)
        if luma is not None:
            findings.append(_find("provenance.luma_kept", True, count=luma))
        elif is_film:
            findings.append(_find("provenance.film_not_compared", None))
        else:
            lightness, more = _check_lightness(path, Path(original), max_pixels)
            findings += more
    return Verification(
        path=path, mark=mark, manifest=manifest, luma=luma, lightness=lightness, findings=tuple(findings)
    )


def _find(code: str, holds: bool | None, **details: object) -> Finding:
    return Finding(code.partition(".")[2], holds, str(render(code, details)))


def _find_kind(path: Path) -> str:
    """Returns the format of a photo, or the suffix of a film, lower case."""
    try:
        with path.open("rb") as stream:
            start = stream.read(START_BYTES)
    except OSError as error:
        raise InputError("photo.unreadable", path=path, reason=error.strerror or str(error)) from None
    try:
        return sniff(start, path.name)
    except PhotochromError as error:
        if error.code == "photo.is_video" or is_film_start(start):
            return path.suffix.lower() or ".mp4"
        raise InputError("provenance.not_a_result", path=path, reason=str(error).rstrip(".")) from error


def _read_film_mark(path: Path) -> Mark | None:
    with path.open("rb") as stream:
        text = stream.read(_EDGE)
        stream.seek(max(0, path.stat().st_size - _EDGE))
        text += stream.read()
    found = _FILM_MARK.search(text)
    return Mark(found[2].decode("utf-8", "replace"), found[1].decode("utf-8", "replace")) if found else None


def _tell_mark(mark: Mark | None, kind: str) -> Finding:
    if mark is not None:
        program = f"photochrom {mark.version}" if mark.version else "photochrom"
        return _find("provenance.marked", True, program=program, model=mark.model)
    return _find("provenance.no_place", None, format=kind) if kind in UNMARKED else _find("provenance.unmarked", False)


def _read_trust(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError("photo.unreadable", path=path, reason=error.strerror or str(error)) from None
    if _CERTIFICATE not in content:
        raise OptionError("provenance.trust_unreadable", path=path)
    return content


def _check_manifest(path: Path, kind: str, trust: bytes | None) -> tuple[Manifest | None, list[Finding]]:
    if kind not in MEDIA_TYPES or not has_manifest(path):
        return None, [_find("provenance.unsigned", None)]
    try:
        manifest = read_manifest(path, MEDIA_TYPES[kind], trust=trust)
    except MissingDependencyError:
        return None, [_find("provenance.unread", False)]
    if manifest is None:
        return None, [_find("provenance.unsigned", None)]
    who = manifest.signer or manifest.issuer or "somebody"
    signer = f"{who} ({manifest.issuer})" if manifest.issuer not in ("", who) else who
    found = [_find("provenance.signed", None, signer=signer, deed=_tell_deed(manifest))]
    if manifest.faults:
        found.append(_find("provenance.changed", False, faults=", ".join(manifest.faults)))
    else:
        found.append(_find("provenance.intact", True))
    if manifest.is_trusted is None:
        found.append(_find("provenance.trust_unasked", None))
    else:
        found.append(_find("provenance.trusted", True) if manifest.is_trusted else _find("provenance.untrusted", False))
    return manifest, found


def _tell_deed(manifest: Manifest) -> str:
    if manifest.model is None:
        return f"By {manifest.generator or 'a program'}: {', '.join(manifest.actions) or 'nothing said'}."
    helped = [name for name, given in (("hints", manifest.hints), ("a reference", manifest.reference)) if given]
    by = f"with {' and '.join(helped)}" if helped else "without hints"
    return f"Coloured by {manifest.generator} with the network {manifest.model}, {by}."


def _tell_parent(manifest: Manifest, original: Path) -> Finding:
    same = hash_file(original) == manifest.sha256
    return _find("provenance.parent" if same else "provenance.other_parent", same, name=manifest.original or "")


def _count_luma(path: Path, original: Path, kind: str) -> int | None:
    if kind != "JPEG" or not original.is_file() or _find_kind(original) != "JPEG":
        return None
    try:
        return count_kept_luma(original, path)
    except (MissingDependencyError, OSError):
        # lightness is looked at instead
        return None


def _check_lightness(path: Path, original: Path, max_pixels: int) -> tuple[tuple[LightnessReport, ...], list[Finding]]:
    before, after = (read_picture(each, max_pixels=max_pixels) for each in (original, path))
    sizes = [", ".join(f"{page.width} x {page.height}" for page in picture.pages) for picture in (before, after)]
    if sizes[0] != sizes[1]:
        return (), [_find("provenance.other_size", False, original=sizes[0], result=sizes[1])]
    reports, findings = [], []
    for number, (old, new) in enumerate(zip(before.pages, after.pages, strict=True)):
        encoding = after.metadata.encoding
        report = compare_lightness(
            old,
            new,
            reencode=_find_encoder(after, number),
            half=encoding.half,
            associated=encoding.tiff_associated[number : number + 1] == (True,),
        )
        reports.append(report)
        finding = _tell_lightness(report, after, new)
        if len(after.pages) > 1:
            finding = replace(finding, text=f"Page {number + 1}: {finding.text}")
        findings.append(finding)
    return tuple(reports), findings


def _find_encoder(picture: Picture, number: int) -> Reencode | None:
    """Returns what encodes a page as its file was, where that has a loss."""
    encoding = picture.metadata.encoding
    if picture.format not in _LOSSY or (picture.format == "WEBP" and encoding.webp_lossless):
        return None

    def again(page: Page) -> Page:
        pages = tuple(page if place == number else each for place, each in enumerate(picture.pages))
        return read_picture(replace(picture, pages=pages).to_bytes(picture.format)).pages[number]

    return again


def _tell_lightness(report: LightnessReport, picture: Picture, page: Page) -> Finding:
    shown = {"pixels": report.pixels, "largest": f"{report.largest:.2f}"}
    if report.exact:
        bits = {1: "8 bits", 2: "16 bits"}.get(page.pixels.dtype.itemsize, "floating point")
        return _find("provenance.exact", True, pixels=report.pixels, bits=bits, mean=f"{report.mean:.4f}")
    if report.within_encoder:
        return _find("provenance.within", True, **shown, format=picture.format, mean=f"{report.mean:.2f}")
    x, y = report.first or (0, 0)
    return _find("provenance.deviates", False, **shown, count=report.deviating, x=x, y=y)
