"""Makes the pictures of these pages with the network that ships: needs scikit-image and the train extra.

Run  python docs/make_pictures.py  after the network or its defaults have changed.
"""

import tempfile
from io import BytesIO
from pathlib import Path

import skimage.data
from PIL import Image

from photochrom import Colorizer
from photochrom.evaluation.inputs.protocol import gray_of
from photochrom.inspection import look_inside
from photochrom.inspection.figures import draw_sheets

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


def stacked(rows: list[Image.Image]) -> Image.Image:
    """Rows below each other, on white."""
    sheet = Image.new("RGB", (max(row.width for row in rows), sum(row.height + GAP for row in rows) - GAP), "white")
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height + GAP
    sheet.thumbnail((1600, 1600))
    return sheet


def look(truth: Image.Image) -> Image.Image:
    """What the network makes of a photo in colour, with its confidence and its error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.png"
        truth.save(path)
        return Image.open(BytesIO(draw_sheets(look_inside(path))["colours"])).convert("RGB")


def main() -> None:
    """Before and after for the README; gray, careful, default, bold and truth for the card; alternatives; a look."""
    colorizer = Colorizer()
    gray = Image.open(HERE / "photos" / "astronaut_gray.jpg")
    side_by_side([gray, colorizer(gray).to_pil()], HEIGHT).save(HERE / "images" / "before_after.jpg", quality=88)
    rows = []
    for truth in (skimage.data.astronaut(), skimage.data.coffee(), skimage.data.chelsea(), skimage.data.rocket()):
        page = gray_of(truth)
        made = [colorizer(page, vividness=v).to_pil() for v in (0.0, 1.0, 2.0)]
        rows.append(side_by_side([Image.fromarray(page), *made, Image.fromarray(truth)], 240))
    stacked(rows).save(HERE / "images" / "vividness.jpg", quality=85)
    rows = []
    for truth in (skimage.data.astronaut(), skimage.data.coffee()[:, 100:500]):
        page = gray_of(truth)
        made = [result.to_pil() for result in colorizer.variations(page, 4, seed=7)]
        rows.append(side_by_side([colorizer(page).to_pil(), *made], 240))
    stacked(rows).save(HERE / "images" / "variations.jpg", quality=85)
    look(Image.fromarray(skimage.data.astronaut())).save(HERE / "images" / "inside.jpg", quality=85)


if __name__ == "__main__":
    main()
