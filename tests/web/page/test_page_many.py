"""Several photos, and films: what takes the server a while and outlives the page."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")

ROOT = Path(__file__).parents[3]
#: a film that the server has; before, it is said that the page may be closed while "the film is coloured"
SENT = ", ".join(f"#film:has-text('{text}')" for text in ("Colouring", "Waiting", "1926.mp4 is coloured"))


def size_of(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        return image.size


def test_a_filmstrip_of_photos_saved_as_one_zip(sit: Callable[..., Any], photos: list[Path], tmp_path: Path) -> None:
    desk = sit()
    page = desk.page
    desk.choose(*photos)
    page.wait_for_function("() => document.querySelectorAll('#cards img[src]:not([hidden])').length === 3")
    desk.slide("#vividness", 0.4)
    page.get_by_role("button", name="Apply these settings to all").click()
    page.locator("#status", has_text="Applied to 2 photos").wait_for(state="attached")
    page.locator("#cards .show").nth(2).click()
    desk.settle()
    assert page.locator("#vividness-value").inner_text() == "40%"
    page.locator("#strip-save-all").click()
    link = page.get_by_role("link", name="Save the zip")
    link.wait_for(timeout=60_000)
    # found again after a reload, with the photos
    page.reload()
    desk.settle()
    assert page.locator("#cards .show").count() == 3
    link.wait_for()
    desk.save(link.click, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        sizes = sorted(size_of(archive.read(name)) for name in archive.namelist())
    assert sizes == sorted(size_of(path.read_bytes()) for path in photos)
    page.get_by_role("button", name="Dismiss").click()
    assert link.count() == 0
    name = page.locator("#cards .show").nth(0).get_attribute("title")
    page.locator("#cards .remove").nth(0).click()
    page.locator("#status", has_text=f"{name} is removed").wait_for(state="attached")
    page.reload()
    desk.settle()
    assert page.locator("#cards .show").count() == 2


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A pan over the astronaut, one second."""
    av = pytest.importorskip("av", reason="films need the video extra")
    photo = Image.open(ROOT / "docs" / "photos" / "astronaut_gray.jpg").resize((320, 320))
    path = tmp_path / "1926.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(25):
            part = photo.crop((number, 40, number + 160, 160)).convert("RGB")
            output.mux(stream.encode(av.VideoFrame.from_image(part)))
        output.mux(stream.encode(None))
    return path


def test_a_film_started_before_the_page_knows_what_was_there(sit: Callable[..., Any], film: Path) -> None:
    desk = sit()
    page = desk.page
    held: list[Any] = []

    def hold(route: Any) -> None:
        if route.request.method == "GET":
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route("**/jobs", hold)
    page.reload()
    page.locator("#files").set_input_files(str(film))
    page.get_by_role("progressbar").wait_for()
    page.wait_for_timeout(1000)
    for route, answer in held:
        route.fulfill(response=answer)
    page.get_by_role("button", name="Colour the film").click()
    page.wait_for_selector(SENT)
    page.unroute("**/jobs")
    page.reload()
    page.locator("#film h2", has_text="1926.mp4").wait_for()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_film_from_choosing_to_playing(sit: Callable[..., Any], film: Path, tmp_path: Path, phone: bool) -> None:
    import av

    desk = sit(phone=phone)
    page = desk.page
    page.locator("#files").set_input_files(str(film))
    page.get_by_role("button", name="Colour the film").click()
    page.get_by_role("progressbar").wait_for()
    if phone:
        # the page may be closed meanwhile
        page.wait_for_selector(SENT)
        page.reload()
    page.get_by_role("heading", name="1926.mp4 is coloured").wait_for(timeout=90_000)
    video = page.get_by_label("1926.mp4, coloured")
    page.wait_for_function("() => document.querySelector('#film video').readyState >= 1")
    assert video.evaluate("video => [video.videoWidth, video.videoHeight]") == [160, 120]
    desk.save(page.get_by_role("link", name="Save the film").click, tmp_path / "saved.mp4")
    with av.open(str(tmp_path / "saved.mp4")) as saved:
        frames = [frame.to_ndarray(format="rgb24").astype(float) for frame in saved.decode(video=0)]
    assert len(frames) == 25
    assert (frames[5].max(axis=2) - frames[5].min(axis=2)).mean() > 3
    page.reload()
    page.get_by_role("heading", name="1926.mp4 is coloured").wait_for()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Delete from the server").click()
    page.get_by_role("heading", name="Give an old photo its colours").wait_for()
