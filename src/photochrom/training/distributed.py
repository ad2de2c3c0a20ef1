"""One training in several processes: how many there are, which of them speaks, and what it says when one falls silent.

Gradients are averaged over the processes (distributed data parallel); the plan shares the batches out.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed
from lightning.pytorch.strategies import DDPStrategy
from torch import nn

from photochrom.errors import RecipeError, TrainingError
from photochrom.training.data.dataset import Batch
from photochrom.training.losses.objectives import Objective
from photochrom.training.schema import RunOptions

__all__ = ["Processes", "exchange_errors", "find_processes", "idle_parameters", "is_first_process", "make_strategy"]


@dataclass(frozen=True)
class Processes:
    """How many processes train together.

    Attributes:
        devices: on each machine.
        nodes: machines.
    """

    devices: int
    nodes: int

    @property
    def count(self) -> int:
        """All of them."""
        return self.devices * self.nodes


def find_processes(options: RunOptions) -> Processes:
    """Returns those that ``torchrun`` has started, or those a recipe asks for, on this machine.

    Raises:
        RecipeError: the recipe wants another number than ``torchrun`` has started.
    """
    if not torch.distributed.is_torchelastic_launched():
        return Processes(options.devices, 1)
    devices, world = int(os.environ["LOCAL_WORLD_SIZE"]), int(os.environ["WORLD_SIZE"])
    if options.devices not in (1, devices):
        raise RecipeError("recipe.process_count", asked=options.devices, started=devices)
    return Processes(devices, world // devices)


def is_first_process() -> bool:
    """Returns whether this is the one process of a training that writes and speaks, or the only one."""
    return all(os.environ.get(name, "0") == "0" for name in ("RANK", "LOCAL_RANK", "NODE_RANK", "GROUP_RANK"))


def make_strategy(processes: Processes, network: nn.Module, objective: Objective, *, image_size: int) -> Any:
    """Returns how Lightning is to run them: alone, or in step with each other.

    Looking for parameters without a gradient costs time at each step, so it is done only for networks that have some.

    Args:
        processes: how many.
        network: what learns.
        objective: by what.
        image_size: height and width of a batch.
    """
    if processes.count == 1:
        return "auto"
    return DDPStrategy(find_unused_parameters=bool(idle_parameters(network, objective, image_size=image_size)))


def idle_parameters(network: Any, objective: Objective, *, image_size: int) -> list[str]:
    """Names of the parameters that should learn but have no part in the loss.

    Args:
        network: what learns; its statistics stay as they are.
        objective: by what.
        image_size: height and width of the batch this is tried with.
    """
    training, cells = network.training, image_size // int(network.output_stride)
    batch = Batch(
        torch.full((2, 1, image_size, image_size), 50.0),
        torch.zeros(2, 2, cells, cells),
        torch.zeros(2, 3, cells, cells),
    )
    learning = {name: p for name, p in network.named_parameters() if p.requires_grad}
    network.eval()
    with torch.random.fork_rng(devices=[]):
        found = torch.autograd.grad(objective(network, batch)["loss"], list(learning.values()), allow_unused=True)
    network.train(training)
    return [name for name, gradient in zip(learning, found, strict=True) if gradient is None]


@contextlib.contextmanager
def exchange_errors(processes: Processes) -> Iterator[None]:
    """Says in one sentence that another process has ended, where its silence would be an error of the network's."""
    try:
        yield
    except RuntimeError as error:
        lost = isinstance(error, torch.distributed.DistError) or "gloo" in str(error) or "closed by peer" in str(error)
        if processes.count == 1 or not lost:
            raise
        raise TrainingError("training.process_ended") from error
