"""The client: against a real service, and against answers that only a bad day brings."""

import asyncio
import inspect
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="the client needs the client extra")
pytest.importorskip("fastapi", reason="there is no service without the web extra")

import httpx
from PIL import Image

from photochrom.client import AsyncClient, Client, ColorizeOptions, HintOption, ServiceError

pytestmark = pytest.mark.integration
PHOTO = Path(__file__).parents[2] / "docs" / "photos" / "astronaut_gray.jpg"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a service answers."""
    environment = {**os.environ, "PHOTOCHROM_STORAGE_URL": str(tmp_path_factory.mktemp("store"))}
    command = [sys.executable, "-m", "photochrom", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        yield next(word for word in process.stdout.readline().split() if word.startswith("http"))
        process.terminate()


def test_a_photo_from_upload_to_zip(address: str, tmp_path: Path) -> None:
    shares: list[float] = []
    with Client(address) as client:
        whole = client.colorize(PHOTO, ColorizeOptions(strength=0.5), format="png")
        assert Image.open(io.BytesIO(whole.data)).format == "PNG"
        assert (whole.media_type, whole.name) == ("image/png", "astronaut_gray.color.png")
        assert whole.model
        assert whole.confidence is not None

        photo = client.add_photo(PHOTO, name="1999.jpg", on_progress=shares.append)
        assert photo.name == "1999.jpg"
        assert shares == sorted(shares)
        assert shares[-1] == 1
        assert [each.id for each in client.list_photos()] == [photo.id]
        options = ColorizeOptions(hints=[HintOption(x=250, y=60, color="#3a5fa0")])
        small = client.colorize_photo(photo.id, options, max_size=200)
        assert Image.open(io.BytesIO(small.data)).size == (200, 200)
        assert Image.open(io.BytesIO(client.preview(photo.id, max_size=100))).size == (100, 100)
        assert client.suggest_colors(photo.id, 250, 60, 3)
        assert len(client.make_variations(photo.id, 2, max_size=64)) == 2
        assert Image.open(io.BytesIO(client.draw_confidence(photo.id, max_size=100))).format == "PNG"
        project = client.export_project(photo.id, options)
        assert client.import_project(photo.id, project).hints == options.hints

        done_shares: list[float] = []
        job = client.add_batch([photo.id], {photo.id: options}, format="png")
        done = client.wait(job.id, timeout=120, on_progress=done_shares.append)
        assert (done.status, done.left_out) == ("done", [])
        assert done_shares[-1] == 1
        path = client.save_result(job.id, tmp_path / "all.zip", on_progress=done_shares.append)
        assert zipfile.ZipFile(path).namelist() == ["1999.color.png"]
        assert list(tmp_path.iterdir()) == [path]
        client.delete_job(job.id)
        client.delete_photo(photo.id)
        with pytest.raises(ServiceError, check=lambda error: (error.code, error.status) == ("service.not_found", 404)):
            client.get_photo(photo.id)
        assert client.list_models()[0].default
        assert client.get_limits().photos > 0


def test_the_same_awaited(address: str, tmp_path: Path) -> None:
    async def work() -> None:
        async with AsyncClient(address) as client:
            photos = await asyncio.gather(*(client.add_photo(PHOTO.read_bytes(), name=f"{n}.jpg") for n in range(3)))
            job = await client.add_batch([photo.id for photo in photos])
            done = await client.wait(job.id, timeout=120)
            assert done.status == "done"
            path = await client.save_result(job.id, tmp_path / "all.zip")
            assert len(zipfile.ZipFile(path).namelist()) == 3
            with pytest.raises(ServiceError, check=lambda error: error.code == "service.video_as_photo"):
                await client.colorize(b"\x1a\x45\xdf\xa3" + bytes(500))

    asyncio.run(work())


def test_both_clients_have_the_same_methods() -> None:
    def members(kind: type) -> dict[str, str]:
        found = inspect.getmembers(kind, inspect.isfunction)
        names = {"__aenter__": "__enter__", "__aexit__": "__exit__"}
        return {
            names.get(name, name): re.sub("Async", "", str(inspect.signature(each))) + (each.__doc__ or "")
            for name, each in found
        }

    assert members(Client) == members(AsyncClient)


def answering(*answers: httpx.Response | Exception) -> tuple[httpx.MockTransport, list[httpx.Request]]:
    """A service that gives these answers one after the other."""
    asked: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        asked.append(request)
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return httpx.MockTransport(answer), asked


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"code": code, "detail": "It is busy.", "remedy": "Wait."}
    return httpx.Response(status, content=json.dumps(body), headers=headers)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is waited for, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    return waited


FACTS = {
    "id": "a" * 22,
    "name": "a",
    "width": 1,
    "height": 1,
    "format": "JPEG",
    "bits": 8,
    "pages": 1,
    "sha256": "0",
    "megapixels": 0.0,
    "size_bytes": 1,
    "has_color": False,
    "expires": "2026-01-01T00:00:00Z",
}


def test_what_passes_is_tried_again_with_the_same_key(quick: list[float]) -> None:
    transport, asked = answering(
        httpx.ConnectError("no route"),
        problem(503, "service.busy", **{"Retry-After": "7"}),
        problem(409, "service.key_in_work"),
        httpx.Response(201, json=FACTS),
    )
    with Client(transport=transport) as client:
        assert client.add_photo(io.BytesIO(b"pixels")).id == FACTS["id"]
    assert len({request.headers["idempotency-key"] for request in asked}) == 1
    assert len(asked) == 4
    # each attempt sends the whole file
    assert all(b"pixels" in request.content for request in asked)
    assert max(quick) >= 7


@pytest.mark.parametrize(
    ("make", "code", "attempts"),
    [
        (lambda: httpx.ConnectError("no route"), "client.unreachable", 3),
        (lambda: problem(503, "service.busy"), "service.busy", 3),
        (lambda: problem(422, "photo.truncated"), "photo.truncated", 1),
        (lambda: problem(409, "service.other_photo"), "service.other_photo", 1),
        (lambda: httpx.Response(500, text="<html>"), "client.strange_answer", 1),
    ],
)
def test_what_does_not_pass_is_an_error_with_its_code(
    quick: list[float], make: Callable[[], httpx.Response | Exception], code: str, attempts: int
) -> None:
    transport, asked = answering(*(make() for _ in range(3)))
    with (
        Client(transport=transport, retries=2) as client,
        pytest.raises(ServiceError, check=lambda error: error.code == code),
    ):
        client.list_photos()
    assert len(asked) == attempts


def test_a_result_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise httpx.ReadError("gone")

    transport, _ = answering(httpx.Response(200, content=pieces()))
    with (
        Client(transport=transport) as client,
        pytest.raises(ServiceError, check=lambda error: error.code == "client.unreachable"),
    ):
        client.save_result("a" * 22, tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


def test_the_clients_parts_need_no_web_framework() -> None:
    code = "import sys; sys.modules.update(dict.fromkeys(['fastapi', 'starlette', 'huey', 'uvicorn', 'cachetools']))"
    subprocess.run([sys.executable, "-c", f"{code}; import photochrom.client"], check=True)
