"""The results of an evaluation, as frozen dataclasses.

Everything a report shows is in here, but the example images, which lie beside it.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "Calibration",
    "CalibrationBin",
    "Comparison",
    "Cost",
    "DataSet",
    "Entry",
    "Evaluation",
    "Example",
    "HintPoint",
    "HueSector",
    "Interval",
    "LeftOut",
    "Machine",
    "MetricInfo",
    "Photo",
    "ProtocolInfo",
    "Row",
    "Skipped",
    "Subject",
]


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval, by bootstrap over photos (or what ``Entry`` says it is over).

    Attributes:
        mean: the figure itself; for what is counted over the whole set (AuC, Fréchet distance), that count.
        low: lower end; None where no interval was made.
        high: upper end.
    """

    mean: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ProtocolInfo:
    """How truth became gray and what was scored."""

    name: str
    version: int
    description: str


@dataclass(frozen=True)
class LeftOut:
    """A photo that was not scored.

    Attributes:
        photo: its id, or its place in the set where it could not be read.
        kind: what is the matter with it.
        reason: a sentence.
    """

    photo: str
    kind: Literal["unreadable", "gray truth", "missing prediction", "unreadable prediction", "size differs", "failed"]
    reason: str


@dataclass(frozen=True)
class Photo:
    """A photo of the set that can be scored.

    Attributes:
        id: unique in the set; for a folder the path in it without its suffix. It comes from outside: escape it.
        name: where it lies. Escape it too.
        subject: column ``source`` of a Parquet file, or the first folder; "" where all photos would have the same.
        width: pixels, as scored.
        height: pixels, as scored.
    """

    id: str
    name: str
    subject: str
    width: int
    height: int


@dataclass(frozen=True)
class DataSet:
    """The photos.

    Attributes:
        name: as it was given.
        fingerprint: SHA-256 over names, sizes and first bytes of its files.
        found: photos looked at.
        photos: those that can be scored.
        left_out: the others, and why.
        split: which half of the set these are, ``select`` or ``report``, or ``all``; see
            :mod:`photochrom.evaluation.inputs.split`.
    """

    name: str
    fingerprint: str
    found: int
    photos: tuple[Photo, ...]
    left_out: tuple[LeftOut, ...]
    split: Literal["select", "report", "all"] = "all"


@dataclass(frozen=True)
class MetricInfo:
    """Describes a metric.

    Attributes:
        key: its name in rows and scores.
        label: its name for people.
        unit: "dB", "", ...
        better: which way is better; "truth" where the truth's own value is best.
        over: "photo" for a mean over photos, "set" for one figure of the whole set.
        vividness: the vividness it is read at in a table with one line a model; None for either.
        decimals: digits after the point to show.
        source: where it is defined.
        target: the truth's own value, where it is the same for every photo: 0 for a cast, 100 for a ratio.
    """

    key: str
    label: str
    unit: str
    better: Literal["higher", "lower", "truth"]
    over: Literal["photo", "set"]
    vividness: float | None
    decimals: int
    source: str
    target: float | None = None


@dataclass(frozen=True)
class Row:
    """One photo's figures: metric key to value. ``seconds`` is the colouring alone, on one thread; None for files."""

    photo: str
    values: dict[str, float]
    seconds: float | None = None


@dataclass(frozen=True)
class HueSector:
    """Pixels whose true chroma is over 10 and whose true hue angle lies in a sector.

    Attributes:
        name: a colour word.
        start: degrees in the a*b* plane, included; may be negative.
        stop: degrees, excluded.
        pixels: how many.
        ab_error: mean Euclidean a*b* error; None without pixels.
        chroma: mean chroma of the result there.
        chroma_truth: mean chroma of the truth there.
    """

    name: str
    start: float
    stop: float
    pixels: int
    ab_error: float | None
    chroma: float | None
    chroma_truth: float | None


@dataclass(frozen=True)
class Subject:
    """The photos of one subject: means over photos, with intervals."""

    name: str
    photos: int
    scores: dict[str, Interval]


@dataclass(frozen=True)
class HintPoint:
    """PSNR with so many hints drawn at random from the truth."""

    hints: int
    photos: int
    psnr: Interval


@dataclass(frozen=True)
class CalibrationBin:
    """Pixels of one tenth of the confidence scale (0..0.1, ..., 0.9..1).

    Attributes:
        confidence: mean of what the network says, 0..1; None without pixels.
        correct: share of them whose a*b* error is within the radius, 0..1; None without pixels.
        pixels: how many.
    """

    confidence: float | None
    correct: float | None
    pixels: int


