"""The store, the cache and the places for work, each by itself."""

import asyncio
import io
import threading
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photochrom.web.admission import AdmissionController, ClientGoneError
from photochrom.web.errors import ApiError
from photochrom.web.limits import Limits
from photochrom.web.storage.cache import ByteCache
from photochrom.web.storage.store import Store


@pytest.fixture(params=["folder", "elsewhere"])
def store(request, tmp_path, monkeypatch):
    """A store in a folder, and one that is no folder of this machine."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Store(str(tmp_path / "store") if request.param == "folder" else f"memory://{uuid.uuid4().hex}")


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
    assert store.bytes_of("a/photos/1/photo") == 12
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
        with pytest.raises(OptionError, match="choose another PHOTOCHROM_STORE"):
            Store(place)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60))))
def test_a_cache_never_holds_more_than_it_may(asked):
    cache = ByteCache[int, int](100)
    for key, size in asked:
        found = cache.get(key, lambda size=size: size, lambda value: value)
        assert cache.bytes <= 100
        # what was just asked for is there
        assert cache.get(key, lambda: -1, lambda _: 0) == found
    cache.drop(lambda key: True)
    assert cache.bytes == 0


def test_a_value_is_made_once_while_others_wait():
    cache, made, begun = ByteCache[str, int](10), [], threading.Barrier(4)

    def ask():
        begun.wait()
        assert cache.get("a", lambda: made.append(1) or 7, lambda _: 1) == 7

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_an_error_is_not_kept():
    cache = ByteCache[str, int](10)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 // 0, lambda _: 1)
    assert cache.get("a", lambda: 5, lambda _: 1) == 5


def run(scenario):
    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_work_is_bounded_in_number_and_pixels():
    limits = Limits(waiting=10, patience=10, pixels_at_once=10)
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
        bench = AdmissionController(1, Limits(waiting=1, patience=1))
        go_on = threading.Event()
        first = asyncio.create_task(bench.run(go_on.wait, pixels=1))
        await asyncio.sleep(0)
        second = asyncio.create_task(bench.run(lambda: 2, pixels=1))
        await asyncio.sleep(0)
        with pytest.raises(ApiError, match="busy"):
            await bench.run(lambda: 3, pixels=1)
        with pytest.raises(ApiError, match="busy"):
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
