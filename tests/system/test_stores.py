"""Files by address: on a disk, in memory, on a real S3 server that fails on demand, and over HTTP."""

import os
import pickle
from functools import partialmethod
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photochrom.errors import OptionError, OutputExistsError, StoreError
from photochrom.system.stores import Retry, Store, StoreSet, join_address, name_of, open_store, parse_address

pytest.importorskip("fsspec", reason="object stores need the cloud extra")

ATTEMPTS = 4
QUICK = Retry(attempts=ATTEMPTS, first_seconds=0.001, longest_seconds=0.002)


def refused(code: str, call, *arguments, **keywords) -> StoreError:
    with pytest.raises(StoreError) as caught:
        call(*arguments, **keywords)
    assert caught.value.code == f"store.{code}"
    return caught.value


@pytest.fixture(params=["disk", "memory", "s3"])
def place(request, tmp_path) -> tuple[Store, str]:
    """A store and a folder in it that does not exist yet."""
    if request.param == "disk":
        folder = str(tmp_path / "box")
    elif request.param == "memory":
        folder = f"memory://{tmp_path.name}/box"
    else:
        folder = f"s3://{request.getfixturevalue('s3').bucket}/box"
    return open_store(folder, retry=QUICK), folder


def test_what_every_store_does(place) -> None:
    store, folder = place
    assert store.find(folder) == []
    first, second = join_address(folder, "b/Ålesund 1.jpg"), join_address(folder, "a.jpg")
    store.write(first, b"one\0", overwrite=False)
    store.write(second, b"", overwrite=False)
    found = store.find(folder)
    assert [(file.address, file.size) for file in found] == [(second, 0), (first, 4)]
    assert store.read(first, 4) == b"one\0"
    assert store.look_up(first).size == 4
    assert store.look_up(join_address(folder, "none")) is None
    assert store.look_up(join_address(folder, "b")) is None
    with pytest.raises(OutputExistsError):
        store.write(first, b"another", overwrite=False)
    assert store.read(first) == b"one\0"
    store.write(first, b"another", overwrite=True)
    changed = {file.address: file for file in store.find(folder)}[first]
    assert (changed.size, changed.version != found[1].version) == (7, True)
    again = pickle.loads(pickle.dumps(store))
    assert again.read(first) == b"another"
    refused("incomplete", store.read, first, 8)
    store.remove(first)
    store.remove(first)
    refused("not_found", store.read, first)
    assert [file.address for file in store.find(folder)] == [second]


def test_a_busy_store_is_asked_again_and_not_for_ever(s3) -> None:
    store, address = open_store("s3://", retry=QUICK), f"s3://{s3.bucket}/busy.jpg"
    store.write(address, b"content", overwrite=False)
    for status in (500, 503, 429):
        s3.fail({"method": "GET", "path": "busy", "times": ATTEMPTS - 1, "status": status})
        assert store.read(address, 7) == b"content"
        assert s3.left() == [0]
    calls = {
        "GET": lambda: store.read(address),
        "HEAD": lambda: store.look_up(address),
        "PUT": lambda: store.write(address, b"new", overwrite=True),
    }
    for method, call in calls.items():
        s3.fail({"method": method, "path": s3.bucket, "times": 100, "status": 503})
        refused("unavailable", call)
        # each library's own bound is not multiplied with ours
        assert s3.left() == [100 - ATTEMPTS]
    s3.fail({"method": "GET", "path": s3.bucket, "times": 100, "status": 503})
    refused("unavailable", store.find, f"s3://{s3.bucket}/")
    assert s3.left() == [100 - ATTEMPTS]
    s3.fail()
    assert store.read(address) == b"content"


def test_an_answer_that_breaks_off(s3) -> None:
    store, address = open_store("s3://", retry=QUICK), f"s3://{s3.bucket}/long.jpg"
    store.write(address, b"1234567890" * 100, overwrite=False)
    s3.fail({"method": "GET", "path": "long", "times": 2, "cut": 100})
    assert store.read(address, 1000) == b"1234567890" * 100
    assert s3.left() == [0]
    s3.fail({"method": "GET", "path": "long", "times": 100, "cut": 100})
    refused("unavailable", store.read, address, 1000)
    # a write that arrived, and whose answer did not
    s3.fail({"method": "PUT", "path": "lost", "times": 1, "status": 500, "after": True})
    store.write(f"s3://{s3.bucket}/lost.jpg", b"here", overwrite=False)
    assert store.read(f"s3://{s3.bucket}/lost.jpg") == b"here"


