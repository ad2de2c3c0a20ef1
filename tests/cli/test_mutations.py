"""Five hundred damaged photos through the real command: each is one line or a good result, nothing else."""

import io
import json
import random

import numpy as np
import pytest
import skimage.data
from PIL import Image

pytestmark = pytest.mark.usefixtures("weights")

COUNT = 500
KINDS = {"jpg": "JPEG", "png": "PNG", "tif": "TIFF", "webp": "WEBP", "bmp": "BMP", "gif": "GIF", "avif": "AVIF"}


def whole_files():
    photo = Image.fromarray(skimage.data.chelsea()).convert("L").resize((60, 44))
    for suffix, name in KINDS.items():
        stream = io.BytesIO()
        photo.save(stream, name)
        yield suffix, stream.getvalue()
    deep = io.BytesIO()
    Image.fromarray(np.asarray(photo, np.uint16) * 257).save(deep, "PNG")
    yield "png", deep.getvalue()


def damage(data, rng):
    """Cut, change, repeat, or take out bytes, mostly near the start, where the headers are."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        place = min(int(rng.expovariate(1 / (len(data) / 5))), len(data) - 1)
        kind = rng.randrange(5)
        if kind == 0:
            del data[place + 1 :]
        elif kind == 1:
            data[place] ^= 1 << rng.randrange(8)
        elif kind == 2:
            data[place : place + 4] = rng.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"])
        elif kind == 3:
            data[place:place] = data[place : place + rng.randint(1, 200)]
        else:
            del data[place : place + rng.randint(1, 50)]
        if len(data) < 2:
            break
    return bytes(data)


def test_five_hundred_damaged_files(photochrom, tmp_path):
    rng = random.Random(7)
    sources = list(whole_files())
    folder = tmp_path / "damaged"
    folder.mkdir()
    for number in range(COUNT):
        suffix, data = sources[number % len(sources)]
        # one in ten bears the name of another format
        name = rng.choice(list(KINDS)) if rng.random() < 0.1 else suffix
        (folder / f"{number:03}.{name}").write_bytes(damage(data, rng))

    done = photochrom("colorize", "damaged", "-o", "colored", "--jobs", "2", "--input-size", "64")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "unexpected" not in done.stderr
    report = json.loads((tmp_path / "colored" / "photochrom-report.json").read_text())
    assert len(report["files"]) == COUNT
    failed = [entry for entry in report["files"] if entry["status"] == "failed"]
    good = [entry for entry in report["files"] if entry["status"] == "done"]
    assert len(failed) > COUNT / 4
    assert len(good) > COUNT / 20
    for entry in failed:
        assert entry["error"].endswith("."), entry
        assert "unexpected" not in entry["error"], entry
        assert "\n" not in entry["error"]
        assert len(entry["error"]) < 300, entry
    # what is in the output folder is what the report says, whole, and nothing else
    made = {
        path.name for path in (tmp_path / "colored").iterdir() if not path.name.startswith((".", "photochrom-report"))
    }
    assert made == {entry["target"].rsplit("/", 1)[-1] for entry in good}
    for entry in good:
        with Image.open(tmp_path / entry["target"]) as picture:
            picture.load()
    assert not [path for path in (tmp_path / "colored").iterdir() if "photochrom-part" in path.name]