@dataclass(frozen=True)
class Calibration:
    """What a network's confidence is worth, at vividness 0.

    Attributes:
        radius: a*b* units within which a pixel counts as correct.
        confidence: mean over all pixels, 0..1.
        correct: share of correct pixels, 0..1.
        expected_error: expected calibration error, 0..1 (Guo et al. 2017), over ``bins``.
        bins: ten, in order.
        fifths: mean a*b* error of the least sure fifth of pixels, ..., of the surest fifth.
    """

    radius: float
    confidence: float
    correct: float
    expected_error: float
    bins: tuple[CalibrationBin, ...]
    fifths: tuple[float, ...]


@dataclass(frozen=True)
class Example:
    """A photo to look at; paths are relative to the report's folder, "/" between, safe names.

    Attributes:
        photo: its id.
        why: "random" ones are the same for every entry; best and worst by mean CIEDE2000.
        truth: image.
        gray: image.
        result: image.
    """

    photo: str
    why: Literal["best", "worst", "random"]
    truth: str
    gray: str
    result: str


@dataclass(frozen=True)
class Cost:
    """What colouring one photo costs, measured in a process that does nothing else.

    Attributes:
        seconds: median over ``photos`` photos.
        peak_memory: bytes resident at most, interpreter included; None where the system does not tell.
        threads: processor threads used.
        device: where the network ran.
        photos: how many were coloured.
    """

    seconds: float
    peak_memory: int | None
    threads: int
    device: str
    photos: int


@dataclass(frozen=True)
class Entry:
    """One system at one vividness.

    Attributes:
        key: unique, safe as a file's name.
        model: the network's name, "gray", "truth", or the name of the folder of another program's predictions.
        kind: what it is.
        vividness: None where that does not exist: a network with one answer, a folder, gray, truth.
        sha256: of the weights file as its card has it; None without a network.
        version: of the weights.
        license: of the weights.
        parameters: of the network.
        bytes: of the weights file.
        photos: how many were scored.
        left_out: those that were not, beyond the data set's own.
        scores: metric key to figure over photos, or over the set.
        rows: one a scored photo, in the set's order.
        by_hue: twelve sectors of the true colour.
        by_subject: empty where the set has no subjects.
        hints: empty where no hints were asked for, or where the system takes none; at vividness 0 if it has one.
        calibration: of networks with confidence, at vividness 0.
        examples: photos to look at.
        cost: of networks.
    """

    key: str
    model: str
    kind: Literal["network", "predictions", "gray", "truth"]
    vividness: float | None
    sha256: str | None
    version: str | None
    license: str | None
    parameters: int | None
    bytes: int | None
    photos: int
    left_out: tuple[LeftOut, ...]
    scores: dict[str, Interval]
    rows: tuple[Row, ...]
    by_hue: tuple[HueSector, ...]
    by_subject: tuple[Subject, ...]
    hints: tuple[HintPoint, ...]
    calibration: Calibration | None
    examples: tuple[Example, ...]
    cost: Cost | None

    @property
    def label(self) -> str:
        """Its name for people."""
        return self.model if self.vividness is None else f"{self.model}, vividness {self.vividness:g}"


@dataclass(frozen=True)
class Comparison:
    """Two entries on the photos both were scored on.

    Attributes:
        first: key of an entry.
        second: key of another.
        metric: key of a metric of photos.
        photos: how many both have.
        difference: mean of first minus second, with its interval.
        p_value: two-sided, that so large a difference comes by chance.
        test: how p was found.
    """

    first: str
    second: str
    metric: str
    photos: int
    difference: Interval
    p_value: float
    test: str


@dataclass(frozen=True)
class Skipped:
    """Something that was not measured, and why: one sentence."""

    what: str
    reason: str


@dataclass(frozen=True)
class Machine:
    """Where it was measured."""

    system: str
    processors: int
    python: str
    onnxruntime: str


@dataclass(frozen=True)
class Evaluation:
    """All of it.

    Attributes:
        format: of this JSON.
        photochrom: the version that measured.
        protocol: how truth became gray.
        data: the photos.
        seed: of intervals, hints and random examples.
        machine: where times were taken.
        metrics: what the keys of scores mean, in the order to show them.
        entries: gray first, the truth last.
        comparisons: of pairs of entries.
        skipped: what was not measured.
        faces: what :mod:`photochrom.evaluation.fairness.faces` found, as plain JSON; None where it was not asked for.
    """

    format: int
    photochrom: str
    protocol: ProtocolInfo
    data: DataSet
    seed: int
    machine: Machine
    metrics: tuple[MetricInfo, ...]
    entries: tuple[Entry, ...]
    comparisons: tuple[Comparison, ...]
    skipped: tuple[Skipped, ...]
    faces: dict[str, Any] | None = field(default=None)

    def entry(self, key: str) -> Entry:
        """The entry of that key.

        Raises:
            KeyError: there is none.
        """
        for entry in self.entries:
            if entry.key == key:
                return entry
        raise KeyError(key)
