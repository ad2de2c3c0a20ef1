"""The package for browsers gives the Python side's colours; ``packages/core/tests/parity.py`` looks at 20 photos."""

import importlib.util
import shutil
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "packages" / "core"


def test_the_same_pixels_get_the_same_colours() -> None:
    built = (CORE / "dist" / "node.js").is_file() and (CORE.parents[1] / "node_modules" / "onnxruntime-web").is_dir()
    if not built or shutil.which("node") is None:
        pytest.skip("the package for browsers is not built: run  make page  (needs Node 20)")
    spec = importlib.util.spec_from_file_location("parity", CORE / "tests" / "parity.py")
    assert spec is not None
    assert spec.loader is not None
    parity = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(parity)
    found = parity.compare({"astronaut_rgb", "ramp", "deep"})
    assert len(found) == 3
    for title, (mean, near) in found.items():
        assert mean < parity.MEAN, title
        assert near >= parity.NEAR, title
