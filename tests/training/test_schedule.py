import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from photochrom.training.checkpoints.io import load_checkpoint
from photochrom.training.cpu_time import ProcessorTime, processor_name
from photochrom.training.optim.lr_schedule import periods_passed, rate_factor
from photochrom.training.schema import ScheduleOptions
from photochrom.training.trainer import fit


def test_the_rate_goes_down_in_steps_or_stays() -> None:
    halving = ScheduleOptions(max_steps=100, warmup_steps=4, scheduler="step", factor=0.5, period=3)
    assert [rate_factor(0.5, 50, halving, periods=n) for n in range(4)] == [1.0, 0.5, 0.25, 0.125]
    assert rate_factor(0.0, 0, halving) == 0.25
    constant = ScheduleOptions(max_steps=100, warmup_steps=0, scheduler="constant")
    assert rate_factor(0.0, 0, constant) == rate_factor(1.0, 100, constant) == 1.0


@pytest.mark.parametrize(("unit", "passed"), [("steps", 6), ("photos", 19), ("epochs", 2)])
def test_a_period_counts_steps_photos_or_epochs(unit: Any, passed: int) -> None:
    options = ScheduleOptions(max_steps=100, period=10 if unit != "epochs" else 1.5, period_unit=unit)
    assert periods_passed(options, step=60, samples=199, photos=50) == passed
    assert periods_passed(ScheduleOptions(max_steps=1), step=60, samples=199, photos=50) == 0


def test_a_budget_of_epochs_counts_photos(tiny: Any, tmp_path: Path) -> None:
    recipe = tiny(
        tmp_path, "schedule.max_steps=0", "schedule.epochs=1.5", "data.batches=[{batch_size: 3, image_size: 32}]"
    )
    # eight photos, three a step: twelve are reached after four steps
    assert load_checkpoint(fit(recipe, progress=False))["global_step"] == 4


def test_a_budget_of_processor_time_is_kept_and_counted_on(tiny: Any, tmp_path: Path) -> None:
    def used(path: Path) -> dict[str, float]:
        states = load_checkpoint(path)["callbacks"].values()
        return next(state for state in states if "processor" in state)

    first = tiny(
        tmp_path,
        "schedule.max_steps=0",
        "schedule.max_cpu_minutes=0.003",
        "run.checkpoint_steps=1",
        "data.num_workers=1",
    )
    path = fit(first, progress=False)
    before, step = used(path), load_checkpoint(path)["global_step"]
    assert before["processor"] >= 0.18
    # a finished run stays finished; a larger budget goes on from what was used
    fit(first, progress=False)
    assert load_checkpoint(path)["global_step"] == step
    more = before["processor"] / 60 + 0.002
    fit(
        tiny(tmp_path, "schedule.max_steps=0", f"schedule.max_cpu_minutes={more}", "data.num_workers=1"), progress=False
    )
    assert load_checkpoint(path)["global_step"] > step
    assert used(path)["processor"] >= 60 * more


def test_processor_time_is_of_all_threads_and_children() -> None:
    clock = ProcessorTime()
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    assert 0.2 <= clock.lap() < 2.0
    assert clock.lap() < 0.1
    assert processor_name()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells the time of a child that runs")
def test_processor_time_counts_a_child_while_it_runs() -> None:
    # a process of its own, so that the child is started by multiprocessing from a file
    program = """
import multiprocessing, time
from photochrom.training.cpu_time import ProcessorTime

def work(queue):
    while time.process_time() < 0.5:
        pass
    queue.put(1)
    time.sleep(60)

if __name__ == "__main__":
    queue = multiprocessing.Queue()
    clock = ProcessorTime()
    child = multiprocessing.get_context("fork").Process(target=work, args=(queue,), daemon=True)
    child.start()
    queue.get()
    print(clock.lap())
    child.kill()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, env={**os.environ}, check=True
    )
    assert float(done.stdout) >= 0.3


def test_averages_and_threads_are_those_asked_for(tiny: Any, tmp_path: Path) -> None:
    torch.set_num_threads(2)
    fit(tiny(tmp_path, "schedule.max_steps=1", "run.threads=1"), progress=False)
    assert torch.get_num_threads() == 1
