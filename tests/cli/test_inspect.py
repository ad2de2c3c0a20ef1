import subprocess
import sys

import pytest
from PIL import Image
from skimage import data

pytestmark = pytest.mark.usefixtures("weights")


@pytest.fixture
def coffee(tmp_path):
    Image.fromarray(data.coffee()).resize((150, 100)).save(tmp_path / "coffee.jpg")


def test_a_photo_is_looked_into(command, coffee, tmp_path):
    pytest.importorskip("onnx", reason="looking inside needs the train extra")
    done = command("inspect", "coffee.jpg", "--at", "75,50", "--input-size", "64")
    assert (done.returncode, done.stdout, done.stderr) == (0, "coffee.inside/index.html\n", "")
    assert len(list((tmp_path / "coffee.inside").iterdir())) == 5
    done = command("inspect", "coffee.jpg")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "--overwrite" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--at", "75"], "310,200"),
        (["--at", "75,500"], "100"),
        (["--at", "nan,5"], "nan"),
        (["--model", "fotochrom_fast"], "photochrom_fast"),
        (["--input-size", "5"], "2048"),
        (["--output", "coffee.jpg"], "coffee.jpg"),
        (["--max-pixels", "10"], "max"),
    ],
)
def test_what_goes_wrong_is_one_line_and_leaves_nothing(command, coffee, tmp_path, arguments, says):
    done = command("inspect", "coffee.jpg", *arguments)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["coffee.jpg"]


def test_without_onnx_one_line_says_what_to_install(tmp_path, coffee):
    code = (
        "import sys\nsys.modules['onnx'] = None\nfrom photochrom.cli.main import main\n"
        "sys.exit(main(['inspect', 'coffee.jpg']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "pip install 'photochrom[train]'" in done.stderr
    assert not (tmp_path / "coffee.inside").exists()
