import io
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom.cli.main import main
from photochrom.datasets.build.builder import BuildOptions, build_set
from photochrom.datasets.build.manifest import MANIFEST
from photochrom.datasets.sources.photo_set import Shards, Tars, decode, open_photos
from photochrom.errors import DataError, OptionError, OutputExistsError, PhotochromError

SMALL = BuildOptions(size=32, shard_mb=0.001, min_side=32)


def contents(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.iterdir()}


@pytest.fixture
def mixed(folder: Path, tmp_path: Path) -> Path:
    """The twelve photos, and what should be left out."""
    root = tmp_path / "mixed"
    shutil.copytree(folder, root)
    photo = Image.open(root / "album 0" / "photo0.png")
    photo.resize((128, 96)).save(root / "larger copy.png")
    Image.fromarray(skimage.data.camera()).save(root / "gray.png")
    photo.resize((20, 20)).rotate(90).save(root / "small.png")
    (root / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    return root


@pytest.mark.parametrize("kind", ["parquet", "webdataset"])
def test_what_is_built_reads_back(mixed: Path, tmp_path: Path, kind: str) -> None:
    options = BuildOptions(size=32, shard_mb=0.001, min_side=32, drop_gray=True, drop_duplicates=True, format=kind)
    built = build_set(open_photos([str(mixed)]), tmp_path / "set", options)
    assert built.kept == 12
    assert {reason: len(found) for reason, found in built.dropped.items()} == {
        "unreadable": 1, "gray": 1, "too small": 1, "near duplicate": 1,
    }  # fmt: skip
    # of the two copies the larger stays
    assert built.dropped["near duplicate"] == [str(mixed / "album 0" / "photo0.png")]
    photos = open_photos([str(tmp_path / "set")])
    assert isinstance(photos, Shards if kind == "parquet" else Tars)
    assert len(photos) == 12
    assert len(built.shards) > 2
    assert built.size == sum((tmp_path / "set" / name).stat().st_size for name in built.shards)
    # WebDataset's names are simpler
    space = " " if kind == "parquet" else "_"
    assert {photos.source(index) for index in range(12)} == {*(f"album{space}{n}" for n in range(3)), "mixed"}
    assert min(decode(photos, 3, at_least=0).size) == 32
    manifest = json.loads((tmp_path / "set" / MANIFEST).read_text())
    assert manifest["complete"]
    assert manifest["photos"] == 12
    assert manifest["dropped_counts"] == {reason: len(found) for reason, found in built.dropped.items()}


def test_colours_come_through(folder: Path, tmp_path: Path) -> None:
    build_set(open_photos([str(folder)]), tmp_path / "set", BuildOptions(size=48, min_side=32, quality=95))
    rows = open_photos([str(tmp_path / "set")])
    table = __import__("pyarrow.parquet").parquet.read_table(tmp_path / "set" / "photos-00000.parquet").to_pylist()
    for index in range(12):
        before = np.asarray(Image.open(table[index]["image"]["path"]), float)
        assert np.abs(np.asarray(decode(rows, index, at_least=0), float) - before).mean() < 6


def test_nothing_is_enlarged(folder: Path, tmp_path: Path) -> None:
    build_set(open_photos([str(folder)]), tmp_path / "set", BuildOptions(size=500, min_side=8))
    assert decode(open_photos([str(tmp_path / "set")]), 0, at_least=0).size == (64, 48)


def test_a_benchmark_is_kept_apart(folder: Path, tars: Path, tmp_path: Path) -> None:
    (tmp_path / "bench").mkdir()
    for number in (3, 7):
        source = next(folder.rglob(f"photo{number}.png"))
        Image.open(source).convert("RGB").save(tmp_path / "bench" / f"{number}.jpg", quality=80)
    against = open_photos([str(tmp_path / "bench")])
    built = build_set(open_photos([str(folder)]), tmp_path / "set", SMALL, against=against)
    (names,) = built.dropped.values()
    assert sorted(Path(name).name for name in names) == ["photo3.png", "photo7.png"]


@pytest.mark.parametrize("kind", ["parquet", "webdataset"])
def test_interrupted_work_is_taken_up_and_ends_the_same(folder: Path, tmp_path: Path, kind: str, monkeypatch) -> None:
    options = BuildOptions(size=32, shard_mb=0.001, min_side=32, format=kind)
    photos = open_photos([str(folder)])
    build_set(photos, tmp_path / "whole", options)

    def stop(done: int, of: int) -> None:
        if done > 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_set(photos, tmp_path / "halves", options, on_pack=stop)
    half = contents(tmp_path / "halves")
    assert 1 < len(half) < len(contents(tmp_path / "whole"))
    assert not json.loads(half[MANIFEST])["complete"]
    # a shard that was put in place but not entered before the power went
    name = sorted(contents(tmp_path / "whole"))[len(half)]
    (tmp_path / "halves" / name).write_bytes(b"from before")
    with monkeypatch.context() as patch:
        # what was planned is not looked at again
        patch.setattr("photochrom.datasets.build.builder.examine_all", None)
        build_set(photos, tmp_path / "halves", options)
    assert contents(tmp_path / "halves") == contents(tmp_path / "whole")


def test_a_killed_process_leaves_whole_shards_and_its_successor_the_same_set(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for number in range(24):
        coarse = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((400, 300)).save(tmp_path / "photos" / f"{number}.jpg")
    command = [sys.executable, "-m", "photochrom", "dataset", "build", "photos", "set", "--shard-mb", "0.01", "-j", "1"]
    running = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (tmp_path / "set" / "photos-00001.parquet").exists():
        assert running.poll() is None
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()
    for shard in (tmp_path / "set").glob("*.parquet"):
        assert len(Shards([shard])) > 0
    subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    again = ["dataset", "build", str(tmp_path / "photos"), str(tmp_path / "again"), "--shard-mb", "0.01", "-j", "1"]
    assert main(again) == 0
    shards = {name: data for name, data in contents(tmp_path / "set").items() if name.endswith(".parquet")}
    assert [len(data) for data in shards.values()]
    photos, again = open_photos([str(tmp_path / "set")]), open_photos([str(tmp_path / "again")])
    assert [photos.read(index) for index in range(24)] == [again.read(index) for index in range(24)]


def _finish(folder: Path, photos) -> None:
    build_set(photos, folder, SMALL)


def _other_options(folder: Path, photos) -> BuildOptions:
    _begin(folder, photos)
    return BuildOptions(size=40, shard_mb=0.001, min_side=32)


def _other_photos(folder: Path, photos) -> None:
    _begin(folder, photos)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["marks"]["fingerprint"] = "of others"
    (folder / MANIFEST).write_text(json.dumps(manifest))


def _begin(folder: Path, photos) -> None:
    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_set(photos, folder, SMALL, on_pack=stop)


def _lose_a_shard(folder: Path, photos) -> None:
    _begin(folder, photos)
    (folder / "photos-00000.parquet").unlink()


def _damage(folder: Path, photos) -> None:
    _begin(folder, photos)
    (folder / MANIFEST).write_text((folder / MANIFEST).read_text()[:-40])


def _foreign(folder: Path, photos) -> None:
    _begin(folder, photos)
    (folder / MANIFEST).write_text('{"version": 1, "marks": {}, "kept": 3, "dropped": {}, "shards": [{}]}')


def _other_files(folder: Path, photos) -> None:
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")


def _a_file(folder: Path, photos) -> None:
    folder.write_text("mine")


@pytest.mark.parametrize(
    ("prepare", "kind", "code"),
    [
        (_finish, OutputExistsError, "built_already"),
        (_other_options, OutputExistsError, "begun_otherwise"),
        (_other_photos, OutputExistsError, "begun_otherwise"),
        (_lose_a_shard, DataError, "shard_changed"),
        (_damage, DataError, "manifest_damaged"),
        (_foreign, DataError, "manifest_damaged"),
        (_other_files, OutputExistsError, "folder_not_empty"),
        (_a_file, OutputExistsError, "not_a_folder"),
    ],
)
def test_a_folder_that_is_not_ours_to_go_on_in_is_left_alone(folder, tmp_path, prepare, kind, code: str) -> None:
    photos = open_photos([str(folder)])
    options = prepare(tmp_path / "set", photos) or SMALL
    before = contents(tmp_path / "set") if (tmp_path / "set").is_dir() else None
    with pytest.raises(kind, check=lambda error: error.code == f"dataset.{code}"):
        build_set(photos, tmp_path / "set", options)
    assert before is None or contents(tmp_path / "set") == before


def test_a_set_of_which_nothing_is_left_makes_no_folder(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.nothing_left"):
        build_set(open_photos([str(folder)]), tmp_path / "set", BuildOptions(min_side=100))
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"size": 8}, "option_out_of_range"),
        ({"quality": 0}, "option_out_of_range"),
        ({"shard_mb": float("nan")}, "option_out_of_range"),
        ({"format": "zip"}, "unknown_format"),
    ],
)
def test_options_out_of_range_are_named(options, code: str) -> None:
    with pytest.raises(OptionError, check=lambda error: error.code == f"dataset.{code}"):
        BuildOptions(**options)


