"""The storage, the decoded photos and the admission of work, each by itself."""

import asyncio
import io
import threading
import uuid

import pytest
from PIL import Image

from photochrom.web.admission import AdmissionController, ClientGoneError
from photochrom.web.errors import ApiError
from photochrom.web.limits import Limits
from photochrom.web.storage.photos import PhotoStore, read_photo
from photochrom.web.storage.store import Storage


@pytest.fixture(params=["folder", "elsewhere"])
def store(request, tmp_path, monkeypatch):
    """A store in a folder, and one that is no folder of this machine."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Storage(str(tmp_path / "store") if request.param == "folder" else f"memory://{uuid.uuid4().hex}")


def test_files_come_back(store):
    store.write("a/photos/1/photo", b"pixels")
    store.write("a/photos/1/photo", io.BytesIO(b"other pixels"))
    store.write_json("a/photos/1/record.json", {"name": "ä"})
    assert store.read("a/photos/1/photo") == b"other pixels"
    assert store.read_json("a/photos/1/record.json") == {"name": "ä"}
    assert store.read_json("a/photos/2/record.json") is None
    assert store.names("a/photos") == ["1"]
    assert store.names("a/photos/1") == ["photo", "record.json"]
    assert store.names("b") == []
    assert store.exists("a/photos/1/photo")
    assert store.file_size("a/photos/1/photo") == 12
    assert store.age("a/photos/1/photo") < 60
    assert store.size() > 12
    local = store.local("a/photos/1/photo")
    assert local.read_bytes() == b"other pixels"
    assert store.folder("a/jobs/1/work").is_dir()
    store.remove("a/photos/1/photo")
    store.remove("a/photos/1")
    store.remove("a/photos/1")
    assert not local.exists()
    assert store.names("a/photos") == []
    with pytest.raises(FileNotFoundError):
        store.local("a/photos/1/photo")
    with pytest.raises(FileNotFoundError):
        store.read("a/photos/1/photo")


def test_what_breaks_off_leaves_nothing(store):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise OSError(28, "No space left on device")

    store.write("a/photo", b"before")
    with pytest.raises(OSError, match="No space"):
        store.write("a/photo", Broken())
    assert store.read("a/photo") == b"before"
    assert store.names("a") == ["photo"]


def test_a_place_that_cannot_be_used_is_said(tmp_path):
    from photochrom.errors import OptionError

    (tmp_path / "file").write_text("")
    for place in (str(tmp_path / "file" / "store"), "nosuch://x"):
        with pytest.raises(OptionError, check=lambda error: error.code == "service.storage_unusable"):
            Storage(place)


@pytest.fixture
def photos(store):
    """Photos of which two gray ones of 64 x 64 pixels fit into memory."""
    return PhotoStore(store, Limits(cache_bytes=2 * 64 * 64))


@pytest.fixture
def picture(tmp_path):
    """A gray photo of 64 x 64 pixels."""
    path = tmp_path / "gray.png"
    Image.new("L", (64, 64), 128).save(path)
    return path


@pytest.fixture
def reads(monkeypatch):
    """The photos that were decoded, a line each."""
    seen = []

    def read(path, limits, **how):
        seen.append(path)
        return read_photo(path, limits, **how)

    monkeypatch.setattr("photochrom.web.storage.photos.read_photo", read)
    return seen


def test_decoded_photos_are_kept_while_they_fit(photos, picture, reads):
    ids = [photos.add("a", picture, "gray.png").id for _ in range(3)]
    reads.clear()
    for id_ in (ids[2], ids[1], ids[2]):
        assert photos.picture("a", id_).pages[0].width == 64
    assert reads == []
    photos.picture("a", ids[0])
    # the longest unused was dropped for it
    photos.picture("a", ids[2])
    assert len(reads) == 1
    photos.picture("a", ids[1])
    assert len(reads) == 2


def test_a_photo_that_is_deleted_is_not_kept_decoded(photos, picture, reads, store):
    first, second = (photos.add("a", picture, "gray.png").id for _ in range(2))
    photos.remove("a", first)
    store.remove(f"a/photos/{second}")
    photos.sweep()
    for id_ in (first, second):
        with pytest.raises(ApiError, check=lambda error: error.code == "service.not_found"):
            photos.picture("a", id_)


def test_a_photo_is_decoded_once_while_others_wait(photos, picture, reads):
    id_, begun = photos.add("a", picture, "gray.png").id, threading.Barrier(4)
    photos.forget("a", id_)
    reads.clear()
    found = []

    def ask():
        begun.wait()
        found.append(photos.picture("a", id_))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reads) == 1
    assert all(each is found[0] for each in found)


def test_an_error_is_not_kept(photos, picture, monkeypatch):
    id_ = photos.add("a", picture, "gray.png").id
    photos.forget("a", id_)
    with monkeypatch.context() as patched:
        patched.setattr("photochrom.web.storage.photos.read_photo", lambda path, limits, **how: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            photos.picture("a", id_)
    assert photos.picture("a", id_).pages[0].width == 64


def test_a_photo_that_is_too_large_to_be_kept_is_read_each_time(store, picture, reads):
    photos = PhotoStore(store, Limits(cache_bytes=100))
    id_ = photos.add("a", picture, "gray.png").id
    reads.clear()
    for _ in range(2):
        assert photos.picture("a", id_).pages[0].width == 64
    assert len(reads) == 2


def run(scenario):
    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_work_is_bounded_in_number_and_pixels():
    limits = Limits(waiting=10, queue_timeout=10, pixels_at_once=10)
    now, most = [], []

    def work(pixels):
        now.append(pixels)
        most.append((len(now), sum(now)))
        threading.Event().wait(0.02)
        now.remove(pixels)

    async def scenario():
        bench = AdmissionController(3, limits)
        weights = (4, 4, 4, 25, 1, 1, 1, 9)
        await asyncio.gather(*(bench.run(lambda p=p: work(p), pixels=p) for p in weights))
        assert (bench.busy, bench.waiting) == (0, 0)
        bench.close()

    run(scenario)
    assert len(most) == 8
    assert max(count for count, _ in most) <= 3
    # what is heavier than the limit is done, but alone
    assert all(pixels <= 10 or count == 1 for count, pixels in most)


def test_too_many_and_too_long_are_refused_and_the_places_stay_whole():
    async def scenario():
        bench = AdmissionController(1, Limits(waiting=1, queue_timeout=1))
        go_on = threading.Event()
        first = asyncio.create_task(bench.run(go_on.wait, pixels=1))
        await asyncio.sleep(0)
        second = asyncio.create_task(bench.run(lambda: 2, pixels=1))
        await asyncio.sleep(0)
        with pytest.raises(ApiError, check=lambda error: error.code == "service.busy"):
            await bench.run(lambda: 3, pixels=1)
        with pytest.raises(ApiError, check=lambda error: error.code == "service.busy"):
            await second
        third = asyncio.create_task(bench.run(lambda: 3, pixels=1))
        await asyncio.sleep(0)
        third.cancel()
        go_on.set()
        assert await first
        assert await bench.run(lambda: 4, pixels=1) == 4
        with pytest.raises(ZeroDivisionError):
            await bench.run(lambda: 1 // 0, pixels=1)
        assert (bench.busy, bench.waiting) == (0, 0)
        bench.close()

    run(scenario)


def test_what_nobody_waits_for_is_not_done():
    async def gone():
        return True

    async def scenario():
        bench = AdmissionController(1, Limits())
        done = []
        with pytest.raises(ClientGoneError):
            await bench.run(lambda: done.append(1), pixels=1, gone=gone)
        assert done == []
        assert bench.busy == 0
        bench.close()

    run(scenario)
