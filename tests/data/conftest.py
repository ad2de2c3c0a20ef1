from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROWS = 12


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
    import io

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
