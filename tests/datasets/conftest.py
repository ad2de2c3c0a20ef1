import io
import tarfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from photochrom.color.conversion import srgb_to_lab

ROWS = 12


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


def colorful(seed: int, height: int = 48, width: int = 64) -> Image.Image:
    """A smooth picture with saturated colours, different for every seed."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (3, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("photos")
    for seed in range(ROWS):
        path = root / f"album {seed % 3}" / f"photo{seed}.png"
        path.parent.mkdir(exist_ok=True)
        colorful(seed).save(path)
    (root / "notes.txt").write_text("no photo")
    return root


@pytest.fixture(scope="session")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import pyarrow
    import pyarrow.parquet

    root = tmp_path_factory.mktemp("shards")
    for shard in range(2):
        rows = []
        for seed in range(shard * 6, shard * 6 + 6):
            content = io.BytesIO()
            colorful(seed).save(content, "WEBP", lossless=True)
            rows.append({"bytes": content.getvalue(), "path": f"{seed}.webp"})
        table = pyarrow.table({"image": rows, "source": ["made"] * len(rows)})
        pyarrow.parquet.write_table(table, root / f"train-{shard}.parquet", row_group_size=4)
    return root


def encoded(seed: int, suffix: str = "PNG", **options) -> bytes:
    content = io.BytesIO()
    colorful(seed).save(content, suffix, **options)
    return content.getvalue()


def write_tar(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture(scope="session")
def tars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tars as the webdataset library has them, with a text beside every photo."""
    root = tmp_path_factory.mktemp("tars")
    for shard in range(2):
        seeds = range(shard * 6, shard * 6 + 6)
        members = {}
        for seed in seeds:
            members[f"album{seed % 3}/{seed:03}.png"] = encoded(seed)
            members[f"album{seed % 3}/{seed:03}.txt"] = b"a photo"
        write_tar(root / f"{shard:03}.tar", members)
    return root


def lab_bytes(image: Image.Image) -> np.ndarray:
    """OpenCV's 8-bit Lab of a picture, by our own formulas: (H,W,3) uint8."""
    lab = srgb_to_lab(np.moveaxis(np.asarray(image), -1, 0) / 255)
    return np.moveaxis(np.stack([lab[0] * 2.55, lab[1] + 128, lab[2] + 128]).round().clip(0, 255), 0, -1).astype(
        np.uint8
    )


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The twelve photos as the Kaggle set has them: folders l and ab/ab, parts of 5, 4 and 3."""
    root = tmp_path_factory.mktemp("kaggle")
    (root / "l").mkdir()
    (root / "ab" / "ab").mkdir(parents=True)
    lab = np.stack([lab_bytes(colorful(seed)) for seed in range(ROWS)])
    np.save(root / "l" / "gray_scale.npy", lab[..., 0])
    for number, part in enumerate(np.split(lab[..., 1:], [5, 9]), 1):
        np.save(root / "ab" / "ab" / f"ab{number}.npy", part)
    return root


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """What the fixtures are made with, for tests that make others."""
    return SimpleNamespace(photo=colorful, encoded=encoded, tar=write_tar, lab_bytes=lab_bytes)
