"""``--sign`` of the commands: every result of a run is signed, and what cannot be is said before it is coloured."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.cli.main import main
from photochrom.provenance import verify

pytest.importorskip("c2pa", reason="signing needs the provenance extra")


def gray(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))).save(path)
    return path


def test_a_folder(tmp_path: Path, authority: Any, capsys: pytest.CaptureFixture[str]) -> None:
    photos = [gray(tmp_path / "in" / name) for name in ("a.jpg", "b.png", "c.tif", "d.bmp")]
    signing = ["--sign", str(authority.chain), "--key", str(authority.key)]
    assert main(["colorize", str(tmp_path / "in"), "-o", str(tmp_path / "out"), *signing]) == 1
    assert "BMP" in capsys.readouterr().err
    for photo in photos[:3]:
        found = verify(tmp_path / "out" / photo.name, photo, trust=authority.root)
        assert found.holds, found.findings
        assert found.manifest is not None
        assert (found.manifest.hints, found.manifest.original) == (False, photo.name)
    assert not (tmp_path / "out" / "d.bmp").exists()
    assert not list((tmp_path / "out").glob("*.signed"))


def test_hints_are_said(tmp_path: Path, authority: Any) -> None:
    photo = gray(tmp_path / "a.png")
    hints = tmp_path / "hints.json"
    hints.write_text('[{"x": 10, "y": 10, "color": "#8a5a3c"}]')
    command = ["colorize", str(photo), "--hints", str(hints), "--sign", str(authority.chain), "--key"]
    assert main([*command, str(authority.key)]) == 0
    found = verify(tmp_path / "a.color.png").manifest
    assert found is not None
    assert found.hints is True


@pytest.mark.parametrize(
    "words",
    [["--sign", "CERT"], ["--key", "KEY"], ["--sign", "KEY", "--key", "CERT"], ["--sign", "CERT", "--key", "no"]],
)
def test_half_a_signer_is_wrong_usage(tmp_path: Path, authority: Any, words: list[str]) -> None:
    photo = gray(tmp_path / "a.png")
    paths = {"CERT": str(authority.chain), "KEY": str(authority.key)}
    assert main(["colorize", str(photo), *(paths.get(word, word) for word in words)]) == 2
    assert not (tmp_path / "a.color.png").exists()


@pytest.mark.parametrize("more", [["--variations", "2"], ["-o", "-"]])
def test_where_it_cannot_go(tmp_path: Path, authority: Any, more: list[str]) -> None:
    photo = gray(tmp_path / "a.png")
    assert main(["colorize", str(photo), *more, "--sign", str(authority.chain), "--key", str(authority.key)]) == 2
