"""The plug-in for GIMP 3, with stand-ins for the classes of its documented API, and the real command."""

import importlib.util
import shlex
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom.color.conversion import srgb_to_lab

PLUGIN = Path(__file__).parents[2] / "integrations" / "gimp" / "photochrom" / "photochrom.py"
COMMAND = f"{shlex.quote(sys.executable)} -m photochrom"


class Layer:
    def __init__(self, pixels):
        self.pixels = pixels

    def set_name(self, name):
        self.name = name

    def set_mode(self, mode):
        self.mode = mode


class GimpImage:
    """An image of one gray layer and what was put above it."""

    def __init__(self, pixels):
        self.pixels, self.layers, self.steps, self.kind = pixels, [], [], "GRAY"

    def duplicate(self):
        self.steps.append("duplicate")
        return GimpImage(self.pixels)

    def flatten(self):
        self.steps.append("flatten")

    def delete(self):
        self.pixels = None

    def get_base_type(self):
        return self.kind

    def convert_rgb(self):
        self.kind = "RGB"
        self.steps.append("convert_rgb")

    def insert_layer(self, layer, parent, position):
        assert (parent, position) == (None, 0)
        self.layers.insert(0, layer)
        self.steps.append("insert_layer")

    def undo_group_start(self):
        self.steps.append("undo_group_start")

    def undo_group_end(self):
        self.steps.append("undo_group_end")


class Procedure:
    def __init__(self, plugin, name, kind, run, data):
        self.run, self.arguments, self.about = run, {}, {}

    @classmethod
    def new(cls, *given):
        return cls(*given)

    def add_double_argument(self, name, nick, blurb, low, high, value, flags):
        assert low <= value <= high
        self.arguments[name] = value

    def add_string_argument(self, name, nick, blurb, value, flags):
        self.arguments[name] = value

    def new_return_values(self, status, error):
        return status, str(error)

    def __getattr__(self, name):
        if not name.startswith(("set_", "add_menu")):
            raise AttributeError(name)
        return lambda *given: self.about.update({name: given})


def save(mode, image, file, options):
    Image.fromarray(image.pixels).save(file)
    return True


def load_layer(mode, image, file):
    assert image.kind == "RGB", "a layer of a gray image loses its colour"
    return Layer(np.asarray(Image.open(file)))


class Dialog:
    answer = True

    @classmethod
    def new(cls, procedure, config, title):
        return cls()

    def fill(self, names):
        assert names == ["vividness", "command"]

    def run(self):
        return self.answer

    def destroy(self):
        pass


@pytest.fixture
def plugin(monkeypatch):
    gi, repository = ModuleType("gi"), ModuleType("gi.repository")
    gi.require_version = lambda name, version: None
    repository.Gimp = SimpleNamespace(
        PlugIn=object,
        ImageProcedure=Procedure,
        PDBProcType=SimpleNamespace(PLUGIN="PLUGIN"),
        PDBStatusType=SimpleNamespace(SUCCESS="SUCCESS", CANCEL="CANCEL", EXECUTION_ERROR="EXECUTION_ERROR"),
        RunMode=SimpleNamespace(INTERACTIVE="INTERACTIVE", NONINTERACTIVE="NONINTERACTIVE"),
        ImageBaseType=SimpleNamespace(RGB="RGB", GRAY="GRAY"),
        LayerMode=SimpleNamespace(LCH_COLOR="LCH_COLOR"),
        file_save=save,
        file_load_layer=load_layer,
        progress_init=lambda text: None,
        displays_flush=lambda: None,
    )
    repository.GimpUi = SimpleNamespace(init=lambda name: None, ProcedureDialog=Dialog)
    repository.Gio = SimpleNamespace(File=SimpleNamespace(new_for_path=lambda path: path))

    class GError(Exception):
        pass

    repository.GLib = SimpleNamespace(Error=GError)
    repository.GObject = SimpleNamespace(ParamFlags=SimpleNamespace(READWRITE=3))
    monkeypatch.setitem(sys.modules, "gi", gi)
    monkeypatch.setitem(sys.modules, "gi.repository", repository)
    spec = importlib.util.spec_from_file_location("gimp_plugin", PLUGIN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call(plugin, image, mode="NONINTERACTIVE", **changes):
    made = plugin.Photochrom()
    (name,) = made.do_query_procedures()
    procedure = made.do_create_procedure(name)
    given = procedure.arguments | {"command": COMMAND} | changes
    return procedure.run(procedure, mode, image, [], SimpleNamespace(get_property=given.get), None)


@pytest.mark.integration
def test_the_colour_is_a_layer_above_the_photo(plugin):
    gray = np.asarray(Image.fromarray(skimage.data.coffee()).convert("L").resize((150, 100)))
    image = GimpImage(gray)
    assert call(plugin, image) == ("SUCCESS", "")
    assert image.steps == ["duplicate", "undo_group_start", "convert_rgb", "insert_layer", "undo_group_end"]
    (layer,) = image.layers
    assert (layer.name, layer.mode) == ("Colour by photochrom", "LCH_COLOR")
    assert layer.pixels.shape == (100, 150, 4)
    ab = srgb_to_lab(layer.pixels[..., :3].transpose(2, 0, 1) / 255)[1:]
    assert np.hypot(*ab).mean() > 4


def test_a_dialog_that_is_closed_does_nothing(plugin, monkeypatch):
    monkeypatch.setattr(Dialog, "answer", False)
    image = GimpImage(np.zeros((4, 4), np.uint8))
    assert call(plugin, image, "INTERACTIVE") == ("CANCEL", "")
    assert not image.steps


def test_what_the_command_says_is_shown(plugin):
    image = GimpImage(np.zeros((4, 4), np.uint8))
    status, text = call(plugin, image, command="photochrom-is-not-here")
    assert status == "EXECUTION_ERROR"
    assert "pip install photochrom" in text
    status, text = call(plugin, image, command=f'{shlex.quote(sys.executable)} -c "raise SystemExit(str(7))"')
    assert (status, text) == ("EXECUTION_ERROR", "7")
    assert not image.layers


def test_gimp_finds_it():
    assert PLUGIN.stem == PLUGIN.parent.name, "GIMP asks for a folder of the same name"
    assert PLUGIN.read_text().startswith("#!")
    assert PLUGIN.stat().st_mode & 0o111
