"""XMP files beside photos, as Lightroom, darktable and digiKam write them, which go along with a result."""

from contextlib import suppress
from pathlib import Path

from photochrom import __version__
from photochrom.image_io.metadata.xmp import add_provenance, is_packet, remove_placement
from photochrom.image_io.metadata.xmp_history import add_history

__all__ = ["find_xmp", "name_xmp", "recolor_xmp"]


def find_xmp(source: Path) -> Path | None:
    """Returns the XMP file of a photo: ``NAME.EXT.xmp``, or else ``NAME.xmp``; None without one."""
    for name in (f"{source.name}.xmp", f"{source.name}.XMP", f"{source.stem}.xmp", f"{source.stem}.XMP"):
        path = source.with_name(name)
        # a name may become too long
        with suppress(OSError):
            if path.is_file() and path != source:
                return path
    return None


def name_xmp(sidecar: Path, source: Path, target: Path, *, whole: bool) -> Path:
    """Returns where the XMP file of a result lies, named after the result as its own is after the photo.

    Args:
        sidecar: the photo's XMP file.
        source: the photo.
        target: the result.
        whole: keep the result's suffix in any case, because two results differ in nothing else.
    """
    keeps_suffix = whole or sidecar.stem == source.name
    return target.with_name(f"{target.name if keeps_suffix else target.stem}{sidecar.suffix}")


def recolor_xmp(packet: bytes, *, model: str, turned: bool) -> bytes:
    """Returns the content of a result's XMP file, which says that its colour is synthetic, in its history too.

    Args:
        packet: of the photo's XMP file; one that is not XMP stays as it is.
        model: the network's name.
        turned: the photo was turned upright, so the file must not ask for it again.
    """
    if not is_packet(packet):
        return packet
    packet = remove_placement(packet) if turned else packet
    program = f"photochrom {__version__}"
    done = f"Colours added by the network {model}. The lightness is the original's."
    packet = add_history(packet, parameters=done, agent=program)
    return add_provenance(packet, system=f"photochrom ({model})", version=program)
