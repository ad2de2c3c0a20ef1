"""Everything a recipe can say, typed: one frozen dataclass a section.

A range beside a type, ``Annotated[float, (0.0, 1.0)]``, is checked when a recipe is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

__all__ = [
    "FORMAT",
    "AugmentationOptions",
    "BatchSize",
    "DataOptions",
    "HintOptions",
    "LossOptions",
    "NetworkOptions",
    "OptimizerOptions",
    "Recipe",
    "RunOptions",
    "ScheduleOptions",
]

FORMAT = 2
Positive = Annotated[float, (0.0, 1e9)]
Probability = Annotated[float, (0.0, 1.0)]


@dataclass(frozen=True, kw_only=True)
class BatchSize:
    """One kind of batch.

    Attributes:
        image_size: height and width of its photos, pixels.
        batch_size: photos in it.
        weight: how often it is drawn, relative to the other kinds.
    """

    image_size: Annotated[int, (32, 2048)] = 128
    batch_size: Annotated[int, (1, 4096)] = 32
    weight: Annotated[float, (0.0, 1e6)] = 1.0


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """Which photos, and how they come.

    Attributes:
        train: sets of photos; :func:`photochrom.datasets.sources.photo_set.open_photos` says what they may be kept in.
        source_weights: how often the photos of a source (folder, or column ``source``) are seen in an epoch; 1 if not
            named, 0.5 for half of them in turn, 2 for each twice.
        val: the same, one of them; empty for none.
        validation_photos: how many of them are scored, from the first.
        batches: the kinds of batch, drawn at random by their weight.
        num_workers: processes that decode and augment; 0 does it in the training process.
        cache: ``ram`` keeps every photo decoded in memory, 77 kB for one of 160 x 160; ``device`` keeps their centre
            squares on the accelerator and makes the batches there; ``features`` keeps what a frozen encoder says of
            those squares on disk, in ``features``, for networks such as photochrom; ``none`` decodes each time.
        features: the folder for that, 0.3 MB for a photo of 192 x 192 by Xception.
        cache_image_size: side of the squares kept on the device, pixels.
        prior_photos: photos the prior over colours is measured on.
    """

    train: tuple[str, ...]
    source_weights: Mapping[str, float] = field(default_factory=dict)
    val: str = ""
    validation_photos: Annotated[int, (1, 1_000_000)] = 100
    batches: tuple[BatchSize, ...] = (BatchSize(),)
    num_workers: Annotated[int, (0, 256)] = 1
    cache: Literal["none", "ram", "device", "features"] = "none"
    features: str = ""
    cache_image_size: Annotated[int, (32, 2048)] = 160
    prior_photos: Annotated[int, (1, 10_000_000)] = 2000


@dataclass(frozen=True, kw_only=True)
class AugmentationOptions:
    """How photos are changed. Chroma only ever moves with its photo; all else happens to lightness.

    Attributes:
        hflip: probability of mirroring left and right.
        crop: probability of a square smaller than the photo's short side.
        min_crop_scale: its least side, as a share of the photo's short side.
        rotation: a photo is turned by up to this many degrees either way.
        shear: and sheared by up to this share of its height.
        zoom: and enlarged or reduced by a factor of up to 1 plus and 1 minus this.
        border: what comes from beyond the edge: ``inside`` takes a smaller cut, so that nothing does; ``reflect``
            mirrors the photo there.
        tone: probability of a changed gamma, contrast and offset, as old emulsions and scans have them.
        noise: probability of Gaussian noise of 1 to 6 L*.
        blur: probability of lost detail (averaging over 2 or 3 pixels).
        fade: probability of a print that has lost its blacks and whites, unevenly.
        scratches: probability of scratches, dust and, in some, a crease.
    """

    hflip: Probability = 0.5
    crop: Probability = 0.7
    min_crop_scale: Annotated[float, (0.05, 1.0)] = 0.6875
    rotation: Annotated[float, (0.0, 180.0)] = 0.0
    shear: Annotated[float, (0.0, 1.0)] = 0.0
    zoom: Annotated[float, (0.0, 0.9)] = 0.0
    border: Literal["inside", "reflect"] = "inside"
    tone: Probability = 0.4
    noise: Probability = 0.12
    blur: Probability = 0.1
    fade: Probability = 0.0
    scratches: Probability = 0.0


@dataclass(frozen=True, kw_only=True)
class HintOptions:
    """Colours given away, as a person's clicks or a film's last frame would.

    Attributes:
        probability: share of the photos that get hints at all.
        geometric_probability: probability of a geometric number of hints; else there are 20 to 159.
        mean_count: mean of the geometric number.
        max_patch_size: largest side of a hint's patch, in output cells.
        recolored: a photo with n hints has some things in another colour, those first hinted at, with probability
            1 / (1 + n / recolored), so that few hints are not taken for the colour of all; 0 for never.
    """

    probability: Probability = 0.5
    geometric_probability: Probability = 0.85
    mean_count: Annotated[float, (1.0, 1000.0)] = 8.0
    max_patch_size: Annotated[int, (1, 8)] = 3
    recolored: Annotated[float, (0.0, 1000.0)] = 0.0


@dataclass(frozen=True, kw_only=True)
class NetworkOptions:
    """Which network, and what it starts from.

    Attributes:
        architecture: a name of the zoo's table.
        tiny: its tiny variant, which learns nothing useful quickly.
        options: its own options where they differ from the published ones.
        init_checkpoint: a checkpoint of ours or weights of the whole network (safetensors), or beside
            ``pretrained_encoder`` of all but the parts of the encoder that are as published; empty for none.
        pretrained_encoder: the encoder's public weights, a path or a URL (safetensors or PyTorch); empty for none.
        rebalance_lambda: share of the uniform distribution that the prior is mixed with before its inverse weighs the
            loss (the lambda of the ECCV 2016 paper): 0 favours rare colours fully, 1 not at all. A network that starts
            from weights with classes of its own keeps those.
    """

    architecture: str = "photochrom_fast"
    tiny: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    init_checkpoint: str = ""
    pretrained_encoder: str = ""
    rebalance_lambda: Annotated[float, (0.0, 1.0)] = 0.5


@dataclass(frozen=True, kw_only=True)
class LossOptions:
    """What is minimised: a weighted sum.

    Attributes:
        cross_entropy: weight of the soft-encoded cross entropy, for networks with a distribution.
        mse: weight of the squared error of a*b* / 10, of the distribution's mean or of the one colour given.
        log_mse: weight of a photo's squared error in decibels, ``10 log10(1 + error)``, of the distribution's mean:
            what PSNR counts, in which a photo of few colours weighs as much as one of many.
        encoding: of true colours over bins: over the four around, or over the five nearest as in the ECCV 2016 paper.
        huber: Lab units from which on the error of single colours grows linearly; 0 for squared everywhere.
        kl: weight of the divergence from the prior, for variational networks.
        unhinted: weight of the same losses for each photo without its hints and with its own colours. The encoder looks
            once for both. For networks whose encoder does not see the hints, such as photochrom.
        distillation: weight of the cross entropy against the teacher's distribution for the same photo and hints.
        propagation: weight of the error, in decibels, that is left when hints are spread by what the network says
            belongs together; it teaches that part alone. For photochrom_fast, on hints in every photo
            (``hints.probability: 1``).
        adversarial: weight of a discriminator's opinion of the render head's pictures; it teaches that part alone
            (``optimizer.trainable: render_head``), beside ``mae``.
        mae: weight of the absolute error of those pictures' a*b* / 25.
        classifier: public weights of MobileNetEdgeTPU (safetensors), whose features of the coloured pictures are
            compared with those of the truth and judged by a second discriminator; empty for neither.
        perceptual: weight of the mean absolute difference of those features, each channel in its own deviations.
        adversarial_features: weight of the second discriminator's opinion.
        mismatched: weight, in what the discriminator learns, of another photo's colours as wrong ones.
        subsample: k, to take the loss at one cell of k x k, chosen at random for each batch; neighbouring cells teach
            nearly the same. For photochrom_fast without a teacher; validation takes every cell.
        teacher: a network with the same colours to imitate beside the truth: a checkpoint, or weights (safetensors)
            whose metadata name their architecture; empty for none.
    """

    cross_entropy: Positive = 1.0
    mse: Positive = 0.25
    log_mse: Positive = 0.0
    encoding: Literal["bilinear", "gaussian"] = "bilinear"
    huber: Positive = 0.0
    kl: Positive = 0.01
    unhinted: Positive = 0.0
    distillation: Positive = 0.0
    propagation: Positive = 0.0
    adversarial: Positive = 0.0
    mae: Positive = 1.0
    classifier: str = ""
    perceptual: Positive = 0.0
    adversarial_features: Positive = 0.0
    mismatched: Positive = 0.5
    subsample: Annotated[int, (1, 8)] = 1
    teacher: str = ""


@dataclass(frozen=True, kw_only=True)
class OptimizerOptions:
    """How weights move.

    Attributes:
        name: Adam (Kingma & Ba, 2015), AdamW (Loshchilov & Hutter, 2019) or RMSprop (Hinton, 2012).
        trainable: the one part of the network that learns, such as ``likeness`` or ``classifier``; empty for all.
        lr: learning rate of all but the encoder.
        encoder_rate: learning rate of the encoder's last block and of what comes after its blocks.
        discriminator_lr: learning rate of the discriminator, where there is one.
        layer_decay: each block of the encoder moves by this share of the next one's rate; 1 for all the same.
        encoder_frozen_blocks: blocks at the encoder's front, its stem included, that stay as they are.
        freeze_batch_norm: normalise by the statistics the network came with. Batch norms whose weights do not learn
            do so anyway.
        weight_decay: AdamW's, or the L2 penalty of the other two.
        betas: smoothing of Adam's and AdamW's two averages; RMSprop smooths its one by the second.
        momentum: RMSprop's.
        grad_clip_norm: the largest norm of the gradient; 0 for no limit.
        accumulate_grad_batches: batches whose gradients are averaged for one step.
    """

    name: Literal["adamw", "adam", "rmsprop"] = "adamw"
    trainable: str = ""
    lr: Annotated[float, (0.0, 10.0)] = 1e-3
    encoder_rate: Annotated[float, (0.0, 10.0)] = 2e-4
    discriminator_lr: Annotated[float, (0.0, 10.0)] = 4e-4
    layer_decay: Annotated[float, (0.0, 1.0)] = 1.0
    encoder_frozen_blocks: Annotated[int, (0, 1000)] = 0
    freeze_batch_norm: bool = False
    weight_decay: Annotated[float, (0.0, 10.0)] = 0.0
    betas: tuple[Annotated[float, (0.0, 0.99999)], Annotated[float, (0.0, 0.999999)]] = (0.9, 0.99)
    momentum: Annotated[float, (0.0, 0.99999)] = 0.0
    grad_clip_norm: Positive = 2.0
    accumulate_grad_batches: Annotated[int, (1, 100_000)] = 1


@dataclass(frozen=True, kw_only=True)
class ScheduleOptions:
    """How long, and how the rate goes: a linear start, then a cosine, steps down, or no change.

    One of the four budgets is given, the others are 0. Validation and pauses count in none of them.

    Attributes:
        max_minutes: budget of training time.
        max_cpu_minutes: budget of processor time, that of the processes that decode photos included: the fair one where
            several trainings share a machine.
        max_steps: budget of steps.
        epochs: budget of photos seen, in sizes of the training set.
        warmup_steps: steps over which the learning rate rises linearly.
        scheduler: how the learning rate goes after that.
        min_lr_ratio: share of the learning rate that is left at the end of a cosine.
        factor: what the rate is multiplied by after each period of ``step``.
        period: how long each lasts.
        period_unit: what ``period`` counts.
        ema_decay: decay of the moving average of weights that is validated and exported; 0 for none.
    """

    max_minutes: Positive = 0.0
    max_cpu_minutes: Positive = 0.0
    max_steps: Annotated[int, (0, 10**12)] = 0
    epochs: Positive = 0.0
    warmup_steps: Annotated[int, (0, 10**9)] = 200
    scheduler: Literal["cosine", "step", "constant"] = "cosine"
    min_lr_ratio: Annotated[float, (0.0, 1.0)] = 0.02
    factor: Annotated[float, (0.0, 1.0)] = 0.5
    period: Positive = 0.0
    period_unit: Literal["epochs", "steps", "photos"] = "epochs"
    ema_decay: Annotated[float, (0.0, 0.999999)] = 0.9995


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Where and on what.

    Attributes:
        output_dir: the run's folder; a relative one lies in the current folder.
        resume: go on from the checkpoint there, if there is one.
        precision: of Lightning. ``bf16-mixed`` is for accelerators, and for processors that compute with bfloat16
            (AVX-512-BF16, AMX, or Arm's); any other trains in ``32-true`` instead and says so.
        channels_last: memory layout of the convolutions.
        accelerator: of Lightning.
        devices: how many processes or accelerators of this machine; under ``torchrun`` that decides.
        threads: of one process on a CPU; 0 leaves it to torch.
        log_every_n_steps: steps between two rows of the curves.
        tensorboard: write them, and the sample sheets, for TensorBoard too.
        checkpoint_minutes: training time between two checkpoints; 0 to count steps only.
        checkpoint_steps: steps between two checkpoints; 0 to count time only.
        val_every_n_steps: steps between two validations; 0 for one at the end.
        sheet_photos: validation photos on the sample sheet each validation leaves; 0 for none.
    """

    output_dir: str
    resume: bool = True
    precision: Literal["bf16-mixed", "16-mixed", "32-true"] = "32-true"
    channels_last: bool = True
    accelerator: Literal["auto", "cpu", "gpu", "mps"] = "auto"
    devices: Annotated[int, (1, 4096)] = 1
    threads: Annotated[int, (0, 1024)] = 0
    log_every_n_steps: Annotated[int, (1, 10**9)] = 50
    tensorboard: bool = False
    checkpoint_minutes: Positive = 5.0
    checkpoint_steps: Annotated[int, (0, 10**9)] = 0
    val_every_n_steps: Annotated[int, (0, 10**9)] = 0
    sheet_photos: Annotated[int, (0, 64)] = 8


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One training, in full.

    Attributes:
        format: of the recipe: 2. Format 1 is converted when it is read (:mod:`photochrom.training.recipe_upgrade`).
        name: what the network will be called.
        description: one or two sentences.
        license: SPDX identifier of the weights' licence.
        training_data: what the network sees, in words, for its card.
        expected: the figures this recipe should reach, and the time it takes.
        seed: of all chance.
    """

    format: Annotated[int, (FORMAT, FORMAT)]
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
