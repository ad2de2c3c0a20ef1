"""Tiles: squares of a photo in its own pixels, put side by side the same as the photo coloured whole."""

from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from photochrom.web.colorize_service import ColorizeService
from photochrom.web.errors import ApiError
from photochrom.web.schemas.options import ColorizeOptions
from photochrom.web.services import StoredTask
from photochrom.web.storage.store import Storage
from photochrom.web.storage.tiles import TileStore

OPTIONS = {"hints": [{"x": 250, "y": 60, "color": "#3a5fa0"}], "auto_contrast": True}


@pytest.fixture
def scan(api, photo_file):
    """The astronaut with grain, 700 x 600."""
    gray = np.asarray(Image.open(photo_file).convert("L").resize((700, 600)), float)
    grain = np.random.default_rng(0).normal(0, 12, gray.shape)
    stream = BytesIO()
    Image.fromarray(np.clip(gray + grain, 0, 255).astype(np.uint8)).save(stream, "PNG")
    return api.post("photos", files={"file": ("scan.png", stream.getvalue())}).json()


def test_tiles_are_the_coloured_photo_itself(api, scan, opened):
    answer = api.post(f"photos/{scan['id']}/tiles", json={"options": OPTIONS})
    assert answer.status_code == 201
    facts = answer.json()
    assert (facts["width"], facts["height"], facts["columns"], facts["rows"]) == (700, 600, 2, 2)
    size = facts["tile_size"]
    sheet, before = Image.new("RGB", (700, 600)), Image.new("L", (700, 600))
    for column in range(2):
        for row in range(2):
            url = facts["url"].format(column=column, row=row)
            tile = api.get(url)
            assert "immutable" in tile.headers["cache-control"]
            assert "private" in tile.headers["cache-control"]
            sheet.paste(opened(tile), (column * size, row * size))
            before.paste(opened(api.get(url, params={"original": True})), (column * size, row * size))
    answer = api.post(f"photos/{scan['id']}/colorize", json={"output": "file", "options": OPTIONS, "format": "png"})
    whole = np.asarray(opened(answer).convert("RGB"), float)
    difference = np.abs(np.asarray(sheet, float) - whole)
    # what is lost is JPEG's, over the seams no more than elsewhere
    assert difference.mean() < 4
    assert difference[:, size - 2 : size + 2].mean() < 2 * difference.mean()
    grain = np.asarray(before, float)
    assert np.abs(np.diff(grain, axis=1)).mean() > 10


def test_the_same_options_have_the_same_tiles_and_only_their_client(service, api, scan):
    path = f"photos/{scan['id']}/tiles"
    first, other = (api.post(path, json={"options": {"vividness": value}}).json() for value in (1.0, 1.5))
    assert api.post(path, json={}).json() == first
    assert first["id"] != other["id"]
    one, two = (api.get(each["url"].format(column=1, row=1)) for each in (first, other))
    assert one.content != two.content
    for column, row in ((2, 0), (0, 2)):
        refused = api.get(first["url"].format(column=column, row=row))
        assert (refused.status_code, refused.json()["code"]) == (404, "service.not_found")
    assert api.get(f"{path}/{'0' * 32}/0/0").status_code == 404
    with service.client() as stranger:
        assert stranger.get(first["url"].format(column=0, row=0)).status_code == 404
        assert stranger.post(path, json={}).status_code == 404
    api.delete(f"photos/{scan['id']}")
    assert api.get(first["url"].format(column=0, row=0)).status_code == 404


def test_not_every_stop_of_a_slider_is_kept(tmp_path):
    photo = SimpleNamespace(id="photo", width=700, height=600)
    tiles = TileStore(Storage(str(tmp_path)), None, ColorizeService(hints=10), 1000)

    def add(strength):
        return tiles.add(StoredTask(None, "client", photo, None, ColorizeOptions(strength=strength), None))

    made = [add(number / 100) for number in range(45)]
    assert add(0.44) == made[-1]
    assert len(list((tmp_path / "client" / "photos" / "photo" / "tiles").iterdir())) == 40
    assert tiles.options("client", photo, made[-1]).strength == 0.44
    with pytest.raises(ApiError) as caught:
        tiles.options("client", photo, "0" * 32)
    assert caught.value.code == "service.not_found"
