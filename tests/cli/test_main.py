import subprocess
import sys

import pytest

import photochrom as package
from photochrom.cli import main as door
from photochrom.errors import WriteError


def test_version(photochrom):
    done = photochrom("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"photochrom {package.__version__}\n", "")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_every_verb(photochrom, arguments):
    done = photochrom(*arguments)
    assert done.returncode == 0
    assert all(f"  {verb} " in done.stdout for verb in door.VERBS)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["colorize", "--help"], ["models", "--help"]])
def test_help_opens_nothing_heavy(arguments):
    code = (
        "import sys; from photochrom.cli.main import main; code = main(sys.argv[1:]);"
        "heavy = {'numpy', 'onnxruntime', 'PIL', 'torch', 'OpenImageIO', 'rich'} & set(sys.modules);"
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["colourize"], "colourize"),
        (["colorize"], "Missing argument"),
        (["colorize", "a.jpg", "--vividnes", "1"], "--vividnes"),
        (["colorize", "a.jpg", "--vividness", "lots"], "'--vividness'"),
        (["colorize", "a.jpg", "--vividness", "3"], "from 0 to 2"),
        (["colorize", "a.jpg", "--strength", "nan"], "strength"),
        (["colorize", "a.jpg", "--input-size", "4"], "from 32 to 2048"),
        (["colorize", "a.jpg", "--max-pixels", "0"], "1 or more"),
        (["colorize", "a.jpg", "--hints", "gone.json"], "gone.json"),
        (["colorize", "a.jpg", "--report", "a.jpg"], ".json"),
        (["colorize", "a.jpg", "-o", "coloured"], "end it with /"),
        (["colorize", "-", "a.jpg"], "pipe"),
        (["models", "--jso"], "--jso"),
    ],
)
def test_wrong_usage_is_one_sentence(capfd, monkeypatch, tmp_path, arguments, says):
    monkeypatch.chdir(tmp_path)
    assert door.main(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("photochrom: ")
    assert err.count("\n") == 1
    assert says in err
    assert ": " in err.removeprefix("photochrom: ")


def test_a_photo_where_a_verb_should_be_is_told_the_verb(photochrom, photo):
    photo("my photo.jpg")
    done = photochrom("my photo.jpg")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.endswith("run  photochrom colorize 'my photo.jpg'\n")


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (RuntimeError("a\nsurprise"), 70, "PHOTOCHROM_DEBUG=1"),
        (WriteError("no room: free some space"), 1, "no room: free some space"),
        (MemoryError(), 1, "not enough memory"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (BrokenPipeError(32, "Broken pipe"), 1, None),
    ],
)
def test_no_exception_reaches_a_user(photochrom, error, code, says):
    fault = f"{type(error).__name__}{error.args!r}"
    source = (
        "import photochrom.cli.models as verb\n"
        "from photochrom.errors import *\n"
        f"def models(): raise {fault}\n"
        "verb.models = models\n"
        "import sys; sys.argv = ['photochrom', 'models']\n"
        "from photochrom.cli.main import run; run()"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == (0 if says is None else 1)
    assert says is None or says in done.stderr


def test_the_traceback_is_there_for_who_asks(photochrom, tmp_path, monkeypatch):
    monkeypatch.setenv("PHOTOCHROM_DEBUG", "1")
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    assert "Traceback" in photochrom("colorize", "a.jpg").stderr
