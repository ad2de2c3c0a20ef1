"""C2PA manifests (specification 2.2): what one says, whether it is whole, and what ours say.

The library is ``c2pa-python``, the extra ``provenance``; it is opened where it is first needed.
"""

import json
import mmap
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from photochrom.errors import MissingDependencyError
from photochrom.image_io.metadata.xmp import COMPOSITE

__all__ = [
    "COLORING",
    "MEDIA_TYPES",
    "Claim",
    "Manifest",
    "build_manifest",
    "has_manifest",
    "load_c2pa",
    "read_manifest",
]

#: what can be signed: format of a photo or suffix of a film -> media type
MEDIA_TYPES = {
    "JPEG": "image/jpeg", "PNG": "image/png", "TIFF": "image/tiff", "WEBP": "image/webp", "AVIF": "image/avif",
    "HEIF": "image/heif", "GIF": "image/gif",
    ".mp4": "video/mp4", ".m4v": "video/x-m4v", ".mov": "video/quicktime", ".avi": "video/x-msvideo",
}  # fmt: skip
#: label of the assertion that says how the picture was coloured
COLORING = "io.github.photochrom.coloring"
#: type of the box that a manifest store is (C2PA 2.2, 11.1.4.2), the same bytes in every format
_STORE = bytes.fromhex("63327061001100108000 00aa00389b71")
_PARENT = "original"
#: the key of a signature's padding, as CBOR has it
_PAD = b"\x63pad"
#: bytes that the heads of segments take, at most, in the store of a JPEG
_HEADS = 4096
#: what does not touch the file: whom to trust is the reader's choice
_TRUST = ("signingCredential.untrusted",)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a manifest says of a result.

    Attributes:
        title: the result's file name.
        model: the network's name.
        hints: whether a person gave colours at places.
        reference: whether another photo gave colours.
        original: name of the original's file.
        sha256: of the original's bytes, hexadecimal.
    """

    title: str
    model: str
    hints: bool
    reference: bool
    original: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a file's active manifest says.

    Attributes:
        signer: whom the certificate names.
        issuer: the signer's organisation, as the certificate has it.
        generator: the program that made the claim, with its version.
        actions: what was done, by C2PA's names.
        source_type: the IPTC source type of the last action that has one.
        model: the network's name, where the manifest is ours; so are the next four.
        hints: whether a person gave colours at places.
        reference: whether another photo gave colours.
        original: name of the original's file.
        sha256: of the original's bytes.
        is_trusted: the certificate leads to one of the anchors given; None where none were given.
        faults: what the validator found wrong with signature or content, by C2PA's codes; none where the file is as it
            was signed.
    """

    signer: str = ""
    issuer: str = ""
    generator: str = ""
    actions: tuple[str, ...] = ()
    source_type: str = ""
    model: str | None = None
    hints: bool = False
    reference: bool = False
    original: str | None = None
    sha256: str | None = None
    is_trusted: bool | None = None
    faults: tuple[str, ...] = ()


def load_c2pa() -> Any:
    """Returns the library.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        import c2pa
    except ImportError as error:
        raise MissingDependencyError("Signing with C2PA", "provenance") from error
    return c2pa


def has_manifest(path: Path) -> bool:
    """Tells whether a file has a C2PA manifest in it, without the library."""
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(_STORE) >= 0


def _has_clean_padding(path: Path) -> bool:
    """Tells whether the room that a signature keeps free holds zeros alone (C2PA 2.2, 13.2.1): no hash covers it."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        inside = content.find(_STORE)
        # box and type of the store, box and type of its description
        start = max(0, inside - 16)
        stop = min(len(content), start + int.from_bytes(content[start : start + 4], "big") + _HEADS)
        store = content[start:stop]
    at = -1
    while (at := store.find(_PAD, at + 1)) >= 0:
        kind = store[at + 4]
        # the length of a byte string of CBOR stands in its first byte, or in 1, 2 or 4 bytes behind it
        wide = {0x58: 1, 0x59: 2, 0x5A: 4}.get(kind, 0)
        if not wide and not 0x40 <= kind < 0x58:
            return False
        size = int.from_bytes(store[at + 5 : at + 5 + wide], "big") if wide else kind - 0x40
        if any(store[at + 5 + wide : at + 5 + wide + size]):
            return False
    return True


