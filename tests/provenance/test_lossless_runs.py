"""``--lossless`` and ``strip`` of the commands, and what verify says of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.cli.main import main
from photochrom.provenance import verify

pytest.importorskip("jpeglib", reason="keeping a JPEG bit for bit needs the lossless extra")


def gray(path: Path, **options: Any) -> Path:
    y, x = np.mgrid[0:72, 0:99]
    image = Image.fromarray(((np.sin(x / 9) + np.cos(y / 7)) * 60 + 125).astype(np.uint8))
    image.save(path, **options)
    return path


def test_there_and_back(tmp_path: Path) -> None:
    photo = gray(tmp_path / "a.jpg", quality=85, comment=b"shoebox 7")
    assert main(["colorize", str(photo), "--lossless"]) == 0
    result = tmp_path / "a.color.jpg"
    found = verify(result, photo)
    assert found.holds
    assert found.findings[-1].name == "luma_kept"
    assert found.luma == 9 * 13 * 64
    assert main(["strip", str(result)]) == 0
    with Image.open(tmp_path / "a.gray.jpg") as back, Image.open(photo) as before:
        assert back.mode == "L"
        assert np.array_equal(np.asarray(back), np.asarray(before))
        assert back.info["comment"] == b"shoebox 7"
    # somebody saves it again
    with Image.open(result) as image:
        image.load()
        xmp = image.info["xmp"]
    image.save(result, quality=40, xmp=xmp)
    assert verify(result, photo).luma is None


def test_lossless_and_signed(tmp_path: Path, authority: Any) -> None:
    pytest.importorskip("c2pa", reason="signing needs the provenance extra")
    photo = gray(tmp_path / "a.jpg", progressive=True)
    signing = ["--sign", str(authority.chain), "--key", str(authority.key)]
    assert main(["colorize", str(photo), "--lossless", *signing]) == 0
    found = verify(tmp_path / "a.color.jpg", photo, trust=authority.root)
    assert found.holds
    assert {"trusted", "intact", "parent", "luma_kept"} <= {finding.name for finding in found.findings}


@pytest.mark.parametrize(("name", "output"), [("a.png", "b.png"), ("a.jpg", "b.png"), ("a.png", "b.jpg")])
def test_other_forms_are_refused_by_name(
    tmp_path: Path, name: str, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = gray(tmp_path / name)
    assert main(["colorize", str(photo), "-o", str(tmp_path / output), "--lossless"]) == 1
    assert "PNG" in capsys.readouterr().err
    assert not (tmp_path / output).exists()


@pytest.mark.parametrize("more", [["--auto-contrast"], ["--variations", "2"], ["-o", "-"], ["--backend", "ray"]])
def test_where_it_cannot_go(tmp_path: Path, more: list[str]) -> None:
    assert main(["colorize", str(gray(tmp_path / "a.jpg")), "--lossless", *more]) == 2


def test_strip_of_another_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strip", str(gray(tmp_path / "a.png"))]) == 1
    assert main(["strip", str(tmp_path / "missing.jpg")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2
