"""IIIF Presentation API 3.0: a manifest with one canvas a photo, where viewers choose between original and result."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import quote, urlsplit

from photochrom.batch.archive.run_files import ColoredPhoto, StoredPhoto
from photochrom.errors import InputError, OptionError

__all__ = ["SHOWN_BY_BROWSERS", "Addresses", "build_manifest", "read_template"]

_CONTEXT = "http://iiif.io/api/presentation/3/context.json"
SHOWN_BY_BROWSERS = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp"})

LanguageMap = dict[str, list[str]]


@dataclass(frozen=True)
class _LabelValue:
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    label: LanguageMap
    value: LanguageMap


@dataclass(frozen=True, kw_only=True)
class _Template:
    """Properties of a manifest that say what it is about (Presentation API 3.0, 3.1 to 3.3), by their own names."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    label: LanguageMap = field(default_factory=dict)
    summary: LanguageMap = field(default_factory=dict)
    metadata: list[_LabelValue] = field(default_factory=list)
    requiredStatement: _LabelValue | None = None  # noqa: N815
    rights: str = ""
    provider: list[dict[str, Any]] = field(default_factory=list)
    homepage: list[dict[str, Any]] = field(default_factory=list)
    seeAlso: list[dict[str, Any]] = field(default_factory=list)  # noqa: N815
    rendering: list[dict[str, Any]] = field(default_factory=list)
    partOf: list[dict[str, Any]] = field(default_factory=list)  # noqa: N815
    behavior: list[str] = field(default_factory=list)
    viewingDirection: Literal["left-to-right", "right-to-left", "top-to-bottom", "bottom-to-top"] = (  # noqa: N815
        "left-to-right"
    )


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the files will be on the web.

    Args:
        results: of the folder of results, where the manifest will be too.
        originals: of the folder of originals; None where they lie in the same folder.
        image_service: of an Image API 3 service; its identifiers are paths below a folder, with the folder's name. None
            where images are fetched as files.

    Raises:
        OptionError: one is not an address of the web.
    """

    results: str
    originals: str | None = None
    image_service: str | None = None

    def __post_init__(self) -> None:
        for name in ("results", "originals", "image_service"):
            address = getattr(self, name)
            if address is None:
                continue
            parts = urlsplit(address)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
                raise OptionError("archive.address_wrong", address=address)
            object.__setattr__(self, name, address.rstrip("/"))

    def of(self, photo: StoredPhoto, folder: str) -> str:
        """Returns the address of a file below the address of its folder."""
        return f"{folder}/{quote(os.fsencode(photo.relative))}"


def read_template(path: Path) -> dict[str, Any]:
    """Reads what a manifest is to say besides its canvases: its label, rights, provider and the like, as IIIF has them.

    Raises:
        InputError: it cannot be read, is not JSON, or has a property or a value that does not belong there.
    """
    from pydantic import ValidationError

    try:
        entries = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise InputError("archive.template_unreadable", path=path, reason=error.strerror or str(error)) from None
    except (ValueError, RecursionError):
        raise InputError("archive.template_not_json", path=path) from None
    try:
        _adapter().validate_json(json.dumps(entries), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the whole"
        if first["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
            raise InputError("archive.template_property", path=path, key=key) from None
        raise InputError("archive.template_value", path=path, key=key, reason=first["msg"]) from None
    read: dict[str, Any] = entries
    return read


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(_Template)


def build_manifest(
    photos: Sequence[ColoredPhoto], addresses: Addresses, *, name: str, events: str, template: dict[str, Any]
) -> dict[str, Any]:
    """Returns a manifest as JSON has it.

    Args:
        photos: one canvas each, in this order.
        addresses: where the files will be.
        name: of the manifest's file.
        events: what is added to a result's name for that of its PREMIS document.
        template: what it says besides, from :func:`read_template`.
    """
    makers = sorted({f"photochrom {photo.version} ({photo.model})" for photo in photos})
    statement = "The colours of the coloured pictures are synthetic. They were added by " + ", ".join(makers) + "."
    base = addresses.results
    return {
        "@context": _CONTEXT,
        "id": f"{base}/{name}",
        "type": "Manifest",
        "label": {"none": [photos[0].result.root.resolve().name]},
        "requiredStatement": {"label": {"en": ["Colours"]}, "value": {"en": [statement]}},
        **template,
        "items": [
            _build_canvas(photo, f"{base}/canvas/{number}", addresses, events)
            for number, photo in enumerate(photos, start=1)
        ],
    }


def _build_canvas(photo: ColoredPhoto, canvas: str, addresses: Addresses, events: str) -> dict[str, Any]:
    size = {"width": photo.width, "height": photo.height}
    original = _build_image(photo.original, addresses.originals or addresses.results, addresses, "Original", size)
    result = _build_image(photo.result, addresses.results, addresses, "Coloured by software", size)
    return {
        "id": canvas,
        "type": "Canvas",
        "label": {"none": [photo.original.name.partition("/")[2]]},
        **size,
        "seeAlso": [
            {
                "id": addresses.of(photo.result, addresses.results) + events,
                "type": "Dataset",
                "label": {"en": ["PREMIS: how it was coloured"]},
                "format": "application/xml",
                "profile": "http://www.loc.gov/premis/v3",
            }
        ],
        "items": [
            {
                "id": f"{canvas}/page",
                "type": "AnnotationPage",
                "items": [
                    {
                        "id": f"{canvas}/painting",
                        "type": "Annotation",
                        "motivation": "painting",
                        # the first is what viewers show until another is chosen
                        "body": {"type": "Choice", "items": [original, result]},
                        "target": canvas,
                    }
                ],
            }
        ],
    }


def _build_image(
    photo: StoredPhoto, folder: str, addresses: Addresses, label: str, size: dict[str, int]
) -> dict[str, Any]:
    image: dict[str, Any] = {"type": "Image", "label": {"en": [label]}, **size}
    if addresses.image_service is None:
        return {"id": addresses.of(photo, folder), **image, "format": photo.media_type}
    # a slash within an identifier is written as %2F (Image API 3.0, 3)
    service = f"{addresses.image_service}/{quote(photo.name, safe='')}"
    return {
        "id": f"{service}/full/max/0/default.jpg",
        **image,
        "format": "image/jpeg",
        "service": [{"id": service, "type": "ImageService3", "profile": "level1"}],
    }
