import functools
import pickle
import re
import tarfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.datasets.sources.photo_set import Tars, decode, fingerprint, open_photos
from photochrom.datasets.sources.remote import LocalFile, expand_braces
from photochrom.errors import DataError
from photochrom.training.data.datamodule import ColorData
from photochrom.training.schema import AugmentationOptions, BatchSize, DataOptions, HintOptions


class _Ranges(SimpleHTTPRequestHandler):
    """A server of files and of pieces of them; ``pieces`` False for one that sends whole files whatever is asked."""

    pieces = True
    requests: list[str | None] = []  # noqa: RUF012

    def do_GET(self) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        if wanted and self.pieces:
            first, last = int(wanted[1]), min(int(wanted[2]), len(content) - 1)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
            content = content[first : last + 1]
        else:
            self.send_response(200)
        type(self).requests.append(self.headers.get("Range"))
        if self.pieces:
            self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator:
    servers = []

    def start(root: Path, *, pieces: bool = True) -> tuple[str, list[str | None]]:
        kind = type("Handler", (_Ranges,), {"pieces": pieces, "requests": []})
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(kind, directory=str(root)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}", kind.requests

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_photos_lie_in_order_with_their_sources(tars: Path, make) -> None:
    photos = open_photos([str(tars)])
    assert len(photos) == 12
    assert [photos.read(index) for index in range(12)] == [make.encoded(seed) for seed in range(12)]
    assert photos.name(7).endswith("001.tar, album1/007.png")
    assert [photos.source(index) for index in (0, 1, 5, 6)] == ["album0", "album1", "album2", "album0"]


def test_braces_name_several_tars(tars: Path) -> None:
    assert fingerprint(open_photos([f"{tars}/{{000..001}}.tar"])) == fingerprint(open_photos([str(tars)]))
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.missing"):
        open_photos([f"{tars}/{{000..002}}.tar"])
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.too_many_files"):
        expand_braces("{0..9999999}.tar")


def test_the_list_of_members_is_kept_until_the_tar_changes(tars: Path, tmp_path: Path, make, monkeypatch) -> None:
    path = make.tar(tmp_path / "a.tar", {"a.png": make.encoded(0)})
    open_photos([str(path)])
    with monkeypatch.context() as patch:
        patch.setattr(tarfile, "open", None)
        assert len(open_photos([str(path)])) == 1
    make.tar(path, {"a.png": make.encoded(0), "b.png": make.encoded(1)})
    assert len(open_photos([str(path)])) == 2


