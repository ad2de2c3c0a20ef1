"""Makes the pictures of these pages with the network that ships: python docs/make_pictures.py (needs scikit-image)."""

from pathlib import Path

import skimage.data
from PIL import Image

from photochrom import Colorizer
from photochrom.evaluation.protocol import gray_of

HERE = Path(__file__).parent
HEIGHT = 512
GAP = 12


def side_by_side(pictures: list[Image.Image], height: int) -> Image.Image:
    """Pictures in a row, each of that height, on white."""
    scaled = [
        p.convert("RGB").resize((round(p.width * height / p.height), height), Image.Resampling.LANCZOS)
        for p in pictures
    ]
    row = Image.new("RGB", (sum(p.width for p in scaled) + GAP * (len(scaled) - 1), height), "white")
    left = 0
    for picture in scaled:
        row.paste(picture, (left, 0))
        left += picture.width + GAP
    return row


def main() -> None:
    """Before and after for the README; gray, careful, default, bold and truth for the card."""
    colorizer = Colorizer()
    gray = Image.open(HERE / "photos" / "astronaut_gray.jpg")
    side_by_side([gray, colorizer(gray).to_pil()], HEIGHT).save(HERE / "images" / "before_after.jpg", quality=88)
    rows = []
    for truth in (skimage.data.astronaut(), skimage.data.coffee(), skimage.data.chelsea(), skimage.data.rocket()):
        page = gray_of(truth)
        made = [colorizer(page, vividness=v).to_pil() for v in (0.0, 1.0, 2.0)]
        rows.append(side_by_side([Image.fromarray(page), *made, Image.fromarray(truth)], 240))
    sheet = Image.new("RGB", (max(row.width for row in rows), (240 + GAP) * len(rows) - GAP), "white")
    for number, row in enumerate(rows):
        sheet.paste(row, (0, number * (240 + GAP)))
    sheet.thumbnail((1600, 1600))
    sheet.save(HERE / "images" / "vividness.jpg", quality=85)


if __name__ == "__main__":
    main()
