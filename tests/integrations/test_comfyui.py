"""The nodes for ComfyUI, loaded and run as ComfyUI does: by the contract of its custom nodes, with real tensors."""

import importlib.util
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom import Colorizer, __version__, colorize_frames
from photochrom.color.conversion import srgb_to_lab
from photochrom.errors import OptionError

torch = pytest.importorskip("torch", reason="ComfyUI hands tensors over")
FOLDER = Path(__file__).parents[2] / "integrations" / "comfyui"
SETTINGS = {"model": "photochrom_fast", "vividness": 1.0, "strength": 1.0}


@pytest.fixture(scope="module")
def nodes():
    """The folder as a package of another name, which is how ComfyUI imports it."""
    name = "custom_nodes_photochrom"
    spec = importlib.util.spec_from_file_location(
        name, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    yield module
    for loaded in [key for key in sys.modules if key.startswith(name)]:
        del sys.modules[loaded]


@pytest.fixture(scope="module")
def image():
    """A gray photo as ComfyUI holds it: (1,H,W,3) float32, 0..1, with values between those of 8 bits."""
    gray = np.asarray(Image.fromarray(skimage.data.coffee()).convert("L").resize((180, 120)), np.float32) / 255
    gray = np.clip(gray + np.linspace(0, 1 / 255, 180, dtype=np.float32), 0, 1)
    return torch.from_numpy(np.repeat(gray[None, ..., None], 3, axis=3))


def run(nodes, workflow):
    """Runs a workflow as ComfyUI writes it: node -> (class, inputs), a link being [node, number of its output]."""
    done = {}

    def result(node):
        if node not in done:
            kind, inputs = workflow[node]
            made = nodes.NODE_CLASS_MAPPINGS[kind]()
            asked = kind_inputs(made)
            assert asked["required"].keys() <= inputs.keys() <= asked["required"].keys() | asked["optional"].keys()
            given = {key: result(v[0])[v[1]] if isinstance(v, list) else v for key, v in inputs.items()}
            done[node] = getattr(made, made.FUNCTION)(**given)
            assert len(done[node]) == len(made.RETURN_TYPES) == len(made.RETURN_NAMES)
        return done[node]

    return {node: result(node) for node in workflow}


def kind_inputs(node):
    return {"optional": {}, **node.INPUT_TYPES()}


def test_the_contract(nodes):
    assert nodes.NODE_CLASS_MAPPINGS.keys() == nodes.NODE_DISPLAY_NAME_MAPPINGS.keys()
    for kind in nodes.NODE_CLASS_MAPPINGS.values():
        assert kind.CATEGORY == "photochrom"
        assert callable(getattr(kind, kind.FUNCTION))
        for group in kind_inputs(kind).values():
            for name, (type_, *more) in group.items():
                assert type_ in ("IMAGE", "FLOAT", "INT", "STRING", "PHOTOCHROM_HINTS") or name == "model"
                if type_ in ("FLOAT", "INT"):
                    assert more[0]["min"] <= more[0]["default"] <= more[0]["max"]
    assert kind_inputs(nodes.NODE_CLASS_MAPPINGS["PhotochromColorize"])["required"]["model"][0][0] == "photochrom_fast"
    listed = tomllib.loads((FOLDER / "pyproject.toml").read_text())
    assert listed["project"]["version"] == __version__


def test_a_workflow_of_four_nodes(nodes, image):
    hint = {"x": 90, "y": 60, "color": "#2040ff", "radius": 10}
    done = run(
        nodes,
        {
            "one": ("PhotochromHint", hint),
            "two": ("PhotochromHint", {**hint, "x": 20, "color": " #20a040 ", "hints": ["one", 0]}),
            "photo": ("PhotochromColorize", {"image": image, **SETTINGS, "hints": ["two", 0]}),
            "plain": ("PhotochromColorize", {"image": ["photo", 0], **SETTINGS, "reference": ["photo", 0]}),
        },
    )
    colored, confidence = done["photo"]
    assert colored.shape == image.shape
    assert colored.dtype == torch.float32
    assert confidence.shape == image.shape[:3]
    assert 0 <= float(confidence.min()) <= float(confidence.max()) <= 1
    hints = done["two"][0]
    assert [each.color for each in hints] == ["#2040ff", "#20a040"]
    same = Colorizer("photochrom_fast")(image[0].numpy(), hints=hints).picture.pages[0].pixels
    assert np.array_equal(colored[0].numpy(), same)
    lab = srgb_to_lab(np.moveaxis(colored[0].numpy(), -1, 0))
    # in floating point: nothing is rounded to 8 bits
    assert abs(lab[0] - srgb_to_lab(np.moveaxis(image[0].numpy(), -1, 0))[0]).max() < 0.05
    assert lab[2][55:65, 85:95].mean() < -20


def test_a_batch_of_frames_is_a_film(nodes, image):
    frames = torch.cat([image.roll(number, dims=2) for number in range(4)])
    (colored,) = run(
        nodes, {"film": ("PhotochromColorizeFilm", {"frames": frames, **SETTINGS, "temporal_smoothing": 1.0})}
    )["film"]
    whole = (frames.numpy() * 255).round().astype(np.uint8)
    expected = np.stack(list(colorize_frames(iter(whole), model="photochrom_fast")))
    assert np.array_equal((colored.numpy() * 255).round().astype(np.uint8), expected)


def test_suggestions_are_colours_for_hints(nodes, image):
    (text,) = run(nodes, {"a": ("PhotochromSuggest", {"image": image, "model": "photochrom_fast", "x": 90, "y": 60})})[
        "a"
    ]
    first = text.splitlines()[0]
    made = nodes.NODE_CLASS_MAPPINGS["PhotochromHint"]().add(90, 60, first, 4)
    assert made[0][0].color == first


def test_a_wrong_colour_is_told(nodes):
    with pytest.raises(OptionError) as caught:
        nodes.NODE_CLASS_MAPPINGS["PhotochromHint"]().add(1, 1, "blue", 4)
    assert caught.value.code == "option.hint_color"
