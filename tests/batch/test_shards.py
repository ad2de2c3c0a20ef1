"""Shards in, shards out: real tars and Parquet files, on the disk and in a real S3 server."""

import io
import json
import tarfile
import threading
from pathlib import Path

import pytest

from photochrom.batch import Saving, Sidecars, colorize_files, plan_shards, run_plan
from photochrom.cli.main import main
from photochrom.errors import InputError, NoInputError, OptionError, WriteError
from photochrom.image_io.provenance import find_mark

FEATURES = {"info": {"features": {"image": {"_type": "Image"}, "label": {"dtype": "int64", "_type": "Value"}}}}


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.uname = len(content), 1234, "keeper"
    archive.addfile(member, io.BytesIO(content))


@pytest.fixture
def tar(folder: Path, tmp_path: Path) -> Path:
    """Six samples with what lies beside photos, one photo that is cut, one of another kind, a mask and a link."""
    path = tmp_path / "scans.tar"
    with tarfile.open(path, "w") as archive:
        archive.addfile(_folder("box"))
        for number in range(6):
            content = (folder / f"{number}.png").read_bytes()
            add(archive, f"box/{number}.json", json.dumps({"year": 1900 + number}).encode())
            add(archive, f"box/{number}.png", content[:200] if number == 4 else content)
            if number == 2:
                add(archive, "box/2.mask.png", content)
        link = tarfile.TarInfo("first")
        link.type, link.linkname = tarfile.SYMTYPE, "box/0.png"
        archive.addfile(link)
    return path


