"""The folder that ``photochrom site`` writes."""

import gzip
import json
from pathlib import Path

import pytest

from photochrom.cli.main import main
from photochrom.errors import OutputExistsError, WriteError
from photochrom.private_edition import write_site
from photochrom.registry import find_model


@pytest.fixture
def page(tmp_path: Path) -> Path:
    built = tmp_path / "page"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html>")
    (built / "assets" / "a.js").write_text("1")
    return built


def test_page_and_network_lie_in_the_folder(tmp_path: Path, page: Path) -> None:
    model = find_model("resnet_gray")
    folder = tmp_path / "out" / "site"
    written = write_site(folder, model, page=page)
    listed = json.loads((folder / "network" / "network.json").read_text())
    packed = (folder / "network" / listed["file"]).read_bytes()
    assert gzip.decompress(packed) == model.data
    assert listed["size"] == len(packed)
    assert (folder / "assets" / "a.js").read_text() == "1"
    assert written == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert (folder / "index.html").stat().st_mode & 0o444 == (page / "index.html").stat().st_mode & 0o444


def test_a_folder_with_files_is_renewed_on_request_alone(tmp_path: Path, page: Path) -> None:
    folder = tmp_path / "site"
    write_site(folder, find_model("resnet_gray"), page=page)
    (folder / "CNAME").write_text("photos.example")
    with pytest.raises(OutputExistsError) as refused:
        write_site(folder, find_model("resnet_gray"), page=page)
    assert refused.value.code == "site.folder_not_empty"
    write_site(folder, find_model("vae"), page=page, overwrite=True)
    assert [path.name.split("-")[0] for path in (folder / "network").glob("*.bin")] == ["vae"]
    assert (folder / "CNAME").read_text() == "photos.example"


def test_a_copy_without_the_page_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(WriteError) as refused:
        write_site(tmp_path / "site", find_model("resnet_gray"), page=tmp_path / "nothing")
    assert refused.value.code == "site.not_built"
    assert not (tmp_path / "site").exists()


def test_a_file_is_not_a_folder(tmp_path: Path, page: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError) as refused:
        write_site(tmp_path / "file", find_model("resnet_gray"), page=page)
    assert refused.value.code == "output.not_a_folder"


def test_the_command_writes_the_site_with_the_network_named(
    tmp_path: Path, page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from photochrom.private_edition import folder as module

    monkeypatch.setattr(module, "PAGE", page)
    monkeypatch.setattr(module.write_site, "__kwdefaults__", {"page": page, "overwrite": False})
    assert main(["site", str(tmp_path / "out"), "--model", "resnet_gray"]) == 0
    assert "MB" in capsys.readouterr().out
    assert (tmp_path / "out" / "index.html").is_file()
    assert main(["site", str(tmp_path / "out")]) == 1
    assert "--overwrite" in capsys.readouterr().err
