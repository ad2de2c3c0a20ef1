#!/usr/bin/env python3
"""GIMP 3: colours a black-and-white photo and puts the colour above it, as a layer that can be painted on.

The work is done by the ``photochrom`` command, which is installed apart from GIMP. GIMP finds this file where it lies
in a folder of the same name in one of its plug-in folders.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("GimpUi", "3.0")
from gi.repository import Gimp, GimpUi, Gio, GLib, GObject  # noqa: E402

__all__ = ["Photochrom"]

PROCEDURE = "plug-in-photochrom-colorize"
#: of the Python and the libraries that GIMP brings; the command has its own
_OWN_OF_GIMP = ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "GI_TYPELIB_PATH")


class Photochrom(Gimp.PlugIn):
    """The plug-in, as GIMP asks for it."""

    def do_query_procedures(self) -> list[str]:
        """Returns the names of the procedures."""
        return [PROCEDURE]

    def do_set_i18n(self, name: str) -> bool:
        """Tells that there are no translations."""
        return False

    def do_create_procedure(self, name: str) -> Any:
        """Describes the procedure: its place in the menu, its settings."""
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, self.run, None)
        procedure.set_image_types("RGB*, GRAY*")
        procedure.set_menu_label("Colour a _photo...")
        procedure.add_menu_path("<Image>/Colors/")
        procedure.set_documentation(
            "Colour a black-and-white photo", "Adds a layer of colour that photochrom makes of what is visible.", name
        )
        procedure.set_attribution("The photochrom authors", "The photochrom authors", "2026")
        flags = GObject.ParamFlags.READWRITE
        procedure.add_double_argument("vividness", "_Vividness", "0 careful, 1 natural, 2 bold", 0.0, 2.0, 1.0, flags)
        procedure.add_string_argument(
            "command", "_Command", "photochrom, or where it is installed", "photochrom", flags
        )
        return procedure

    def run(self, procedure: Any, run_mode: Any, image: Any, drawables: Any, config: Any, data: Any) -> Any:
        """Asks for the settings where GIMP wants it, and adds the layer."""
        if run_mode == Gimp.RunMode.INTERACTIVE:
            GimpUi.init(PROCEDURE)
            dialog = GimpUi.ProcedureDialog.new(procedure, config, "Colour a photo")
            dialog.fill(["vividness", "command"])
            agreed = dialog.run()
            dialog.destroy()
            if not agreed:
                return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, GLib.Error())
        Gimp.progress_init("Colouring with photochrom")
        try:
            add_layer(image, config.get_property("command"), config.get_property("vividness"))
        except (OSError, RuntimeError, GLib.Error) as error:
            return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, GLib.Error(str(error)))
        Gimp.displays_flush()
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())


def add_layer(image: Any, command: str, vividness: float) -> None:
    """Adds the colour of what is visible as a layer on top; one step to undo.

    Raises:
        OSError: the command cannot be started.
        RuntimeError: it failed; the text is what it said.
    """
    # of a Flatpak, the folder of temporary files is not that of the system
    shared = os.environ.get("XDG_CACHE_HOME") if "FLATPAK_ID" in os.environ else None
    with tempfile.TemporaryDirectory(prefix="photochrom-", dir=shared) as name:
        photo, result = Path(name, "photo.png"), Path(name, "result.png")
        visible = image.duplicate()
        try:
            visible.flatten()
            Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, visible, Gio.File.new_for_path(str(photo)), None)
        finally:
            visible.delete()
        words = ["colorize", str(photo), "-o", str(result), "--layer", "png", "--vividness", f"{vividness:g}", "-q"]
        run_command(command, words)
        image.undo_group_start()
        try:
            if image.get_base_type() == Gimp.ImageBaseType.GRAY:
                # a layer of a gray image would lose its colour
                image.convert_rgb()
            file = Gio.File.new_for_path(str(result.with_suffix(".layer.png")))
            layer = Gimp.file_load_layer(Gimp.RunMode.NONINTERACTIVE, image, file)
            layer.set_name("Colour by photochrom")
            # it keeps the L* of what is below, as photochrom does
            layer.set_mode(Gimp.LayerMode.LCH_COLOR)
            image.insert_layer(layer, None, 0)
        finally:
            image.undo_group_end()


def run_command(command: str, words: list[str]) -> None:
    """Runs photochrom: a name, a path, or several words such as ``flatpak-spawn --host photochrom``."""
    start = [command] if shutil.which(command) else shlex.split(command)
    environment = {key: value for key, value in os.environ.items() if key not in _OWN_OF_GIMP}
    # no window of its own on Windows
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        done = subprocess.run(
            [*start, *words], env=environment, capture_output=True, text=True, creationflags=flags, check=False
        )
    except FileNotFoundError:
        raise RuntimeError(
            f"'{command}' was not found. Run  pip install photochrom  and give the place of the command."
        ) from None
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or f"'{command}' failed.")


if __name__ == "__main__":
    Gimp.main(Photochrom.__gtype__, sys.argv)
