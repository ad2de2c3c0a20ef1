"""Compares a coloured file with its source through other readers: lightness, alpha, frames and metadata."""

import io
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

__all__ = ["Frame", "compare", "read_frames", "read_strictly"]

with suppress(ImportError):
    import pillow_heif

    pillow_heif.register_heif_opener()
#: how far lightness may be off: mean, and 99th of a hundred, L* units
EXACT, LOSSY, PALETTE = (0.6, 1.6), (2.5, 12.0), (4.0, 20.0)
#: tags that say how a file is laid out, or that differ on purpose: orientation, offsets, thumbnail
_LAYOUT = {254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 274, 277, 278, 279, 280, 281, 284, 292, 293, 297, 301, 317}
_LAYOUT |= {
    318,
    319,
    320,
    321,
    322,
    323,
    324,
    325,
    326,
    327,
    328,
    330,
    336,
    338,
    339,
    340,
    341,
    347,
    512,
    513,
    514,
    519,
    520,
    521,
    529,
    530,
}
#: and layers of Photoshop, which are gray
_LAYOUT |= {332, 333, 334, 531, 532, 700, 32995, 32996, 33723, 34377, 34665, 34675, 34853, 37724, 40965}


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a file as another reader shows it: L* and alpha 0..1, both (H,W), and its time."""

    lightness: NDArray[Any]
    alpha: NDArray[Any] | None
    duration: float


def read_frames(path: Path) -> list[Frame]:
    """Return all pictures of a file as Pillow reads them, or tifffile, upright; raises what Pillow raises."""
    try:
        return read_strictly(path)
    except Exception:  # of whatever kind
        if path.suffix not in (".tif", ".tiff"):
            raise
        frames = _read_by_imagemagick(path)
        try:
            return frames or _read_by_tifffile(path)
        except ValueError:  # a compression that it does not know alone
            return _read_by_opencv(path)


def _read_by_tifffile(path: Path) -> list[Frame]:
    import tifffile

    frames = []
    with tifffile.TiffFile(path) as file:
        for page in file.pages:
            values = page.asarray()
            frames.append(_from_values(values, inverted=getattr(page, "photometric", 1) == 0))
    return frames


def _read_by_opencv(path: Path) -> list[Frame]:
    import cv2

    _, pages = cv2.imreadmulti(str(path), flags=cv2.IMREAD_UNCHANGED)
    if not pages:
        raise ValueError(f"OpenCV reads nothing of {path.name}")
    # blue comes first
    return [_from_values(page if page.ndim == 2 else page[..., 2::-1], inverted=False) for page in pages]


def _from_values(values: NDArray[Any], *, inverted: bool) -> Frame:
    top = np.iinfo(values.dtype).max if values.dtype.kind == "u" else 1.0
    rgb = values[..., :3] / top if values.ndim == 3 else np.repeat(values[..., None] / top, 3, axis=2)
    return Frame(_lightness(np.clip(1 - rgb if inverted else rgb, 0, 1)), None, 0.0)


def read_strictly(path: Path) -> list[Frame]:
    """Return all pictures of a file as Pillow reads them, upright; raises what Pillow raises."""
    frames = []
    with Image.open(path) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            if getattr(image, "tag_v2", {}).get(254, 0) & 1:
                continue  # a smaller copy of another page
            image.load()
            duration = float(image.info.get("duration") or 0)
            upright = ImageOps.exif_transpose(image)
            frames.append(Frame(*_to_planes(upright, image.info), duration))
    return frames


def _to_planes(image: Any, info: dict[Any, Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image).astype(np.float64)
        values = values / 65535 if image.mode != "F" else values
        rgb = np.repeat(np.clip(values, 0, 1)[..., None], 3, axis=2)
        key, gamma = info.get("transparency"), _find_gamma(info)
        lightness = _lightness(rgb) if gamma is None else _lightness_of_light(rgb ** (1 / gamma))
        return lightness, None if key is None else (np.asarray(image) != key).astype(float)
    has_alpha = image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in info
    alpha = np.asarray(image.convert("RGBA"))[..., 3] / 255 if has_alpha else None
    profile = info.get("icc_profile")
    plain = image.convert("RGBA").convert("RGB") if has_alpha or image.mode == "P" else image
    if plain.mode in ("1", "LAB", "HSV", "YCbCr"):
        plain = plain.convert("L" if plain.mode == "1" else "RGB")
    rgb_image = _to_srgb(plain, profile) if profile else plain.convert("RGB")
    gamma = _find_gamma(info)
    if gamma is None:
        return _lightness(np.asarray(rgb_image)), alpha
    return _lightness_of_light((np.asarray(rgb_image) / 255) ** (1 / gamma)), alpha


def _find_gamma(info: dict[Any, Any]) -> float | None:
    """Returns the gamma that a PNG names and Pillow does not apply; None where the values are sRGB."""
    gamma = info.get("gamma")
    is_srgb = "icc_profile" in info or "srgb" in info or not gamma or abs(gamma * 2.2 - 1) < 0.05
    return None if is_srgb else gamma


def _to_srgb(image: Any, profile: bytes) -> Any:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space != {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}.get(image.mode):
            return image.convert("RGB")
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        converted = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode="RGB", flags=flags
        )
        return converted if converted is not None else image.convert("RGB")
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")


def _to_light(values: NDArray[Any]) -> NDArray[Any]:
    light: NDArray[Any] = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)


_BYTES = _to_light(np.arange(256) / 255)


def _lightness(rgb: NDArray[Any]) -> NDArray[Any]:
    """Return L* of sRGB, bytes or 0..1."""
    return _lightness_of_light(_BYTES[rgb] if rgb.dtype == np.uint8 else _to_light(rgb))


def _lightness_of_light(light: NDArray[Any]) -> NDArray[Any]:
    y = light @ np.array([0.2126729, 0.7151522, 0.0721750], np.float32)
    found: NDArray[Any] = np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * np.float32(24389 / 27))
    return found


def compare(source: Path, target: Path, format_name: str, notes: Sequence[str]) -> Iterator[str]:
    """Yield what differs between a file and its coloured result, a few words each; what a note says is no fault."""
    try:
        meant = read_frames(source)
    except Exception:  # where other readers fail there is nothing to compare with
        meant = _read_by_imagemagick(source)
        if not meant:
            return
    try:
        seen = read_frames(target)
    except Exception as error:  # a result that others cannot read is a fault whatever they say
        yield f"result unreadable: {type(error).__name__}: {error}"
        return
    if len(meant) != len(seen) and not any("left out" in note or "out of order" in note for note in notes):
        yield f"frames: {len(meant)} became {len(seen)}"
    yield from _compare_pixels(source, meant, seen, format_name)
    if len(meant) == len(seen) > 1:
        times = [(a.duration, b.duration) for a, b in zip(meant, seen, strict=True)]
        if any(abs(a - b) > 10 for a, b in times):
            yield f"durations: {times[:4]}"
    try:
        yield from list(_compare_metadata(source, target))
    except Exception:  # where Pillow fails at metadata, nobody knows what they should be
        return


def _compare_pixels(source: Path, meant: list[Frame], seen: list[Frame], format_name: str) -> Iterator[str]:
    limit = {"JPEG": LOSSY, "WEBP": LOSSY, "AVIF": LOSSY, "HEIF": LOSSY, "GIF": PALETTE}.get(format_name, EXACT)
    others: list[Frame] | None = None
    for number, (a, b) in enumerate(zip(meant, seen, strict=False)):
        if format_name == "GIF" and a.lightness.shape < b.lightness.shape:
            # a later frame has made the screen larger
            b = _crop(b, *a.lightness.shape)
        if a.lightness.shape != b.lightness.shape:
            yield f"size: {a.lightness.shape} became {b.lightness.shape}"
            return
        visible = np.ones(a.lightness.shape, bool) if a.alpha is None else a.alpha > 0.25
        mean, far = _distance(a, b, visible)
        if mean > limit[0] or far > limit[1]:
            # Pillow may be the one that is wrong
            others = _read_by_imagemagick(source) if others is None else others
            fitting = number < len(others) and others[number].lightness.shape == b.lightness.shape
            second = _distance(others[number], b, visible) if fitting else (mean, far)
            if second[0] > limit[0] or second[1] > limit[1]:
                yield f"lightness: frame {number} (mean {mean:.1f}, far {far:.1f}; by ImageMagick {second[0]:.1f})"
                return
        none = np.ones(a.lightness.shape)
        gap = np.abs((none if a.alpha is None else a.alpha) - (none if b.alpha is None else b.alpha))
        if (gap.max() > 0.01) if format_name != "GIF" else (np.mean(gap > 0.51) > 0.001):
            yield f"alpha: frame {number} ({gap.max():.2f})"
            return


def _crop(frame: Frame, height: int, width: int) -> Frame:
    alpha = None if frame.alpha is None else frame.alpha[:height, :width]
    return Frame(frame.lightness[:height, :width], alpha, frame.duration)


def _distance(a: Frame, b: Frame, visible: NDArray[Any]) -> tuple[float, float]:
    gap = np.abs(a.lightness - b.lightness)[visible]
    return (float(gap.mean()), float(np.percentile(gap, 99))) if gap.size else (0.0, 0.0)


def _read_by_imagemagick(path: Path) -> list[Frame]:
    program = shutil.which("magick") or shutil.which("convert")
    if program is None:
        return []
    command = [program, str(path), "-auto-orient", "-coalesce", "-colorspace", "sRGB", "-depth", "16", "PNG64:-"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    frames = []
    stream = io.BytesIO(done.stdout)
    while stream.read(8) == b"\x89PNG\r\n\x1a\n":
        stream.seek(-8, io.SEEK_CUR)
        begin = stream.tell()
        try:
            with Image.open(io.BytesIO(done.stdout[begin:])) as image:
                planes = np.asarray(image.convert("RGBA")) / 255
        except (OSError, SyntaxError, ValueError):
            break
        frames.append(Frame(_lightness(planes[..., :3]), planes[..., 3], 0.0))
        after = done.stdout.find(b"IEND", begin)
        stream.seek(after + 8)
    return frames


def _compare_metadata(source: Path, target: Path) -> Iterator[str]:
    with Image.open(source) as first, Image.open(target) as second:
        before, after = first.getexif(), second.getexif()
        for ifd in (None, 0x8769, 0x8825):
            one, two = (exif if ifd is None else exif.get_ifd(ifd) for exif in (before, after))
            lost = [tag for tag in one if tag not in _LAYOUT and tag not in two and one[tag] not in ("", b"")]
            if lost:
                yield f"exif: lost {lost[:6]}"
        dpi = [image.info.get("dpi") for image in (first, second)]
        if dpi[0] and dpi[0][0] > 1 and (not dpi[1] or abs(float(dpi[0][0]) - float(dpi[1][0])) > 0.6):
            yield f"dpi: {dpi[0]} became {dpi[1]}"
        for key in ("comment", "loop"):
            # an encoder's name is no comment on the picture
            if str(first.info.get(key, "")).startswith(("b'Created by", "b'Kakadu")):
                continue
            if first.info.get(key) and second.info.get(key) != first.info[key]:
                yield f"{key}: {str(first.info[key])[:30]!r} became {str(second.info.get(key))[:30]!r}"
        lost_texts = [key for key in getattr(first, "text", {}) if key not in getattr(second, "text", {})]
        lost_texts = [key for key in lost_texts if not key.startswith("Raw profile")]
        if lost_texts:
            yield f"text: lost {lost_texts}"