def test_a_torn_list_is_made_again(tmp_path: Path, make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = make.tar(tmp_path / "a.tar", {"a.png": make.encoded(0)})
    open_photos([str(path)])
    (kept,) = (tmp_path / "cache" / "photochrom").glob("tar-*.npz")
    kept.write_bytes(kept.read_bytes()[:100])
    assert len(open_photos([str(path)])) == 1


def test_of_a_sample_the_photo_is_taken_and_not_its_mask(tmp_path: Path, make) -> None:
    members = ["x/1.jpg", "x/1.mask.png", "x/2.2024.jpg", "x/._3.jpg", "x/3.json", "4.JPG"]
    photos = open_photos([str(make.tar(tmp_path / "a.tar", dict.fromkeys(members, make.encoded(0, "JPEG"))))])
    assert [photos.name(index).rsplit(", ")[-1] for index in range(len(photos))] == ["x/1.jpg", "x/2.2024.jpg", "4.JPG"]
    assert photos.source(2) == tmp_path.name


@pytest.mark.parametrize("kind", ["cut in a photo", "cut between photos", "gzip", "text", "empty", "no photos"])
def test_unusable_tars_are_named(tars: Path, tmp_path: Path, make, kind: str) -> None:
    content = (tars / "000.tar").read_bytes()
    path = tmp_path / "a.tar"
    if kind == "no photos":
        make.tar(path, {"a.txt": b"text"})
    elif kind == "gzip":
        with tarfile.open(path, "w:gz") as archive:
            archive.add(tars / "000.tar")
    else:
        (first, second) = _headers(tars / "000.tar")[:2]
        cuts = {"cut in a photo": content[: second + 700], "cut between photos": content[:second]}
        path.write_bytes(cuts.get(kind, b"text" * 1000 if kind == "text" else b""))
        assert first == 0
    expected = "dataset.tar_without_photos" if kind == "no photos" else "dataset.tar_damaged"
    with pytest.raises(DataError, check=lambda error: error.code == expected):
        open_photos([str(path)])


def _headers(path: Path) -> list[int]:
    with tarfile.open(path) as archive:
        return [member.offset for member in archive]


def test_a_tar_that_became_shorter_is_named(tmp_path: Path, make) -> None:
    path = make.tar(tmp_path / "a.tar", {"a.png": make.encoded(0)})
    photos = open_photos([str(path)])
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.file_shortened"):
        decode(photos, 0, at_least=0)
    path.unlink()
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.unreadable"):
        decode(photos, 0, at_least=0)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(place=st.integers(0, 2047), value=st.integers(0, 255), cut=st.integers(0, 12_000))
def test_any_bytes_are_read_or_refused(tars: Path, tmp_path_factory, place: int, value: int, cut: int) -> None:
    path = tmp_path_factory.mktemp("mutated") / "a.tar"
    content = bytearray((tars / "000.tar").read_bytes())
    content[place] = value
    path.write_bytes(content[: len(content) - (cut if cut > 6000 else 0)])
    refused = ""
    try:
        photos = Tars([LocalFile(path)])
        for index in range(len(photos)):
            decode(photos, index, at_least=0)
    except DataError as error:
        refused = error.code
    assert not refused or refused.startswith(("dataset.tar_", "dataset.photo_", "dataset.file_"))
    assert refused or cut <= 6000
    path.unlink()


def test_the_webdataset_library_and_we_read_each_other(tmp_path: Path, make) -> None:
    webdataset = pytest.importorskip("webdataset", reason="the oracle for tars is not installed")
    with webdataset.TarWriter(str(tmp_path / "a.tar")) as writer:
        for seed in range(4):
            writer.write({"__key__": f"album/{seed:04}", "png": make.encoded(seed), "json": {"seed": seed}})
    photos = open_photos([str(tmp_path / "a.tar")])
    assert [photos.read(index) for index in range(len(photos))] == [make.encoded(seed) for seed in range(4)]
    assert photos.source(0) == "album"


def test_tars_come_over_http_in_pieces(tars: Path, serve) -> None:
    url, requests = serve(tars)
    there, here = open_photos([f"{url}/{{000..001}}.tar"]), open_photos([str(tars)])
    assert fingerprint(there) == fingerprint(here)
    assert there.name(3).startswith("http://")
    assert there.source(3) == "album0"
    requests.clear()
    assert [there.read(index) for index in (11, 3)] == [here.read(index) for index in (11, 3)]
    assert len(requests) == 2
    assert all(requests)
    # the list of members is kept: to open the set again takes no piece of it
    requests.clear()
    again = open_photos([f"{url}/{{000..001}}.tar"])
    assert not requests
    assert pickle.loads(pickle.dumps(again)).read(5) == here.read(5)


def test_a_server_without_pieces_needs_whole_copies(tars: Path, serve, tmp_path: Path) -> None:
    url, _ = serve(tars, pieces=False)
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.url_without_ranges"):
        fingerprint(open_photos([f"{url}/000.tar"]))
    cached = open_photos([f"simplecache::{url}/000.tar"])
    assert cached.read(2) == open_photos([str(tars)]).read(2)


def test_addresses_that_lead_nowhere_are_named(tars: Path, serve) -> None:
    url, _ = serve(tars)
    for place, code in (
        (f"{url}/absent.tar", "url_missing"),
        ("http://127.0.0.1:1/a.tar", "url_missing"),
        ("nosuch://host/a.tar", "url_unreachable"),
        (f"{url}/000.zip", "url_not_tar"),
    ):
        with pytest.raises(DataError) as caught:
            open_photos([place])
        assert caught.value.code == f"dataset.{code}"


def test_an_address_with_an_asterisk(tars: Path) -> None:
    fsspec = pytest.importorskip("fsspec", reason="reading from the network needs the train extra")
    system = fsspec.filesystem("memory")
    for path in sorted(tars.glob("*.tar")):
        system.pipe(f"/shards/{path.name}", path.read_bytes())
    assert fingerprint(open_photos(["memory://shards/*.tar"])) == fingerprint(open_photos([str(tars)]))
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.url_pattern_empty"):
        open_photos(["memory://shards/*.none.tar"])


def test_a_moment_without_the_network_is_waited_out(tars: Path, serve, monkeypatch: pytest.MonkeyPatch) -> None:
    url, _ = serve(tars)
    photos = open_photos([f"{url}/000.tar"])
    expected = photos.read(1)
    (file,) = photos._files
    system, _ = file._system()
    ask, failures = system.cat_file, [OSError("reset"), OSError("reset")]

    def fail_twice(*arguments, **options):
        if failures:
            raise failures.pop()
        return ask(*arguments, **options)

    monkeypatch.setattr("photochrom.datasets.sources.remote.PAUSES", (0.0, 0.0))
    monkeypatch.setattr(system, "cat_file", fail_twice)
    assert photos.read(1) == expected
    failures += [OSError("reset")] * 3
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.url_unreachable"):
        photos.read(1)


def test_a_worker_reads_over_http_what_the_process_itself_would(tars: Path, serve) -> None:
    url, _ = serve(tars)
    batches = []
    for workers in (0, 1):
        options = DataOptions(
            train=(f"{url}/{{000..001}}.tar",), batches=(BatchSize(image_size=32, batch_size=4),), num_workers=workers
        )
        data = ColorData(options, augmentation=AugmentationOptions(), hints=HintOptions(), output_stride=4, seed=1)
        batches.append(next(iter(data.train_dataloader())))
    assert all(torch.equal(a, b) for a, b in zip(*(batch[:3] for batch in batches), strict=True))
