"""The script for darktable, run by Lua with the tables of darktable's API that it uses, and the real command."""

import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

lupa = pytest.importorskip("lupa.lua54", reason="it runs the script")
SCRIPT = Path(__file__).parents[2] / "integrations" / "darktable" / "photochrom.lua"
#: darktable 4.2 has Lua 5.4; names and order of arguments are those of its Lua API 9.0
DARKTABLE = """
local calls, read = {}, {command = COMMAND, vividness = 1.25}
local function note(name) return function(...) table.insert(calls, {name, ...}) end end
local function image(path)
  local folder, file = path:match("^(.*)/([^/]*)$")
  local made = {path = folder, filename = file, tags = {}}
  made.group_leader = made
  made.group_with = function(self, leader) self.group_leader = leader end
  return made
end
imported, storages, preferences = {}, {}, {}
package.preload["darktable"] = function() return {
  configuration = {
    running_os = OS, has_gui = HAS_GUI, check_version = function(name, ...)
      for _, version in ipairs({...}) do if version[1] == 9 then return end end
      error("another API")
    end,
  },
  preferences = {
    register = function(script, name, kind, label, tooltip, default, ...)
      preferences[name] = {kind = kind, default = default}
    end,
    read = function(script, name, kind) return read[name] end,
  },
  register_storage = function(plugin, name, store, finalize, supported, initialize, widget)
    storages[plugin] = {store = store, supported = supported}
  end,
  database = {import = function(path) local made = image(path); table.insert(imported, made); return made end},
  control = {execute = EXECUTE},
  tags = {
    create = function(name) return {name = name} end,
    attach = function(tag, made) table.insert(made.tags, tag.name) end,
  },
  print = note("print"), print_error = note("print_error"),
} end
local script = dofile(SCRIPT)
return script, image, calls
"""


@pytest.fixture
def start():
    """Loads the script with stubs; ``execute`` stands for darktable's way to run a command."""

    def begin(execute, system="linux", gui=True, command="photochrom"):
        lua = lupa.LuaRuntime(unpack_returned_tuples=True)
        names = {"EXECUTE": execute, "OS": system, "HAS_GUI": gui, "COMMAND": command, "SCRIPT": str(SCRIPT)}
        for name, value in names.items():
            lua.globals()[name] = value
        script, image, calls = lua.execute(DARKTABLE)
        return lua.globals(), script, image, calls

    return begin


@pytest.mark.integration
def test_a_photo_is_exported_coloured_and_brought_back(tmp_path, start):
    """With a real command, and a name that the shell would take apart."""
    gray = np.tile(np.linspace(0, 65535, 90).astype(np.uint16), (60, 1))
    tifffile.imwrite(tmp_path / "exported.tif", np.dstack([gray] * 3), photometric="rgb")
    (tmp_path / "it's $HOME").mkdir()
    command = tmp_path / "photochrom"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m photochrom "$@"\n')
    command.chmod(0o755)

    def execute(line):
        return subprocess.run(["sh", "-c", line], check=False).returncode

    lua, script, image, calls = start(execute, command=str(command))
    photo = image(f"{tmp_path}/it's $HOME/a.b.nef")
    assert script.colorize(photo, str(tmp_path / "exported.tif")).filename == "a.b.color.tif"
    colored, layer = (tmp_path / "it's $HOME" / name for name in ("a.b.color.tif", "a.b.layer.tif"))
    assert [(each.filename, each.group_leader.filename, each.tags[1]) for each in lua.imported.values()] == [
        (path.name, "a.b.nef", "photochrom") for path in (colored, layer)
    ]
    assert tifffile.imread(colored).dtype == np.uint16
    assert tifffile.imread(layer).shape == (60, 90, 4)
    assert not list(calls.values())


def test_what_darktable_is_told(start):
    lua, *_ = start(lambda line: 0)
    storage = lua.storages.photochrom
    assert storage.supported(None, {"extension": "tif"})
    assert not storage.supported(None, {"extension": "exr"})
    assert dict(lua.preferences.vividness) == {"kind": "float", "default": 1.0}
    assert lua.preferences.command.default == "photochrom"


def test_a_failure_is_said_and_nothing_is_imported(tmp_path, start):
    lua, _, image, calls = start(lambda line: 1)
    photo = image(f"{tmp_path}/a.nef")
    lua.storages.photochrom.store(None, photo, None, str(tmp_path / "x.tif"), 1, 3, False, None)
    said = [tuple(call.values()) for call in calls.values()]
    assert said[0] == ("print", "photochrom: 1 of 3")
    assert {name for name, _ in said[1:]} == {"print", "print_error"}
    assert all("a.nef" in text and "exit status 1" in text for _, text in said[1:])
    assert not list(lua.imported.values())


def test_words_of_the_command_line(tmp_path, start):
    lines = []

    def execute(line):
        lines.append(line)
        for name in ("color", "layer"):
            Image.new("RGB", (2, 2)).save(tmp_path / f"a{'' if len(lines) == 1 else '_2'}.{name}.tif")
        return 0

    for system in ("linux", "windows"):
        _, script, image, _ = start(execute, system)
        script.colorize(image(f"{tmp_path}/a.jpg"), "C:/x y.tif")
    assert shlex.split(lines[0])[:3] == ["photochrom", "colorize", "C:/x y.tif"]
    assert shlex.split(lines[0])[-5:] == ["--layer", "tif", "--vividness", "1.25", "--quiet"]
    # the first names are taken now
    assert "a_2.color.tif" in lines[1]
    assert lines[1].startswith('""photochrom" colorize "C:/x y.tif" -o "')
    assert lines[1].endswith('--quiet"')


def test_without_a_window_nothing_is_registered(start):
    lua, script, *_ = start(lambda line: 0, gui=False)
    assert not list(lua.storages.values())
    assert not list(lua.preferences.values())
    assert script.colorize is not None