def test_the_command_says_what_it_left_out(mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["dataset", "build", str(mixed), str(tmp_path / "set"), "--size", "32", "--min-side", "32", "-j", "1"]
    assert main([*command, "--drop-gray", "--drop-duplicates", "--format", "webdataset"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("12 photos in 1 shards, ")
    assert "1 left out: near duplicate" in told.out
    assert "torn.jpg'" in told.err
    assert main([*command, "--format", "zip"]) == 2
    assert main(command) == 1
    assert str(tmp_path / "set") in capsys.readouterr().err
    assert main(["dataset"]) == 2
    assert "photochrom dataset --help" in capsys.readouterr().err


def test_pairs_become_shards(pairs: Path, tmp_path: Path) -> None:
    build_set(open_photos([str(pairs)]), tmp_path / "set", BuildOptions(size=48, min_side=32))
    assert len(open_photos([str(tmp_path / "set")])) == 12


def test_the_webdataset_library_reads_what_we_build(folder: Path, tmp_path: Path) -> None:
    tariterators = pytest.importorskip("webdataset.tariterators", reason="the oracle for tars is not installed")
    build_set(open_photos([str(folder)]), tmp_path / "set", BuildOptions(size=48, min_side=32, format="webdataset"))
    with (tmp_path / "set" / "photos-00000.tar").open("rb") as stream:
        samples = list(tariterators.group_by_keys(tariterators.tar_file_expander([{"stream": stream, "url": "it"}])))
    assert len(samples) == 12
    assert {sample["__key__"].split("/")[0] for sample in samples} == {"album_0", "album_1", "album_2"}
    assert Image.open(io.BytesIO(samples[0]["webp"])).size == (64, 48)


def test_a_full_disk_is_one_sentence(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(path: Path, photos: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(__import__("photochrom.datasets.build.builder", fromlist=["WRITERS"]).WRITERS, "parquet", fill)
    with pytest.raises(PhotochromError):
        build_set(open_photos([str(folder)]), tmp_path / "set", SMALL)
    assert [path.name for path in (tmp_path / "set").iterdir()] == [MANIFEST]


@pytest.mark.parametrize("verb", ["inspect", "build"])
def test_the_command_line_page_names_every_option(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dataset", verb, "--help"]) == 0
    page = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text()
    section = page.split(f"## `photochrom dataset {verb}")[1].split("\n## ")[0]
    options = re.findall(r"^\s+(?:-\w, )?(--[\w-]+)", capsys.readouterr().out, re.MULTILINE)
    assert len(options) > 4
    assert all(f"`{option}" in section or f", `{option}" in section for option in options if option != "--help")
