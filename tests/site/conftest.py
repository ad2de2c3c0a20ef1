"""The built page in a folder, and a plain static server for it."""

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.private_edition import PAGE, write_site
from photochrom.registry import find_model

#: for what a visit waits at most, milliseconds
WAIT = 180_000
SHOWN = """() => {
  const copy = new OffscreenCanvas(after.width, after.height);
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(after, 0, 0);
  return [[after.height, after.width], [...context.getImageData(0, 0, after.width, after.height).data]];
}"""


def _write_photo(path: Path, *, size: tuple[int, int] = (320, 240), orientation: int = 1) -> Path:
    """A gray photo of ours, with EXIF, XMP, a profile and a comment."""
    from PIL import ImageCms

    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    sky = 200 - y * 0.25 + 12 * np.sin(x / 31)
    hill = np.where(y > size[1] * (0.55 + 0.1 * np.sin(x / 60)), 60 + 25 * np.sin(x / 3) * np.cos(y / 4), sky)
    image = Image.fromarray(hill.clip(0, 255).astype(np.uint8)).convert("RGB")
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "The hill, 1931", orientation
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="an album"/>'
        b"</rdf:RDF></x:xmpmeta>"
    )
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"exif": exif, "icc_profile": icc}
    if path.suffix == ".jpg":
        image.save(path, quality=92, comment=b"by hand", xmp=packet, **options)
    elif path.suffix == ".webp":
        image.save(path, lossless=True, xmp=packet, **options)
    else:
        from PIL.PngImagePlugin import PngInfo

        texts = PngInfo()
        texts.add_text("Comment", "by hand")
        texts.add_itxt("XML:com.adobe.xmp", packet.decode())
        image.save(path, pnginfo=texts, **options)
    return path


@pytest.fixture
def open_context(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens contexts of the browser, which wait as long as visits do, and closes them."""
    opened: list[Any] = []

    def make(**options: Any) -> Any:
        opened.append(browser.new_context(**options))
        opened[-1].set_default_timeout(WAIT)
        return opened[-1]

    yield make
    for context in opened:
        context.close()


class Visit:
    """One browser at the page, that notes every request and every complaint."""

    def __init__(self, browser: Any, address: str, *, phone: bool = False, locale: str = "en-GB") -> None:
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        self.context = browser.new_context(viewport=size, has_touch=phone, locale=locale)
        self.context.set_default_timeout(WAIT)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        # of the page, of its worker and of its service worker
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.page = self.context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.address = address
        self.page.goto(address)

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def ready(self) -> None:
        self.page.wait_for_selector("html[data-network=ready]", state="attached")

    def choose(self, *files: Path) -> None:
        self.page.locator("#files").set_input_files([str(file) for file in files])
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_selector("#after:not([hidden])")
        self.page.wait_for_selector("#working", state="hidden")

    def colors(self) -> Any:
        """The pixels shown, (H,W,3)."""
        shape, data = self.page.evaluate(SHOWN)
        return np.array(data, np.float64).reshape(*shape, 4)[..., :3]

    def save(self, button: str = "#save") -> bytes:
        with self.page.expect_download() as download:
            self.page.click(button)
        self.name = download.value.suggested_filename
        return Path(download.value.path()).read_bytes()


@pytest.fixture
def write_photo() -> Callable[..., Path]:
    """Writes a gray photo of ours, with all that a file carries."""
    return _write_photo


@pytest.fixture
def open_visit(browser: Any, host: Any) -> Iterator[Callable[..., Visit]]:
    """Opens the page in a browser of its own."""
    visits: list[Visit] = []

    def open_(**how: Any) -> Visit:
        visits.append(Visit(browser, host.address, **how))
        return visits[-1]

    yield open_
    for made in visits:
        made.context.close()


@pytest.fixture
def visit(open_visit: Callable[..., Visit]) -> Visit:
    """A visit from a desk."""
    return open_visit()


NOT_BUILT = "the page for browsers is not built: run  make page  (needs Node 20)"


class _Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".webmanifest": "application/manifest+json",
    }

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


class Host:
    """Serves a folder as the plainest of hosts does; may be cut off and come back."""

    def __init__(self, folder: Path) -> None:
        handler = functools.partial(_Handler, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (PAGE / "index.html").is_file():
        pytest.skip(NOT_BUILT)
    folder = tmp_path_factory.mktemp("site")
    write_site(folder, find_model())
    return folder


@pytest.fixture
def host(site_folder: Path) -> Iterator[Host]:
    made = Host(site_folder)
    yield made
    made.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serves folders as plain hosts do, and gives their addresses."""
    hosts: list[Host] = []

    def start(folder: Path) -> str:
        hosts.append(Host(folder))
        return hosts[-1].address

    yield start
    for made in hosts:
        made.close()
