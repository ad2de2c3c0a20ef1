import os
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom.cli.main import main
from photochrom.errors import ModelError
from photochrom.registry import DEFAULT_MODEL, find_model

COMMAND = [sys.executable, "-m", "photochrom"]


def _hear_signals():
    # a test run started in the background would hand down deaf ears
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@pytest.fixture
def weights():
    try:
        find_model(DEFAULT_MODEL)
    except ModelError as error:
        pytest.skip(f"the default network is not here: {error}")


@pytest.fixture
def photochrom(tmp_path):
    """Run the real command in its own process, in an empty folder."""

    def run(*arguments, **options):
        options = {"capture_output": True, "cwd": tmp_path, "timeout": 300, "text": True, **options}
        return subprocess.run([*COMMAND, *map(str, arguments)], check=False, **options)

    return run


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Run a command line as ``photochrom`` does, in this process: for what needs no process of its own."""

    def run(*arguments):
        monkeypatch.chdir(tmp_path)
        with warnings.catch_warnings():
            code = main(list(map(str, arguments)))
        return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())

    return run


@pytest.fixture
def start(tmp_path):
    """Start the real command and leave it running; whatever is left at the end is killed."""
    running = []

    def begin(*arguments, **options):
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": tmp_path, "text": True, **options}
        process = subprocess.Popen([*COMMAND, *map(str, arguments)], preexec_fn=_hear_signals, **options)
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture(scope="session")
def grays():
    photos = (skimage.data.astronaut(), skimage.data.coffee(), skimage.data.chelsea())
    return [Image.fromarray(photo).convert("L") for photo in photos]


@pytest.fixture
def photo(tmp_path, grays):
    """Write a gray photo: one of three, rolled by some rows so that no two files are the same."""

    def write(name, number=0, size=None):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = grays[number % len(grays)]
        pixels = np.roll(np.asarray(image.resize(size) if size else image), number, axis=0)
        Image.fromarray(pixels).save(path)
        return path

    return write
