"""The folder for a model hub: its graph colours as the package does, and its examples run."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import skimage.data
from PIL import Image

from photochrom import Colorizer
from photochrom.cli.main import main

pytest.importorskip("torch", reason="exporting needs the train extra")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hub") / "photochrom_fast"
    assert main(["export", "photochrom_fast", str(folder), "--hub"]) == 0
    return folder


@pytest.fixture(scope="module")
def session(hub: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(hub / "model.onnx", providers=["CPUExecutionProvider"])


def test_it_colours_as_the_package_does(session: onnxruntime.InferenceSession) -> None:
    colorizer = Colorizer("photochrom_fast", threads=1)
    gray = skimage.data.camera()
    for photo in (gray[:200, :331], gray[100:140, :500], skimage.data.coffee()[:150, :97], gray[:3, :2], gray[:1, :1]):
        image = photo.reshape(1, *photo.shape[:2], -1)
        (colored,) = session.run(None, {"image": image})[0]
        expected = colorizer(photo).picture.pages[0].pixels
        assert colored.shape == expected.shape
        assert np.abs(colored.astype(int) - expected).mean() < 1
    two = np.stack([gray[:64, :80], gray[200:264, 100:180]])[..., None]
    batch = session.run(None, {"image": two})[0]
    alone = session.run(None, {"image": two[1:]})[0]
    assert np.abs(batch[1:].astype(int) - alone).max() <= 1


def test_the_folder_is_whole_and_its_example_runs(hub: Path, tmp_path: Path) -> None:
    card = (hub / "README.md").read_text()
    assert card.startswith("---\nlicense: apache-2.0\n")
    assert "$" not in card.replace("$0", "")
    examples = hub / "examples"
    Image.fromarray(skimage.data.camera()[:90, :120]).save(tmp_path / "a.png")
    words = [sys.executable, "colorize_onnxruntime.py", str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    subprocess.run(words, cwd=examples, check=True)
    with Image.open(tmp_path / "b.png") as image:
        assert (image.mode, image.size) == ("RGB", (120, 90))
    if node := shutil.which("node"):
        subprocess.run([node, "--check", "colorize.mjs"], cwd=examples, check=True)


def test_the_configuration_for_triton_is_that_of_the_graph(hub: Path, session: onnxruntime.InferenceSession) -> None:
    folder = hub / "examples" / "triton" / "photochrom"
    config = (folder / "config.pbtxt").read_text()
    assert f'name: "{folder.name}"' in config
    for kind, nodes in (("input", session.get_inputs()), ("output", session.get_outputs())):
        listed = re.search(rf"^{kind} \[(.*?)^\]", config, re.MULTILINE | re.DOTALL)
        assert listed
        entries = re.findall(r'name: "(\w+)" data_type: TYPE_(\w+) dims: \[ (.*?) \]', listed[1])
        dims = [", ".join(str(size) if isinstance(size, int) else "-1" for size in node.shape) for node in nodes]
        assert entries == [(node.name, "UINT8", size) for node, size in zip(nodes, dims, strict=True)]
        assert all(node.type == "tensor(uint8)" for node in nodes)


def test_what_is_refused(hub: Path, tmp_path: Path) -> None:
    assert main(["export", "photochrom_fast", str(hub), "--hub"]) == 1
    assert main(["export", "nothing_like_it", str(tmp_path / "a"), "--hub"]) == 1
    assert main(["export", "photochrom_fast", str(tmp_path / "a"), "--hub", "--name", "x"]) == 2
    assert not (tmp_path / "a").exists()
