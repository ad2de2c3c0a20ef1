"""The corpus' comparison sees what it is there for: each fault, planted in a result, is found, and a right result has
none."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from corpus_compare import compare

sys.path.pop(0)

RAMP = np.add.outer(np.arange(40) * 3, np.arange(50) * 2).astype(np.uint8)
RGBA = np.dstack([RAMP] * 3 + [RAMP])


def save(path: Path, array: Any, **options: Any) -> Path:
    Image.fromarray(array).save(path, **options)
    return path


def faults(source: Path, target: Path, kind: str = "PNG") -> list[str]:
    return [fault.partition(":")[0] for fault in compare(source, target, kind, ())]


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (RGBA, []),
        (np.dstack([RGBA[..., :3] // 2, RAMP]), ["lightness"]),
        (np.dstack([RGBA[..., :3], RAMP // 2]), ["alpha"]),
        (RGBA[..., :3], ["alpha"]),
        (RGBA[::-1], ["lightness"]),
        (RGBA[:20], ["size"]),
    ],
)
def test_pixels(tmp_path: Path, planted: Any, found: list[str]) -> None:
    source, target = save(tmp_path / "a.png", RGBA), save(tmp_path / "b.png", planted)
    assert faults(source, target) == found


def test_metadata_and_frames(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[270] = "A walk"
    source = save(tmp_path / "a.jpg", RAMP, exif=exif, dpi=(300, 300), comment=b"box 3")
    assert faults(source, source, "JPEG") == []
    assert faults(source, save(tmp_path / "b.jpg", RAMP), "JPEG") == ["exif", "dpi", "comment"]
    frames = [Image.fromarray(np.roll(RAMP, step)) for step in (9, 18)]
    moving = {"save_all": True, "duration": 40, "loop": 2}
    source = save(tmp_path / "a.png", RAMP, append_images=frames, **moving)
    assert faults(source, source) == []
    assert faults(source, save(tmp_path / "b.png", RAMP, append_images=frames[:1], **moving)) == ["frames"]
    slow = save(tmp_path / "c.png", RAMP, append_images=frames, **(moving | {"duration": 90}))
    assert faults(source, slow) == ["durations"]
    (tmp_path / "d.png").write_bytes(b"no picture")
    assert faults(source, tmp_path / "d.png") == ["result unreadable"]
