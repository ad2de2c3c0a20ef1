"""Everything a recipe can say, typed: one frozen dataclass a section.

A range beside a type, ``Annotated[float, (0.0, 1.0)]``, is checked when a recipe is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from photochrom.data.options import AugmentationOptions, DataOptions, HintOptions

__all__ = ["FORMAT", "LossOptions", "NetworkOptions", "OptimizerOptions", "Recipe", "RunOptions", "ScheduleOptions"]

FORMAT = 1
Positive = Annotated[float, (0.0, 1e9)]


@dataclass(frozen=True, kw_only=True)
class NetworkOptions:
    """Which network, and what it starts from.

    Attributes:
        architecture: a name of the zoo's table.
        tiny: its tiny variant, which learns nothing useful quickly.
        options: its own options where they differ from the published ones.
        init_from: a checkpoint of ours, prototype weights or encoder weights (safetensors); empty for none.
        balance: how far the loss favours rare colours: 0 is full inverse frequency, 1 is none. A network that
            starts from weights with classes of its own keeps those.
    """

    architecture: str = "photochrom_fast"
    tiny: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    init_from: str = ""
    balance: Annotated[float, (0.0, 1.0)] = 0.5


@dataclass(frozen=True, kw_only=True)
class LossOptions:
    """What is minimised: a weighted sum.

    Attributes:
        cross_entropy: weight of the soft-encoded cross entropy.
        regression: weight of the squared error of the distribution's mean, a*b* / 10.
    """

    cross_entropy: Positive = 1.0
    regression: Positive = 0.25


@dataclass(frozen=True, kw_only=True)
class OptimizerOptions:
    """How weights move.

    Attributes:
        rate: learning rate of all but the encoder.
        encoder_rate: learning rate of the encoder.
        encoder_frozen_blocks: blocks at the encoder's front, its stem included, that stay as they are.
        freeze_batch_norm: normalise by the statistics the network came with.
        weight_decay: AdamW's.
        betas: AdamW's.
        clip: largest norm of the gradient; 0 for no limit.
    """

    rate: Annotated[float, (0.0, 10.0)] = 1e-3
    encoder_rate: Annotated[float, (0.0, 10.0)] = 2e-4
    encoder_frozen_blocks: Annotated[int, (0, 1000)] = 0
    freeze_batch_norm: bool = False
    weight_decay: Annotated[float, (0.0, 10.0)] = 0.02
    betas: tuple[Annotated[float, (0.0, 0.99999)], Annotated[float, (0.0, 0.999999)]] = (0.9, 0.99)
    clip: Positive = 2.0


@dataclass(frozen=True, kw_only=True)
class ScheduleOptions:
    """How long, and how the rate goes: a linear start, then a cosine down to its end.

    Attributes:
        minutes: budget of training time, validation and pauses not counted; 0 if steps are given.
        steps: budget of steps; 0 if minutes are given.
        warmup: steps of linear start.
        final: share of the rate that is left at the end.
        average: decay of the moving average of weights that is validated and exported; 0 for none.
    """

    minutes: Positive = 0.0
    steps: Annotated[int, (0, 10**12)] = 0
    warmup: Annotated[int, (0, 10**9)] = 200
    final: Annotated[float, (0.0, 1.0)] = 0.02
    average: Annotated[float, (0.0, 0.999999)] = 0.9995


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Where and on what.

    Attributes:
        folder: of the run; a relative one lies in the current folder.
        resume: go on from the checkpoint there, if there is one.
        precision: of Lightning, ``bf16-mixed`` or ``32-true``.
        channels_last: memory layout of the convolutions.
        accelerator: of Lightning.
        devices: how many processes or accelerators.
        threads: of one process on a CPU; 0 leaves it to torch.
        log_steps: steps between two lines of the curves.
        checkpoint_minutes: time between two checkpoints; 0 to count steps only.
        checkpoint_steps: steps between two checkpoints; 0 to count time only.
        validate_steps: steps between two validations; 0 for one at the end.
    """

    folder: str
    resume: bool = True
    precision: Literal["bf16-mixed", "16-mixed", "32-true"] = "32-true"
    channels_last: bool = True
    accelerator: Literal["auto", "cpu", "gpu", "mps"] = "auto"
    devices: Annotated[int, (1, 4096)] = 1
    threads: Annotated[int, (0, 1024)] = 0
    log_steps: Annotated[int, (1, 10**9)] = 50
    checkpoint_minutes: Positive = 5.0
    checkpoint_steps: Annotated[int, (0, 10**9)] = 0
    validate_steps: Annotated[int, (0, 10**9)] = 0


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One training, in full.

    Attributes:
        format: of the recipe; this version reads format 1.
        name: what the network will be called.
        description: one or two sentences.
        license: SPDX identifier of the weights' licence.
        training_data: what the network sees, in words, for its card.
        expected: the figures this recipe should reach, and the time it takes.
        seed: of all chance.
    """

    format: Annotated[int, (1, FORMAT)]
    name: str
    run: RunOptions
    data: DataOptions
    schedule: ScheduleOptions
    description: str = ""
    license: str = "Apache-2.0"
    training_data: str = ""
    expected: Mapping[str, Any] = field(default_factory=dict)
    seed: Annotated[int, (0, 2**32 - 1)] = 0
    network: NetworkOptions = field(default_factory=NetworkOptions)
    augmentation: AugmentationOptions = field(default_factory=AugmentationOptions)
    hints: HintOptions = field(default_factory=HintOptions)
    loss: LossOptions = field(default_factory=LossOptions)
    optimizer: OptimizerOptions = field(default_factory=OptimizerOptions)