def build_manifest(claim: Claim) -> dict[str, Any]:
    """Returns the definition of a result's manifest: its original was opened, and its colours adjusted by a network."""
    from photochrom import __version__

    agent = {"name": "photochrom", "version": __version__}
    guided = " guided by a person's hints" if claim.hints else ""
    adjusted = {
        "action": "c2pa.color_adjustments",
        "digitalSourceType": COMPOSITE,
        "softwareAgent": agent,
        "description": f"Coloured by the network {claim.model}{guided}. The lightness is the original's.",
        "parameters": {f"{COLORING}.model": claim.model, f"{COLORING}.hints": claim.hints},
    }
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [_PARENT]}}
    coloring = {
        "model": claim.model,
        "version": __version__,
        "hints": claim.hints,
        "reference": claim.reference,
        "original": {"name": claim.original, "sha256": claim.sha256},
    }
    return {
        "claim_generator_info": [agent],
        "title": claim.title,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [opened, adjusted]}},
            {"label": COLORING, "data": coloring},
        ],
    }


def build_parent(claim: Claim) -> dict[str, Any]:
    """Returns the definition of the original as the parent ingredient of :func:`build_manifest`."""
    return {
        "title": claim.original,
        "relationship": "parentOf",
        "instance_id": f"urn:sha256:{claim.sha256}",
        "label": _PARENT,
    }


def read_manifest(path: Path, media_type: str, *, trust: bytes | None = None) -> Manifest | None:
    """Reads and validates a file's active manifest.

    Args:
        path: the file.
        media_type: what it is.
        trust: certificates of authorities that are trusted, PEM.

    Returns:
        What it says; None for a file without one.

    Raises:
        MissingDependencyError: the library is not installed.
    """
    c2pa = load_c2pa()
    wanted: dict[str, Any] = {"verify": {"verify_trust": trust is not None, "remote_manifest_fetch": False}}
    if trust is not None:
        wanted["trust"] = {"trust_anchors": trust.decode("ascii", "replace")}
    try:
        with (
            c2pa.Context(c2pa.Settings.from_dict(wanted)) as context,
            path.open("rb") as stream,
            c2pa.Reader(media_type, stream, context=context) as reader,
        ):
            store = json.loads(reader.json())
    except c2pa.C2paError as error:
        if isinstance(error, c2pa.C2paError.ManifestNotFound):
            return None
        # a manifest that was itself changed may not even be taken apart
        return Manifest(faults=(type(error).__name__.lstrip("_").removeprefix("C2pa"),))
    found = _describe(store, is_asked=trust is not None)
    # a GIF is cut into blocks of 255 bytes, and the padding with it
    return (
        found
        if media_type == MEDIA_TYPES["GIF"] or _has_clean_padding(path)
        else replace(found, faults=(*found.faults, "padding"))
    )


def _describe(store: dict[str, Any], *, is_asked: bool) -> Manifest:
    manifest = store.get("manifests", {}).get(store.get("active_manifest"), {})
    found = {entry["label"]: entry.get("data", {}) for entry in manifest.get("assertions", [])}
    actions: list[dict[str, Any]] = next(
        (data["actions"] for label, data in found.items() if label.startswith("c2pa.actions")), []
    )
    ours = found.get(COLORING, {})
    failures = store.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
    codes = [entry["code"] for entry in failures]
    signed = manifest.get("signature_info", {})
    generator: dict[str, Any] = next(iter(manifest.get("claim_generator_info", [])), {})
    types = [action["digitalSourceType"] for action in actions if "digitalSourceType" in action]
    original = ours.get("original", {})
    return Manifest(
        signer=signed.get("common_name") or "",
        issuer=signed.get("issuer") or "",
        generator=" ".join(part for part in (generator.get("name"), generator.get("version")) if part),
        actions=tuple(action.get("action", "") for action in actions),
        source_type=types[-1] if types else "",
        model=ours.get("model"),
        hints=bool(ours.get("hints")),
        reference=bool(ours.get("reference")),
        original=original.get("name"),
        sha256=original.get("sha256"),
        is_trusted=not set(codes) & set(_TRUST) if is_asked else None,
        faults=tuple(dict.fromkeys(code for code in codes if code not in _TRUST)),
    )
