"""Makes a study of two folders: pairs by name, drawn by a seed, with nothing that tells truth from model."""

import random
import secrets
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from photochrom.errors import NoInputError, OptionError, OutputExistsError, StudyError, WriteError
from photochrom.image_io.formats import SUFFIXES
from photochrom.user_study.responses import Answers
from photochrom.user_study.stimuli import paint_absurdly, read_shown
from photochrom.user_study.study import ANSWERS, PICTURES, STUDY_FILE, STUDY_FORMAT, Ask, Pair, Study, picture_path

__all__ = ["CONSENT", "CreatedStudy", "StudyOptions", "make_study"]

#: Zhang et al. 2016: 10 practice pairs, 40 test pairs, one check to ten tests
PRACTICE, TRIALS, CHECKS_PER_TRIAL = 10, 40, 10

CONSENT = """\
You will see pairs of pictures, one after the other, each for a moment. After each pair you are asked the \
question above. There is no time limit for the answer.

Taking part is voluntary. You can stop at any time, and delete what you have answered with the button on the page.

Stored are your answers, how long they took, how long each picture was really shown, and the day. Not stored are your \
name, your address on the network, or anything about your device. Your browser keeps a random number so that you can \
go on later. The answers are used to tell how real or how pleasing machine-made colours look."""


@dataclass(frozen=True, kw_only=True)
class StudyOptions:
    """How a study is made.

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
            raise OptionError(f"ask is {self.ask!r}: give real or better")
        for name, low in (("pairs", 1), ("trials", 1), ("practice", 0), ("checks", 0)):
            value = getattr(self, name)
            if value is not None and value < low:
                raise OptionError(f"{name} is {value}: give a whole number, {low} or more")
        if not 0.05 <= self.seconds <= 60:
            raise OptionError(f"seconds is {self.seconds}: give a number from 0.05 to 60")
        if not 32 <= self.size <= 2048:
            raise OptionError(f"size is {self.size}: give a whole number of pixels from 32 to 2048")
        if not self.consent.strip() or not self.title.strip():
            raise OptionError("the title or the consent is empty: people must be told what they agree to")


@dataclass(frozen=True)
class CreatedStudy:
    """A study that was made, and what of the folders is not in it: photos of one folder that the other lacks."""

    study: Study
    unpaired: tuple[str, ...]


def make_study(first: Path, second: Path, out: Path, *, options: StudyOptions | None = None) -> CreatedStudy:
    """Make a study of the pictures that two folders have under the same name, suffixes and ``.color`` aside.

    Pictures are brought to sRGB, to the same size, and stripped of all but pixels; they are written without loss.
    The folder appears whole or not at all.

    Args:
        first: folder of real photos, or of one system's pictures.
        second: folder of a model's pictures.
        out: where the study goes; must not exist.
        options: how; the defaults are those of Zhang et al., "Colorful Image Colorization", 2016.

    Raises:
        NoInputError: no pair.
        StudyError: two pictures have one name, or the sizes of a pair differ.
        OptionError: more trials, practice or checks than there are pairs.
        UnreadablePictureError: a picture that cannot be read.
        OutputExistsError, WriteError: the folder cannot be written.
    """
    options = options or StudyOptions()
    if out.exists():
        raise OutputExistsError(f"'{out}' exists already: choose another name for the study")
    there = [_list(folder) for folder in (first, second)]
    names = sorted(there[0].keys() & there[1].keys())
    unpaired = tuple(str(there[i][name]) for i in (0, 1) for name in sorted(there[i].keys() - set(names)))
    if not names:
        raise NoInputError(f"'{first}' and '{second}' have no picture of the same name: name them alike")
    draw = random.Random(options.seed)
    if options.pairs is not None and options.pairs > len(names):
        raise OptionError(f"there are only {len(names)} pairs: give --pairs {len(names)} or less")
    names = draw.sample(names, options.pairs or len(names))
    practice, checks, trials = _share(len(names), options)
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
                pairs.append(_write_pair(folder, name, there[0][name], there[1][name], options.size, absurd=absurd))
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
        raise WriteError(f"'{out}' cannot be written ({reason}): check the folder and the free space") from error
    return CreatedStudy(study, unpaired)


def _list(folder: Path) -> dict[str, Path]:
    """The pictures below a folder by name: the path in it, without suffix and without ``.color``."""
    if not folder.is_dir():
        raise NoInputError(f"'{folder}' is no folder: give two folders of pictures")
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        name = path.relative_to(folder).with_suffix("").as_posix().removesuffix(".color")
        if name in found:
            raise StudyError(f"'{found[name]}' and '{path}' have the same name: keep one of them in '{folder}'")
        found[name] = path
    return found


def _share(pairs: int, options: StudyOptions) -> tuple[int, int, int]:
    """How many pairs are for practice and for checks, and how many test pairs a participant sees."""
    practice = min(PRACTICE, pairs // 5) if options.practice is None else options.practice
    checks = options.checks
    if checks is None:
        wanted = min(options.trials or TRIALS, max(pairs - practice, 0))
        checks = max(1, wanted // CHECKS_PER_TRIAL) if pairs > 1 else 0
    left = pairs - practice - checks
    if left < (options.trials or 1):
        need = practice + checks + (options.trials or 1)
        raise OptionError(
            f"{pairs} pairs are too few for {practice} practice, {checks} checks and {options.trials or 1} trials: "
            f"give {need} pairs, or lower --practice, --checks or --trials"
        )
    return practice, checks, min(left, options.trials or TRIALS)


def _write_pair(folder: Path, name: str, first: Path, second: Path, size: int, *, absurd: bool) -> Pair:
    one, other = read_shown(first), read_shown(second)
    if one.size != other.size:
        raise StudyError(
            f"'{first}' is {one.width}x{one.height} but '{second}' is {other.width}x{other.height}: "
            "make both the same size, so that size does not tell them apart"
        )
    if absurd:
        other = paint_absurdly(one)
    stems = [secrets.token_hex(16) for _ in range(2)]
    for stem, image in zip(stems, (one, other), strict=True):
        image.thumbnail((size, size), Image.Resampling.LANCZOS)
        image.save(picture_path(folder, stem), "WEBP", lossless=True)
    return Pair(name, *stems)