def test_a_large_file_is_written_in_parts(s3, monkeypatch) -> None:
    import s3fs

    # parts as small as a store takes, for the test's sake
    small = partialmethod(s3fs.S3FileSystem._pipe_file, chunksize=5 << 20)
    monkeypatch.setattr(s3fs.S3FileSystem, "_pipe_file", small)
    store, address = open_store("s3://", retry=QUICK), f"s3://{s3.bucket}/large.tif"
    content = os.urandom(1 << 20) * 11
    s3.fail({"method": "PUT", "path": "large", "times": 100, "status": 503})
    refused("unavailable", store.write, address, content, overwrite=False)
    s3.fail()
    assert store.look_up(address) is None
    store.write(address, content, overwrite=False)
    assert store.read(address, len(content)) == content


def test_what_is_missing_or_forbidden_has_a_name(s3, monkeypatch) -> None:
    store, inside = open_store("s3://", retry=QUICK), f"s3://{s3.bucket}/box/a.jpg"
    nowhere = "s3://photochrom-has-no-such-bucket/box/a.jpg"
    refused("bucket_missing", store.find, nowhere)
    refused("bucket_missing", store.look_up, nowhere)
    refused("bucket_missing", store.read, nowhere)
    refused("bucket_missing", store.write, nowhere, b"", overwrite=True)
    store.write(inside, b"secret", overwrite=False)
    s3.deny("s3:GetObject", "s3:PutObject", prefix="box")
    refused("permission_denied", store.read, inside)
    refused("permission_denied", store.write, inside, b"other", overwrite=True)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(key)
    monkeypatch.setenv("HOME", str(Path(__file__).parent))
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    refused("credentials_missing", open_store("s3://", retry=QUICK).read, inside)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "tests")
    s3fs.S3FileSystem.clear_instance_cache()
    refused("unavailable", open_store("s3://", retry=QUICK).read, inside)


def test_the_web_is_read(s3) -> None:
    s3.client.put_object(Bucket=s3.bucket, Key="old box/1.jpg", Body=b"photo", ACL="public-read")
    s3.client.put_object(Bucket=s3.bucket, Key="private.jpg", Body=b"photo")
    store, address = open_store("http://", retry=QUICK), f"{s3.address}/{s3.bucket}/old%20box/1.jpg"
    assert store.look_up(address).size == 5
    assert store.read(address, 5) == b"photo"
    s3.fail({"method": "GET", "path": "1.jpg", "times": 2, "status": 503})
    assert store.read(address) == b"photo"
    assert s3.left() == [0]
    refused("permission_denied", store.read, f"{s3.address}/{s3.bucket}/private.jpg")
    refused("not_found", store.read, f"{s3.address}/{s3.bucket}/none.jpg")


def test_a_disk_says_what_is_wrong(tmp_path) -> None:
    store = open_store(str(tmp_path))
    (tmp_path / "file").write_bytes(b"")
    refused("permission_denied", store.write, str(tmp_path / "file" / "a.jpg"), b"", overwrite=False)
    refused("failed", store.read, str(tmp_path))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    assert [Path(file.address).name for file in store.find(str(tmp_path))] == ["file"]


def test_addresses(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_address("a/../b") == str(tmp_path / "b")
    assert parse_address("b/") == f"{tmp_path / 'b'}/"
    assert parse_address((tmp_path / "a b").as_uri()) == str(tmp_path / "a b")
    assert parse_address("s3://scans/box/") == "s3://scans/box/"
    for text, write, code in (
        ("ftp://host/a.jpg", False, "kind_unknown"),
        ("https://host/a.jpg", True, "read_only"),
        ("s3:///a.jpg", False, "bucket_unnamed"),
    ):
        with pytest.raises(OptionError) as caught:
            parse_address(text, write=write)
        assert caught.value.code == f"store.{code}"
    stores = StoreSet()
    assert stores.get("memory://a/b") is stores.get("memory://c")
    assert stores.get(str(tmp_path)) is not stores.get("memory://c")


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1))
def test_a_name_comes_back_from_its_address(name: str) -> None:
    assert name_of(join_address("s3://scans/box", name)) == name
