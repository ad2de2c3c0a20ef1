"""Writes fixtures.json: numbers of the Python side that the tests of this package hold TypeScript against.

Run it in a checkout:  python packages/core/tests/make_fixtures.py
"""

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from photochrom.color import conversion
from photochrom.color.hex import hex_to_ab, lab_to_hex
from photochrom.hints import Hint
from photochrom.image_io.icc.color_space import find_color_space
from photochrom.image_io.metadata.exif import make_block_upright, read_orientation
from photochrom.image_io.metadata.xmp import add_provenance, remove_placement, split_packet
from photochrom.image_io.types import Page
from photochrom.inference.guidance import Guidance
from photochrom.inference.hint_plane import hint_coverage
from photochrom.inference.palette_prior import bin_bias
from photochrom.inference.prediction import ColorDistribution
from photochrom.inference.propagation import spread
from photochrom.inference.views import PHOTO
from photochrom.recolor.downscale import shrink
from photochrom.recolor.recolor import recolor
from photochrom.steering.color_suggestions import distinct_colors
from photochrom.steering.variations import draw_hints

HERE = Path(__file__).parent
PACKET = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="a&amp;b" '
    b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" tiff:Orientation="6" '
    b"dc:format='image/jpeg'><dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">M\xc3\xbcnchen "
    b"&lt;1931&gt;</rdf:li></rdf:Alt>"
    b"</dc:title><tiff:ImageWidth>40</tiff:ImageWidth></rdf:Description></rdf:RDF></x:xmpmeta>"
    b'<?xpacket end="w"?>'
)


