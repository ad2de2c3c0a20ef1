import json

import pytest

pytestmark = pytest.mark.usefixtures("weights")


def test_the_table(command):
    done = command("models")
    assert (done.returncode, done.stderr) == (0, "")
    head, first, *_ = done.stdout.splitlines()
    assert head.split() == ["name", "parameters", "size", "licence", "scores"]
    assert first.startswith("photochrom_fast ")
    assert " MB " in first


def test_one_card(command):
    done = command("models", "photochrom_fast")
    card = dict(line.split(None, 1) for line in done.stdout.splitlines() if len(line.split(None, 1)) == 2)
    assert card["name"] == "photochrom_fast"
    assert card["bins"].endswith(" colours")
    assert len(card["sha256"]) == 64


def test_json(command):
    everything = json.loads(command("models", "--json").stdout)
    one = json.loads(command("models", "photochrom_fast", "--json").stdout)
    assert everything[0] == one
    assert one["bytes"] > 1_000_000
    assert all(len(color) == 2 for color in one["bins"])


@pytest.mark.parametrize(("name", "says"), [("photochrom_fats", "photochrom_fast"), ("a.onnx", "card")])
def test_a_network_that_does_not_exist(command, tmp_path, name, says):
    (tmp_path / "a.onnx").write_bytes(b"nothing")
    done = command("models", name)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert says in done.stderr
