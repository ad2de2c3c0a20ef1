"""Networks of the zoo, tiny and untrained, as weights files."""

from collections.abc import Callable
from pathlib import Path

import pytest

Exported = Callable[[str], Path]


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A network's file by its name; each is exported once."""
    torch = pytest.importorskip("torch", reason="exporting needs the train extra")
    folder = tmp_path_factory.mktemp("zoo")

    def make(name: str) -> Path:
        from photochrom.models.registry import build
        from photochrom.training.export.model_card import CardText
        from photochrom.training.export.onnx import export_network

        path = folder / f"{name}.onnx"
        if not path.exists():
            torch.manual_seed(0)
            network = build(name, tiny=True).eval()
            export_network(network, path, CardText(name=name), architecture=name, weight_format="float32")
        return path

    return make
