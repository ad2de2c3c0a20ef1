"""Real processes that train together, by ``run.devices`` and by ``torchrun``."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from photochrom.errors import RecipeError
from photochrom.models.registry import build
from photochrom.training import distributed as parallel
from photochrom.training.callbacks.csv_logger import read_curves
from photochrom.training.checkpoints.io import load_checkpoint
from photochrom.training.losses.objectives import choose_objective
from photochrom.training.recipe import resolved
from photochrom.training.schema import LossOptions, RunOptions
from photochrom.training.trainer import fit

#: batch norms that look at a batch would see two small ones where a single process sees one after the other
GIVEN = [
    *(
        "optimizer.freeze_batch_norm=true",
        "schedule.max_steps=12",
        "schedule.warmup_steps=2",
        "run.log_every_n_steps=1",
    ),
    *("run.checkpoint_steps=2", "run.accelerator=cpu", "data.num_workers=0"),
]


def command(recipe: Any, folder: Path, *overrides: str) -> list[str]:
    (folder / "recipe.yaml").write_text(resolved(recipe))
    return ["-m", "photochrom", "train", str(folder / "recipe.yaml"), *overrides]


def start(arguments: list[str]) -> subprocess.Popen[str]:
    known = {name: value for name, value in os.environ.items() if name not in LAUNCHED}
    environment = {**known, "OMP_NUM_THREADS": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(arguments, text=True, start_new_session=True, env=environment, **pipes)


#: what a launcher leaves in the environment of the process it was called in
LAUNCHED = {"RANK", "LOCAL_RANK", "NODE_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}


def weights(folder: Path) -> dict[str, torch.Tensor]:
    read = load_checkpoint(folder / "last.ckpt")
    assert read["global_step"] == 12
    tensors: dict[str, torch.Tensor] = read["state_dict"]
    return tensors


@pytest.fixture(scope="module")
def alone(tiny: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One process that takes the batches of two, one after the other, for each step."""
    folder = tmp_path_factory.mktemp("alone")
    fit(tiny(folder, *GIVEN, "optimizer.accumulate_grad_batches=2"), progress=False)
    return folder