def _folder(name: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = tarfile.DIRTYPE
    return member


@pytest.fixture
def parquet(folder: Path, tmp_path: Path) -> Path:
    """Rows as datasets writes them, with one that is empty, one without bytes and one that is cut."""
    pyarrow = pytest.importorskip("pyarrow", reason="Parquet needs the parquet extra")
    parquet = pytest.importorskip("pyarrow.parquet")
    photos = [(folder / f"{number}.png").read_bytes() for number in range(6)]
    rows: list[dict[str, object] | None] = [{"bytes": content, "path": f"{n}.png"} for n, content in enumerate(photos)]
    rows[1] = {"bytes": photos[1], "path": None}
    rows += [None, {"bytes": None, "path": "elsewhere.png"}, {"bytes": photos[0][:200], "path": "torn.png"}]
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    table = pyarrow.table({"label": list(range(9)), "image": pyarrow.array(rows, image)})
    path = tmp_path / "train-00000.parquet"
    metadata = {"huggingface": json.dumps(FEATURES)}
    parquet.write_table(table.replace_schema_metadata(metadata), path, row_group_size=4, compression="zstd")
    return path


@pytest.fixture
def colored(folder: Path, tmp_path: Path, colorizer) -> dict[str, bytes]:
    """The results of the same photos as files."""
    colorize_files([folder], tmp_path / "files", colorizer=colorizer)
    return {path.name: path.read_bytes() for path in (tmp_path / "files").glob("*.png")}


def members(path: Path) -> dict[str, bytes | None]:
    with tarfile.open(path) as archive:
        streams = {member.name: archive.extractfile(member) if member.isreg() else None for member in archive}
        return {name: stream and stream.read() for name, stream in streams.items()}


def test_a_tar_keeps_all_but_its_colours(tar, tmp_path, colorizer, colored) -> None:
    report = colorize_files([tar], tmp_path / "out.tar", colorizer=colorizer)
    before, after = members(tar), members(tmp_path / "out.tar")
    # the sample whose photo is cut is left out as a whole, and nothing else
    assert list(after) == [name for name in before if not name.startswith("box/4")]
    assert {name: after[f"box/{name}"] for name in colored if name != "4.png"} == {
        name: content for name, content in colored.items() if name != "4.png"
    }
    kept = {name: content for name, content in before.items() if name.endswith((".json", ".mask.png", "first", "box"))}
    assert {name: after[name] for name in kept if name != "box/4.json"} == {
        name: content for name, content in kept.items() if name != "box/4.json"
    }
    with tarfile.open(tmp_path / "out.tar") as archive:
        photo = archive.getmember("box/1.png")
        assert (photo.mtime, photo.uname) == (1234, "keeper")
        assert archive.getmember("first").linkname == "box/0.png"
    assert (report.done, report.failed, report.remaining) == (5, 1, 0)
    shard, failed = report.files
    assert (shard.source, shard.photos, shard.confidence) == (str(tar), 5, 0.5)
    assert (failed.source, failed.error_code) == (f"{tar}, box/4.png", "photo.truncated")


# the library leaves the tar to the collector
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_webdataset_reads_what_is_written(tar, tmp_path, colorizer) -> None:
    webdataset = pytest.importorskip("webdataset")
    colorize_files([tar], tmp_path / "out.tar", colorizer=colorizer)
    samples = list(webdataset.WebDataset(str(tmp_path / "out.tar"), shardshuffle=False, empty_check=False))
    read = {sample["__key__"]: set(sample) - {"__key__", "__url__", "__local_path__"} for sample in samples}
    kinds = {"json", "png"}
    assert read == {f"box/{number}": kinds | ({"mask.png"} if number == 2 else set()) for number in (0, 1, 2, 3, 5)}


def test_parquet_keeps_rows_columns_and_metadata(parquet, tmp_path, colorizer, colored) -> None:
    reader = pytest.importorskip("pyarrow.parquet")
    report = colorize_files([parquet], tmp_path / "out.parquet", colorizer=colorizer)
    before, after = (reader.read_table(path) for path in (parquet, tmp_path / "out.parquet"))
    assert after.schema.equals(before.schema, check_metadata=True)
    assert after["label"].to_pylist() == before["label"].to_pylist()
    rows = after["image"].to_pylist()
    assert [row and row["bytes"] for row in rows] == [*(colored[f"{n}.png"] for n in range(6)), None, None, None]
    assert [row["path"] for row in rows[:6]] == ["0.png", None, *(f"{number}.png" for number in range(2, 6))]
    footer = reader.ParquetFile(tmp_path / "out.parquet").metadata
    assert footer.row_group(0).column(0).compression == "ZSTD"
    assert (report.done, report.failed) == (6, 2)
    assert [(file.source, file.error_code) for file in report.files[1:]] == [
        (f"{parquet}, row 7", "shards.row_external"),
        (f"{parquet}, row 8", "photo.truncated"),
    ]


def test_a_column_of_another_name_is_found_and_one_that_may_be_several_is_refused(
    folder, tmp_path, colorizer, colored
) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    writer = pytest.importorskip("pyarrow.parquet")
    photo = (folder / "0.png").read_bytes()
    scan = {"scan": pyarrow.array([{"bytes": photo, "path": "0.png", "page": 7}])}
    writer.write_table(pyarrow.table(scan), tmp_path / "one.parquet")
    colorize_files([tmp_path / "one.parquet"], tmp_path / "out.parquet", colorizer=colorizer)
    rows = writer.read_table(tmp_path / "out.parquet")["scan"].to_pylist()
    assert rows == [{"bytes": colored["0.png"], "path": "0.png", "page": 7}]
    writer.write_table(pyarrow.table(scan | {"other": scan["scan"]}), tmp_path / "two.parquet")
    writer.write_table(pyarrow.table({"image": pyarrow.array([photo])}), tmp_path / "bytes.parquet")
    report = colorize_files(
        [tmp_path / "two.parquet", tmp_path / "bytes.parquet"], tmp_path / "out", colorizer=colorizer
    )
    assert [file.error_code for file in report.files] == ["shards.no_image_column", None]
    assert not (tmp_path / "out" / "two.parquet").exists()
    assert writer.read_table(tmp_path / "out" / "bytes.parquet")["image"].to_pylist() == [colored["0.png"]]


def test_another_format_takes_another_name(folder, tmp_path, colorizer) -> None:
    with tarfile.open(tmp_path / "in.tar", "w") as archive:
        for name in ("a.png", "b.png", "b.webp"):
            add(archive, name, (folder / "0.png").read_bytes())
    plan = plan_shards([str(tmp_path / "in.tar")], str(tmp_path / "out.tar"), format="webp")
    report = run_plan(plan, colorizer=colorizer)
    assert (report.done, report.failed) == (3, 0)
    after = members(tmp_path / "out.tar")
    assert list(after) == ["a.webp", "b.png.webp", "b.webp"]
    assert {content[8:12] for content in after.values() if content} == {b"WEBP"}


def test_a_set_is_gone_on_with_shard_by_shard(folder, tmp_path, tar, parquet, colorizer) -> None:
    shards = tmp_path / "shards"
    shards.mkdir()
    for number in range(3):
        (shards / f"{number}.tar").write_bytes(tar.read_bytes())
    output = tmp_path / "out"
    stop = threading.Event()
    plan = plan_shards([str(shards / "{0..2}.tar")], str(output))
    colorizer.after = lambda path: stop.set()
    first = run_plan(plan, colorizer=colorizer, jobs=1, stop=stop)
    # a shard that was begun is not there, nor is a mark that it was
    assert (first.done, first.remaining, first.stopped.code) == (0, 3, "batch.interrupted")
    assert not list(output.glob("*.tar"))
    assert [path.name for path in (output / ".photochrom").iterdir()] == ["README.txt"]
    colorizer.after = lambda path: None
    run_plan(plan_shards([str(shards / "0.tar")], str(output)), colorizer=colorizer)
    colorizer.seen.clear()
    second = colorize_files([shards / "*.tar"], output, colorizer=colorizer, resume=True)
    assert (second.skipped, second.done, second.failed, len(colorizer.seen)) == (5, 10, 3, 12)
    assert {path.read_bytes() for path in output.glob("*.tar")} == {(output / "0.tar").read_bytes()}
    # what an earlier run said of its failures is said again, and not tried again
    third = colorize_files([shards / "*.tar"], output, colorizer=colorizer, resume=True)
    assert (third.skipped, third.done, third.failed, len(colorizer.seen)) == (15, 0, 3, 12)
    assert {file.error_code for file in third.files if file.status == "failed"} == {"photo.truncated"}
    # somebody's own is left alone; what a run was about to write when it was killed is not
    (output / "1.tar").write_bytes(b"another")
    (mark,) = (output / ".photochrom").glob("2.tar~*.json")
    mark.rename(mark.with_name(mark.name.rsplit("-", 1)[0] + "-0.json"))
    fourth = colorize_files([shards / "*.tar"], output, colorizer=colorizer, resume=True)
    assert (fourth.skipped, fourth.done) == (5, 5)
    assert (output / "1.tar").read_bytes() == b"another"
    assert len(list((output / ".photochrom").glob("2.tar~*.json"))) == 1


def test_nothing_is_left_of_a_shard_that_cannot_be_written(tar, tmp_path, colorizer) -> None:
    output = tmp_path / "out"

    def fill(path: Path) -> None:
        raise OSError(28, "No space left on device")

    colorizer.before = fill
    report = colorize_files([tar], output, colorizer=colorizer)
    assert isinstance(report.stopped, WriteError)
    assert report.stopped.code == "output.disk_full"
    assert {path.name for path in output.rglob("*") if path.is_file()} == {"README.txt", "photochrom-report.json"}
    (tmp_path / "one.tar").write_bytes(b"somebody's")
    report = colorize_files([tar], tmp_path / "one.tar", colorizer=colorizer)
    assert report.files[0].error_code == "batch.output_exists"
    assert (tmp_path / "one.tar").read_bytes() == b"somebody's"


@pytest.mark.parametrize("cut", [1000, 512 * 5 + 100, -1024])
def test_a_shard_that_is_cut_is_known_before_it_is_coloured(cut, tar, tmp_path, colorizer) -> None:
    tar.write_bytes(tar.read_bytes()[:cut].rstrip(b"\0") if cut < 0 else tar.read_bytes()[:cut])
    report = colorize_files([tar], tmp_path / "out.tar", colorizer=colorizer)
    assert [file.error_code for file in report.files] == ["shards.damaged"]
    assert not colorizer.seen
    assert not (tmp_path / "out.tar").exists()


def test_a_damaged_parquet_has_a_name(tmp_path, colorizer, parquet) -> None:
    parquet.write_bytes(parquet.read_bytes()[:300])
    report = colorize_files([parquet], tmp_path / "out.parquet", colorizer=colorizer)
    assert [file.error_code for file in report.files] == ["shards.damaged"]


def test_a_bucket_gets_what_a_folder_would(s3, tar, parquet, tmp_path, colorizer) -> None:
    pytest.importorskip("fsspec", reason="object stores need the cloud extra")
    for path in (tar, parquet):
        s3.client.upload_file(str(path), s3.bucket, f"in/{path.name}")
    output = f"s3://{s3.bucket}/out"
    source = [f"s3://{s3.bucket}/in/*.tar", f"s3://{s3.bucket}/in/train-{{00000..00000}}.parquet"]
    there = colorize_files(source, output, colorizer=colorizer)
    colorize_files([tar, parquet], tmp_path / "out", colorizer=colorizer)
    assert (there.done, there.failed) == (11, 3)
    after = s3.get("out")
    for path in (tar, parquet):
        assert after[path.name] == (tmp_path / "out" / path.name).read_bytes()
    assert "photochrom-report.json" in after
    again = colorize_files(source, output, colorizer=colorizer, resume=True)
    assert (again.skipped, again.done, again.failed) == (11, 0, 3)


@pytest.mark.parametrize(
    ("inputs", "output", "code"),
    [
        (["a.tar"], None, "shards.output_needed"),
        (["a.tar", "photo.jpg"], "out", "shards.inputs_mixed"),
        (["photos"], "out.tar", "shards.inputs_mixed"),
        (["a.tar.gz"], "out", "shards.compressed"),
        (["a.tar", "b.tar"], "out.tar", "batch.output_is_file"),
        (["a.tar"], "out.parquet", "shards.format_differs"),
        (["a.tar"], "a.tar", "batch.output_is_input"),
        (["a.tar"], "", "batch.output_is_input"),
        (["a.tar", "below/a.tar"], "out", "batch.output_shared"),
        (["missing.tar"], "out", "batch.not_found"),
        (["missing*.tar"], "out", "shards.no_match"),
    ],
)
def test_what_cannot_be_meant_is_refused(inputs, output, code, tmp_path) -> None:
    for name in ("a.tar", "b.tar", "a.tar.gz", "below/a.tar", "photo.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    place = None if output is None else f"{tmp_path}/{output}"
    with pytest.raises(InputError, check=lambda error: error.code == code) as caught:
        plan_shards([str(tmp_path / text) for text in inputs], place)
    assert isinstance(caught.value, OptionError | NoInputError)


def test_what_lies_beside_photos_does_not_go_with_shards(tar, tmp_path, colorizer) -> None:
    with pytest.raises(OptionError, check=lambda error: error.code == "shards.unsuitable"):
        colorize_files([tar], tmp_path / "out.tar", colorizer=colorizer, beside=Sidecars(confidence=True))


def test_the_command_colours_shards(tar, tmp_path, capsys) -> None:
    output = tmp_path / "out.tar"
    assert main(["colorize", str(tar), "-o", str(output), "--input-size", "64", "--dry-run"]) == 0
    assert not output.exists()
    assert main(["colorize", str(tar), "-o", str(output), "--input-size", "64"]) == 1
    said, errors = capsys.readouterr()
    assert "5 photos" in said
    assert "5 coloured, 1 failed" in said
    assert errors.count("box/4.png") == 1
    photo = tmp_path / "1.png"
    content = members(output)["box/1.png"]
    assert content
    photo.write_bytes(content)
    assert find_mark(photo) == "photochrom_fast"
    assert main(["colorize", str(tar), "-o", str(output), "--confidence"]) == 2


def test_saving_is_done_in_shards_too(folder, tmp_path, colorizer) -> None:
    with tarfile.open(tmp_path / "in.tar", "w") as archive:
        add(archive, "a.png", (folder / "0.png").read_bytes())
    plan = plan_shards([str(tmp_path / "in.tar")], str(tmp_path / "out.tar"), saving=Saving(lossless=True))
    report = run_plan(plan, colorizer=colorizer)
    assert [file.error_code for file in report.files if file.error_code] == ["photo.lossless_form"]
