"""A real service, a real browser, and what a person does with the page again and again."""

import io
import json
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).parents[3]
HISTORICAL = ROOT.parent / "shared" / "data" / "historical"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PIXELS = """async () => {
  const image = document.getElementById("after");
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/png").split(",")[1];
}"""
NOTED = "Object.entries(localStorage).find(([key]) => key.startsWith('photochrom:edits:'))[1]"
QUIET = "() => document.getElementById('view').getAttribute('aria-busy') === 'false'"


class Desk:
    """One browser with its own cookies, at the page."""

    def __init__(self, browser: Any, address: str, *, phone: bool = False, theme: str = "light", locale: str = "en-GB"):
        size = PHONE if phone else DESKTOP
        self.context = browser.new_context(viewport=size, has_touch=phone, color_scheme=theme, locale=locale)
        self.context.set_default_timeout(30_000)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(f"{message.text} {message.location['url']}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.address = address
        self.page.goto(address)

    def choose(self, *files: Path) -> None:
        """Choose photos and wait until the first is in colour."""
        self.page.locator("#files").set_input_files([str(file) for file in files])
        self.settle()

    def settle(self) -> None:
        """Wait until the photo is coloured as it is set."""
        self.page.wait_for_selector("#after:not([hidden])")
        self.page.wait_for_function(QUIET)

    def pixels(self) -> NDArray[np.float64]:
        """The coloured preview as shown, (H,W,3), 0..255."""
        data = b64decode(self.page.evaluate(PIXELS))
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float64)

    def hints(self) -> list[dict[str, Any]]:
        """The hints of the first photo that was changed, as the page keeps them."""
        noted = json.loads(self.page.evaluate(NOTED))
        return list(noted["states"][noted["at"]]["hints"])

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a share of the photo is in the window."""
        box = self.page.locator("#sheet").bounding_box()
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def save(self, start: Callable[[], None], path: Path) -> str:
        """Save what a click hands out; its name."""
        with self.page.expect_download() as download:
            start()
        download.value.save_as(path)
        return str(download.value.suggested_filename)

    def slide(self, name: str, value: float) -> None:
        """Move a slider and let it go."""
        self.page.locator(name).evaluate(
            "(dial, value) => { dial.value = value; for (const kind of ['input', 'change'])"
            " dial.dispatchEvent(new Event(kind, { bubbles: true })); }",
            value,
        )
        self.settle()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the service answers."""
    pytest.importorskip("fastapi", reason="serving needs the web extra")
    environment = {
        **os.environ,
        "PHOTOCHROM_STORAGE_URL": str(tmp_path_factory.mktemp("store")),
        "PYTHONUNBUFFERED": "1",
        # beside other tests it is slow, which is not what is tried here
        "PHOTOCHROM_QUEUE_TIMEOUT": "60",
    }
    environment.pop("PHOTOCHROM_QUEUE_URL", None)
    command = [sys.executable, "-m", "photochrom", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        yield next(word for word in process.stdout.readline().split() if word.startswith("http"))
        process.terminate()


@pytest.fixture
def sit(browser: Any, address: str) -> Iterator[Callable[..., Desk]]:
    """Makes desks; after the test nothing may have complained, and nothing may have been asked of anybody else."""
    desks: list[Desk] = []

    def make(**how: Any) -> Desk:
        desks.append(Desk(browser, address, **how))
        return desks[-1]

    yield make
    for desk in desks:
        desk.context.close()
    for desk in desks:
        assert desk.complaints == []
        assert [url for url in desk.asked if not url.startswith((address, "blob:", "data:"))] == []


@pytest.fixture
def change() -> Callable[..., float]:
    """How much a neighbourhood of a place changed, mean over its pixels and channels."""

    def measure(before: NDArray[np.float64], after: NDArray[np.float64], x: int, y: int, *, reach: int = 8) -> float:
        part = np.s_[max(y - reach, 0) : y + reach, max(x - reach, 0) : x + reach]
        return float(np.abs(before[part] - after[part]).mean())

    return measure


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """The astronaut in gray, with a camera's notes."""
    image = Image.open(ROOT / "docs" / "photos" / "astronaut_gray.jpg")
    exif = image.getexif()
    exif[0x010F], exif[0x0132], exif[0x8298] = "Hasselblad", "1999:07:23 04:31:00", "Public domain"
    path = tmp_path / "collins.jpg"
    image.save(path, exif=exif, quality=92)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Three photos: historical ones where they are, else gray copies of what scikit-image brings."""
    found = [HISTORICAL / name for name in ("nipomo_1936.jpg", "detroit_1915.jpg", "faded_a.png")]
    if all(path.exists() for path in found):
        return found
    made = []
    for name in ("coffee", "chelsea", "astronaut"):
        made.append(tmp_path / f"{name}.png")
        Image.fromarray(getattr(skimage.data, name)()).convert("L").save(made[-1])
    return made