def pixels(height: int, width: int, channels: int, top: int) -> Any:
    """A picture that both sides make by the same formula."""
    y, x, c = np.indices((height, width, channels))
    values = (x * 5 + y * 3 + (x * y) // 17 * 11 + c * 29 + ((x // 9 + y // 7) % 2) * 60) % (top + 1)
    return values.astype(np.uint8 if top == 255 else np.uint16)


def planes(channels: int, height: int, width: int, low: float, high: float) -> Any:
    """Smooth planes, by the same formula on both sides."""
    c, y, x = np.indices((channels, height, width)).astype(np.float64)
    wave = np.sin(0.31 * x + 0.7 * c) * np.cos(0.23 * y - 0.4 * c)
    return (low + (high - low) * (wave + 1) / 2).astype(np.float32)


def page(height: int, width: int, channels: int, top: int = 255) -> Page:
    values = pixels(height, width, channels, top)
    return Page(np.ascontiguousarray(values[..., 0] if channels == 1 else values))


def floats(array: Any, digits: int = 5) -> Any:
    return [round(float(value), digits) for value in np.asarray(array).ravel()]


def distribution() -> ColorDistribution:
    bins = conversion.ab_bins(261)[::9]
    height, width = 12, 16
    scores = planes(len(bins), height, width, 0, 6).astype(np.float64)
    weight = np.exp(scores - 0.02 * np.hypot(*bins.T)[:, None, None])
    probability = (weight / weight.sum(0)).astype(np.float32)
    ab = np.tensordot(bins.T, probability, 1).astype(np.float32)
    confidence = probability.max(0)
    return ColorDistribution(planes(1, height, width, 20, 85)[0], probability, bins, ab, confidence)


def profile(name: str) -> bytes:
    """A profile of our own: gamma 1.8 with other primaries, or gray with gamma 2.2."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    del profile[128:]
    curve = b"curv\0\0\0\0\0\0\0\1" + (int((1.8 if name == "rgb" else 2.2) * 256)).to_bytes(2, "big") + b"\0\0"
    columns = {b"rXYZ": (0.5, 0.25, 0.01), b"gXYZ": (0.32, 0.66, 0.08), b"bXYZ": (0.1442, 0.09, 0.7349)}
    tags = {b"kTRC": curve} if name == "gray" else dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    if name == "rgb":
        for tag, xyz in columns.items():
            tags[tag] = b"XYZ \0\0\0\0" + b"".join(round(v * 65536).to_bytes(4, "big", signed=True) for v in xyz)
    profile[16:20] = b"RGB " if name == "rgb" else b"GRAY"
    table, data = len(tags).to_bytes(4, "big"), b""
    start = 128 + 4 + 12 * len(tags)
    for tag, value in tags.items():
        table += tag + (start + len(data)).to_bytes(4, "big") + len(value).to_bytes(4, "big")
        data += value
    whole = bytes(profile) + table + data
    return len(whole).to_bytes(4, "big") + whole[4:]


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def exif_case() -> dict[str, Any]:
    image = Image.new("L", (8, 4))
    exif = image.getexif()
    exif[274], exif[271], exif[282], exif[283] = 6, "Voigtl\u00e4nder".encode("latin-1").decode("latin-1"), 72.0, 144.0
    exif.get_ifd(0x8769)[0xA002] = 8
    exif.get_ifd(0x8769)[0xA003] = 4
    stream = io.BytesIO()
    image.save(stream, "JPEG", exif=exif, comment=b"a comment")
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    return {
        "jpeg": text(stream.getvalue()),
        "block": text(block),
        "orientation": read_orientation(block),
        "upright": text(make_block_upright(block, width=4, height=8)),
    }


def recolored() -> list[dict[str, Any]]:
    ab = planes(2, 6, 8, -70, 75)
    cases = []
    for channels, top, icc in (
        (1, 255, ""),
        (3, 255, ""),
        (1, 65535, ""),
        (3, 65535, ""),
        (3, 255, "rgb"),
        (1, 255, "gray"),
    ):
        for strength in (1.0, 0.6):
            made = page(30, 41, channels, top)
            if icc:
                made = Page(made.pixels, space=find_color_space(profile(icc), gray=channels == 1)[0])
            out = recolor(made, ab, strength=strength)
            cases.append(
                {
                    "channels": channels,
                    "top": top,
                    "strength": strength,
                    "icc": text(profile(icc)) if icc else None,
                    "pixels": np.asarray(out)[::3, ::4].ravel().tolist(),
                }
            )
    return cases


def spreading() -> dict[str, Any]:
    ab, lightness = planes(2, 9, 11, -20, 30), planes(1, 9, 11, 10, 90)[0]
    affinity, uncertainty = planes(36, 9, 11, -1, 1), planes(1, 9, 11, 5, 25)[0]
    given = Guidance.of([Hint(3, 2, "#b03020", 2), Hint(10, 7, "#2050a0"), Hint(0.5, 8, "#30a040")])
    guess = Guidance.of(matches=[Hint(6, 4, "#888800")])
    size = {"extent": (9, 11), "content": (9, 11), "padded": (9, 11)}
    hints, matches = given.draw(**size), guess.draw(**size)  # type: ignore[arg-type]
    assert hints is not None
    args = {"lightness": lightness, "affinity": affinity, "uncertainty": uncertainty}
    return {
        "plain": floats(spread(ab, hints, **args)),  # type: ignore[arg-type]
        "matches": floats(spread(ab, hints, matches=matches, **args)),  # type: ignore[arg-type]
        "without": floats(spread(ab, hints, lightness=lightness)),
    }


def steering() -> dict[str, Any]:
    found = distribution()
    colors, share = distinct_colors(found.probability[:, 4, 5], found.bins, 5)
    variations = draw_hints(found, (600, 800), 4, 7)
    return {
        "colors": floats(colors, 4),
        "share": floats(share),
        "variations": [[[round(h.x, 3), round(h.y, 3), h.color] for h in hints] for hints in variations],
        "random": {str(seed): np.random.default_rng(seed).random(5).tolist() for seed in (0, 7, 2**32 - 1)},
    }


def main() -> None:
    rng = np.random.default_rng(3)
    rgb = np.concatenate([rng.random((24, 3)), np.eye(3), [[0, 0, 0], [1, 1, 1], [0.003, 0.02, 0.001]]])
    lab = np.stack([rng.uniform(0, 100, 30), rng.uniform(-110, 110, 30), rng.uniform(-110, 110, 30)], 1)
    as_planes = lab.T[:, :, None]
    drawn = Guidance.of([Hint(30, 12, "#c03", 14), Hint(80.5, 59.9, "#00aa33"), Hint(31, 13, "#0000ff")]).draw(
        extent=(60, 90), content=(12, 18), padded=(16, 24)
    )
    assert drawn is not None
    bins = conversion.ab_bins(261)[::9]
    shrunk = [
        {"size": [h, w, c, top, to_h, to_w], "lightness": floats(shrink(page(h, w, c, top), (to_h, to_w)), 4)}
        for h, w, c, top, to_h, to_w in (
            (50, 70, 1, 255, 12, 16),
            (50, 70, 3, 255, 8, 12),
            (131, 67, 3, 255, 16, 8),
            (131, 67, 1, 65535, 16, 8),
            (12, 16, 3, 255, 12, 16),
            (9, 13, 1, 255, 24, 36),
        )
    ]
    sizes = [(480, 640), (1, 1), (3000, 10), (37, 5000), (128, 128), (1366, 2048)]
    fixtures = {
        "rgb": rgb.tolist(),
        "rgbToLab": floats(conversion.srgb_to_lab(rgb.T[:, :, None])[:, :, 0].T, 8),
        "lab": lab.tolist(),
        "labToSrgb": floats(conversion.lab_to_srgb(as_planes)[:, :, 0].T, 8),
        "gamutScale": floats(conversion.gamut_scale(as_planes)[:, 0], 8),
        "hex": {color: list(hex_to_ab(color)) for color in ("#8a5a3c", "#0f8", "#000000")},
        "labToHex": [lab_to_hex(float(entry[0]), entry[1:].astype(np.float32)) for entry in lab],
        "shrink": shrunk,
        "views": [[*size, *PHOTO.shape(*size, short_side=256, cell=4)] for size in sizes],
        "drawn": floats(drawn),
        "coverage": [hint_coverage(drawn[2] > 0), hint_coverage(np.ones((16, 24), bool)), hint_coverage(np.eye(9) > 0)],
        "binBias": floats(bin_bias(["#8a5a3c", "#2050a0"], bins)),
        "bins": bins.tolist(),
        "spread": spreading(),
        "recolor": recolored(),
        "steering": steering(),
        "xmp": {
            "packet": text(PACKET),
            "marked": add_provenance(PACKET, system="photochrom (a <b>)", version="photochrom 9").decode(),
            "twice": add_provenance(
                add_provenance(PACKET, system="x", version="y"), system="photochrom (a <b>)", version="photochrom 9"
            ).decode(),
            "alone": add_provenance(None, system="s", version="v").decode(),
            "broken": add_provenance(b"<x:xmpmeta><no", system="s", version="v").decode(),
            "upright": remove_placement(PACKET).decode(),
            "guid": split_packet(add_provenance(PACKET, system="s", version="v"), 600)[2],
            "extended": split_packet(add_provenance(PACKET, system="s", version="v"), 600)[1].decode(),
        },
        "exif": exif_case(),
    }
    (HERE / "fixtures.json").write_text(json.dumps(fixtures, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