def test_two_processes_take_the_plan_between_them_and_go_on_after_a_kill(
    alone: Path, tiny: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    arguments = [sys.executable, *command(tiny(folder, *GIVEN), tmp_path, "run.devices=2")]
    first = start(arguments)
    deadline = time.monotonic() + 240
    try:
        while time.monotonic() < deadline and first.poll() is None and not (folder / "last.ckpt").is_file():
            time.sleep(0.005)
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()
    assert first.returncode == -signal.SIGKILL
    assert 0 < load_checkpoint(folder / "last.ckpt")["global_step"] < 12
    shutil.copytree(folder, tmp_path / "alone" / "run")
    second = start(arguments)
    said, errors = second.communicate(timeout=240)
    assert second.returncode == 0, errors
    # one of the processes speaks
    assert said.splitlines() == [str(folder / "last.ckpt")]
    check_equal(folder, alone)
    # one process alone goes on as well, with as many batches to a step
    other = tmp_path / "alone" / "run"
    with pytest.raises(RecipeError, check=lambda error: error.code == "recipe.other_step"):
        fit(tiny(other, *GIVEN), progress=False)
    fit(tiny(other, *GIVEN, "optimizer.accumulate_grad_batches=2"), progress=False)
    check_equal(other, alone)


def check_equal(folder: Path, alone: Path) -> None:
    """The same curve, the same weights, each photo as often."""
    ours, theirs = weights(folder), weights(alone)
    for name, value in ours.items():
        assert torch.allclose(value, theirs[name], rtol=1e-4, atol=1e-5), name
    rows, single = ([row for row in read_curves(f / "metrics.csv") if row["loss"]] for f in (folder, alone))
    assert [row["samples"] for row in rows] == [row["samples"] for row in single]
    assert [float(row["loss"]) for row in rows] == pytest.approx([float(row["loss"]) for row in single], rel=1e-4)


def test_two_machines_train_by_torchrun(alone: Path, tiny: Any, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path / "run"
    words = command(tiny(folder, *GIVEN), tmp_path)
    launcher = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nnodes=2",
        "--nproc-per-node=1",
        "--rdzv-backend=c10d",
    ]
    machines = [start([*launcher, f"--rdzv-endpoint=127.0.0.1:{port}", "--rdzv-id=test", *words]) for _ in range(2)]
    try:
        answers = [machine.communicate(timeout=240) for machine in machines]
    finally:
        for machine in machines:
            if machine.poll() is None:
                os.killpg(machine.pid, signal.SIGKILL)
    assert [machine.returncode for machine in machines] == [0, 0], answers
    assert [said for said, _ in answers if said] == [f"{folder / 'last.ckpt'}\n"]
    ours, theirs = weights(folder), weights(alone)
    for name, value in ours.items():
        assert torch.allclose(value, theirs[name], rtol=1e-4, atol=1e-5), name


def test_what_one_process_meets_ends_all_in_sentences(tiny: Any, photos: Path, tmp_path: Path) -> None:
    torn = tmp_path / "photos"
    shutil.copytree(photos, torn)
    (torn / "3.png").write_bytes((torn / "3.png").read_bytes()[:60])
    # no distribution, no prior: the photo is first read when its turn comes
    given = [*GIVEN, "network.architecture=resnet_gray", "hints.probability=0", f"data.train={torn}"]
    process = start([sys.executable, *command(tiny(tmp_path / "run", *given), tmp_path, "run.devices=2")])
    try:
        _, errors = process.communicate(timeout=240)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode != 0
    assert "3.png'" in errors
    assert "Traceback" not in errors


def test_torchrun_decides_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parallel.find_processes(RunOptions(output_dir="x", devices=3)) == parallel.Processes(3, 1)
    monkeypatch.setattr(torch.distributed, "is_torchelastic_launched", lambda: True)
    for name, value in {"LOCAL_WORLD_SIZE": "2", "WORLD_SIZE": "6", "RANK": "1"}.items():
        monkeypatch.setenv(name, value)
    found = parallel.find_processes(RunOptions(output_dir="x", devices=1))
    assert (found, found.count) == (parallel.Processes(2, 3), 6)
    assert not parallel.is_first_process()
    with pytest.raises(RecipeError, check=lambda error: error.code == "recipe.process_count"):
        parallel.find_processes(RunOptions(output_dir="x", devices=4))


def test_only_networks_with_idle_parameters_pay_for_the_search() -> None:
    network: Any = build("photochrom_fast", tiny=True)
    objective = choose_objective(network, LossOptions())
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert parallel.idle_parameters(network, objective, image_size=64) == []
    network.spare = nn.Linear(2, 2)
    assert parallel.idle_parameters(network, objective, image_size=64) == ["spare.weight", "spare.bias"]
    assert network.training
    assert all(torch.equal(value, network.state_dict()[name]) for name, value in before.items())
    assert all(p.grad is None for p in network.parameters())
    two = parallel.Processes(2, 1)
    assert parallel.make_strategy(two, network, objective, image_size=64)._ddp_kwargs == {
        "find_unused_parameters": True
    }
    del network.spare
    assert parallel.make_strategy(two, network, objective, image_size=64)._ddp_kwargs == {
        "find_unused_parameters": False
    }
    assert parallel.make_strategy(parallel.Processes(1, 1), network, objective, image_size=64) == "auto"


def test_silence_of_another_process_is_a_sentence_and_other_errors_stay_themselves() -> None:
    two, one = parallel.Processes(1, 2), parallel.Processes(1, 1)
    lost = RuntimeError("[/gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.0.1]:1234")
    with (
        pytest.raises(parallel.TrainingError, check=lambda error: error.code == "training.process_ended"),
        parallel.exchange_errors(two),
    ):
        raise lost
    with pytest.raises(RuntimeError, match="closed by peer"), parallel.exchange_errors(one):
        raise lost
    with pytest.raises(RuntimeError, match="shapes"), parallel.exchange_errors(two):
        raise RuntimeError("shapes do not fit")
