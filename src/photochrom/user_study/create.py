"""Creates a study from two folders: pairs by name, drawn by a seed, with nothing that tells truth from model."""

import random
import secrets
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from photochrom.errors import NoInputError, OptionError, OutputExistsError, StudyError, WriteError
from photochrom.image_io.formats import SUFFIXES
from photochrom.user_study.responses import Answers
from photochrom.user_study.stimuli import read_shown, recolor_absurdly
from photochrom.user_study.study import ANSWERS, PICTURES, STUDY_FILE, STUDY_FORMAT, Ask, Pair, Study, picture_path

__all__ = ["CONSENT", "CreatedStudy", "StudyOptions", "create_study"]

#: Zhang et al. 2016: 10 practice pairs, 40 test pairs, one check to ten tests
PRACTICE, TRIALS, CHECKS_PER_TRIAL = 10, 40, 10

CONSENT = """\
You will see pairs of pictures, one after the other, each for a moment. After each pair you are asked the \
question above. The answer has no time limit.

Taking part is voluntary. You can stop at any time, and delete what you have answered with the button on the page.

Stored are your answers, how long they took, how long each picture was really shown, and the day. Not stored are your \
name, your address on the network, or anything about your device. Your browser keeps a random number so that you can \
go on later. The answers are used to tell how real or how pleasing machine-made colours look."""


@dataclass(frozen=True, kw_only=True)
class StudyOptions:
    """Says how a study is created.

    Args:
        ask: ``real`` or ``better``; see :class:`~photochrom.user_study.study.Study`.
        pairs: use so many pairs, drawn by the seed; None for all.
        trials: test pairs a participant sees; None for 40, or as many as there are.
        practice: practice pairs; None for 10, or a fifth of the pairs where there are few.
        checks: attention checks; None for one to ten trials.
        seconds: how long each picture is shown.
        size: longer side of the pictures at most, pixels.
        seed: of the draw.
        title: heading of the page.
        consent: what participants agree to.
        names: what the folders hold, for the report; None for the folders' own names.

    Raises:
        OptionError: a value is out of range.
    """

    ask: Ask = "real"
    pairs: int | None = None
    trials: int | None = None
    practice: int | None = None
    checks: int | None = None
    seconds: float = 1.0
    size: int = 512
    seed: int = 0
    title: str = "Which colours are real?"
    consent: str = CONSENT
    names: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if self.ask not in ("real", "better"):
            raise OptionError("study.ask_unknown", value=self.ask)
        for name, low in (("pairs", 1), ("trials", 1), ("practice", 0), ("checks", 0)):
            value = getattr(self, name)
            if value is not None and value < low:
                raise OptionError("study.number_too_small", name=name, value=value, least=low)
        if not 0.05 <= self.seconds <= 60:
            raise OptionError("study.seconds_out_of_range", value=self.seconds)
        if not 32 <= self.size <= 2048:
            raise OptionError("study.size_out_of_range", value=self.size)
        if not self.consent.strip() or not self.title.strip():
            raise OptionError("study.text_empty")


@dataclass(frozen=True)
class CreatedStudy:
    """A new study, and the images of one folder that the other lacks."""

    study: Study
    unpaired: tuple[str, ...]


