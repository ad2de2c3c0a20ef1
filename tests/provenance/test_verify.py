"""What a file says of itself, in words and as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photochrom import __version__
from photochrom.cli.main import main
from photochrom.errors import InputError, OptionError
from photochrom.provenance import verify


def test_a_result_says_what_made_it(pair: Any, capsys: pytest.CaptureFixture[str]) -> None:
    files = pair("png-8")
    assert main(["verify", str(files.result), "--original", str(files.original), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["holds"] is True
    assert answer["mark"] == {"model": "tiny & <new>", "version": __version__}
    assert answer["manifest"] is None
    assert [finding["name"] for finding in answer["findings"]] == ["marked", "unsigned", "exact"]
    assert answer["lightness"][0]["exact"] is True
    assert main(["verify", str(files.result)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 3
    assert "tiny & <new>" in shown[0]


@pytest.mark.parametrize("form", ["jpeg", "png-8", "tiff-8", "webp", "gif", "avif", "jp2"])
def test_an_original_does_not_hold(pair: Any, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    files = pair(form)
    assert main(["verify", str(files.original)]) == 1
    found = verify(files.original)
    assert [(finding.name, finding.holds) for finding in found.findings] == [("unmarked", False), ("unsigned", None)]
    assert capsys.readouterr().out.startswith("NO")


def test_a_form_without_a_mark_needs_its_original(pair: Any) -> None:
    files = pair("bmp")
    assert not verify(files.result).holds
    assert verify(files.result, files.original).holds


def test_a_changed_result_ends_the_command_with_1(pair: Any, capsys: pytest.CaptureFixture[str]) -> None:
    files = pair("png-8")
    with Image.open(files.result) as image:
        image.load()
        info = image.info
    image.putpixel((3, 4), (255, 255, 255) if image.getpixel((3, 4))[0] < 128 else (0, 0, 0))
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", info["xmp"].decode() if isinstance(info["xmp"], bytes) else info["xmp"])
    image.save(files.result, pnginfo=text)
    assert main(["verify", str(files.result), "--original", str(files.original)]) == 1
    assert "3, 4" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"nothing that anybody knows"])
def test_what_is_neither_photo_nor_film(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        verify(path)
    assert caught.value.code == "provenance.not_a_result"


def test_what_is_not_there(tmp_path: Path, pair: Any) -> None:
    with pytest.raises(InputError) as caught:
        verify(tmp_path / "missing.png")
    assert caught.value.code == "photo.unreadable"
    with pytest.raises(InputError) as caught:
        verify(pair("png-8").result, tmp_path / "missing.png")
    assert caught.value.code == "photo.missing"


def test_anchors_must_be_certificates(tmp_path: Path, pair: Any) -> None:
    path = tmp_path / "anchors.pem"
    path.write_text("nothing")
    with pytest.raises(OptionError) as caught:
        verify(pair("png-8").result, trust=path)
    assert caught.value.code == "provenance.trust_unreadable"


def test_a_film_says_what_made_it(tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="films need the video extra")
    from photochrom.video.muxing.tracks import compose_synthetic_note

    for suffix in (".mp4", ".mkv", ".mov"):
        path = tmp_path / f"film{suffix}"
        with av.open(str(path), "w") as output:
            output.metadata["comment"] = compose_synthetic_note("tiny")
            stream = output.add_stream("mpeg4", rate=25)
            stream.width = stream.height = 64
            stream.pix_fmt = "yuv420p"
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 64), "navy"))
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        found = verify(path, path)
        assert found.mark is not None, suffix
        assert (found.mark.model, found.mark.version) == ("tiny", __version__)
        assert [finding.name for finding in found.findings] == ["marked", "unsigned", "film_not_compared"]