def create_study(first: Path, second: Path, out: Path, *, options: StudyOptions | None = None) -> CreatedStudy:
    """Creates a study from the images that two folders have under the same name, suffixes and ``.color`` aside.

    Images are brought to sRGB, to the same size, and stripped of all but pixels; they are written without loss.
    The folder appears whole or not at all.

    Args:
        first: folder of real photos, or of one system's images.
        second: folder of a model's images.
        out: where the study goes; must not exist.
        options: how; the defaults are those of Zhang et al., "Colorful Image Colorization", 2016.

    Raises:
        NoInputError: no pair.
        StudyError: two images have one name, or the sizes of a pair differ.
        OptionError: more trials, practice or checks than there are pairs.
        UnreadablePictureError: an image cannot be read.
        OutputExistsError, WriteError: the folder cannot be written.
    """
    options = options or StudyOptions()
    if out.exists():
        raise OutputExistsError("study.exists", path=out)
    images = [_list_images(folder) for folder in (first, second)]
    names = sorted(images[0].keys() & images[1].keys())
    unpaired = tuple(str(images[i][name]) for i in (0, 1) for name in sorted(images[i].keys() - set(names)))
    if not names:
        raise NoInputError("study.no_pairs", first=first, second=second)
    draw = random.Random(options.seed)
    if options.pairs is not None and options.pairs > len(names):
        raise OptionError("study.too_few_pairs", count=len(names))
    names = draw.sample(names, options.pairs or len(names))
    practice, checks, trials = _count_parts(len(names), options)
    study = Study(
        format=STUDY_FORMAT,
        id=secrets.token_hex(16),
        ask=options.ask,
        title=options.title,
        consent=options.consent.strip(),
        names=options.names or (first.resolve().name, second.resolve().name),
        seconds=options.seconds,
        trials=trials,
        seed=options.seed,
        practice=(),
        checks=(),
        pairs=(),
    )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", suffix=".part", dir=out.parent) as temporary:
            folder = Path(temporary) / "study"
            (folder / PICTURES).mkdir(parents=True)
            pairs = []
            for number, name in enumerate(names):
                absurd = practice <= number < practice + checks
                pairs.append(_write_pair(folder, name, images[0][name], images[1][name], options.size, absurd=absurd))
            study = replace(
                study,
                practice=tuple(pairs[:practice]),
                checks=tuple(pairs[practice : practice + checks]),
                pairs=tuple(pairs[practice + checks :]),
            )
            (folder / STUDY_FILE).write_text(study.to_json(), encoding="utf-8")
            Answers(folder / ANSWERS).create()
            folder.rename(out)
    except OSError as error:
        if isinstance(error, WriteError | OutputExistsError):
            raise
        reason = error.strerror or "the system refused"
        raise WriteError("study.not_writable", path=out, reason=reason) from error
    return CreatedStudy(study, unpaired)


def _list_images(folder: Path) -> dict[str, Path]:
    """Returns the images below a folder by name: the path in it, without suffix and without ``.color``."""
    if not folder.is_dir():
        raise NoInputError("study.folder_missing", path=folder)
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        name = path.relative_to(folder).with_suffix("").as_posix().removesuffix(".color")
        if name in found:
            raise StudyError("study.name_twice", first=found[name], second=path, folder=folder)
        found[name] = path
    return found


def _count_parts(pairs: int, options: StudyOptions) -> tuple[int, int, int]:
    """Returns how many pairs are for practice and for checks, and how many test pairs a participant sees."""
    practice = min(PRACTICE, pairs // 5) if options.practice is None else options.practice
    checks = options.checks
    if checks is None:
        wanted = min(options.trials or TRIALS, max(pairs - practice, 0))
        checks = max(1, wanted // CHECKS_PER_TRIAL) if pairs > 1 else 0
    left = pairs - practice - checks
    if left < (options.trials or 1):
        need = practice + checks + (options.trials or 1)
        raise OptionError(
            "study.too_few_for_parts",
            pairs=pairs,
            practice=practice,
            checks=checks,
            trials=options.trials or 1,
            needed=need,
        )
    return practice, checks, min(left, options.trials or TRIALS)


def _write_pair(folder: Path, name: str, first: Path, second: Path, size: int, *, absurd: bool) -> Pair:
    one, other = read_shown(first), read_shown(second)
    if one.size != other.size:
        sizes = [f"{image.width}x{image.height}" for image in (one, other)]
        raise StudyError("study.sizes_differ", first=first, first_size=sizes[0], second=second, second_size=sizes[1])
    if absurd:
        other = recolor_absurdly(one)
    stems = [secrets.token_hex(16) for _ in range(2)]
    for stem, image in zip(stems, (one, other), strict=True):
        image.thumbnail((size, size), Image.Resampling.LANCZOS)
        image.save(picture_path(folder, stem), "WEBP", lossless=True)
    return Pair(name, *stems)
