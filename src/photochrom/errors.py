"""Every error this package raises on purpose.

An error has a code, such as ``photo.truncated``, and details by name. Its text is made from both in
:mod:`photochrom.messages`: what failed, then what to do. Programs and tests look at the class and the code, people read
the text.

::

    PhotochromError
    ├── InputError                  what was handed in cannot be used
    │   ├── UnreadablePictureError  not a picture, cut short, or damaged
    │   ├── UnsupportedPictureError a picture of a kind we cannot read or write
    │   ├── PictureTooLargeError    more pixels than allowed
    │   ├── UnreadableFilmError     not a film, cut short, or damaged
    │   ├── UnsupportedFilmError    a film of a kind we cannot read or write
    │   ├── OptionError             an option out of its range
    │   ├── ProjectError            a project file is damaged, or was made of another photo or network
    │   └── NoInputError        no picture among the inputs
    ├── OutputError
    │   ├── OutputExistsError       would overwrite a file
    │   ├── StoreError              an object store cannot be read or written, or does not answer
    │   └── WriteError              disk full, no permission, no such folder
    ├── ModelError
    │   ├── UnknownModelError       no such name or file
    │   ├── CorruptWeightsError     cut, altered or wrong weights
    │   └── DeviceError             no such device in this build of onnxruntime
    ├── TrainingError
    │   ├── RecipeError             unknown key, wrong type, value out of range
    │   ├── DataError               an unreadable or unsuitable data set
    │   └── CheckpointError         cut, altered or mismatched checkpoint
    ├── EvaluationError             nothing can be scored, or a scoring network cannot be used
    │   ├── ResultsError            cut, altered or foreign results.json
    │   └── StudyError              a study's folder is damaged, or cannot be made of these pictures
    └── MissingDependencyError      an optional part is not installed

``InputError`` and ``RecipeError`` are also ``ValueError``; ``WriteError`` and ``OutputExistsError`` also ``OSError``.
"""

from photochrom.deprecations import find_attribute
from photochrom.messages import render

__all__ = [
    "CheckpointError",
    "CorruptWeightsError",
    "DataError",
    "DeviceError",
    "EvaluationError",
    "InputError",
    "MissingDependencyError",
    "ModelError",
    "NoInputError",
    "OptionError",
    "OutputError",
    "OutputExistsError",
    "PhotochromError",
    "PictureTooLargeError",
    "ProjectError",
    "RecipeError",
    "ResultsError",
    "StoreError",
    "StudyError",
    "TrainingError",
    "UnknownModelError",
    "UnreadableFilmError",
    "UnreadablePictureError",
    "UnsupportedFilmError",
    "UnsupportedPictureError",
    "WriteError",
]


class PhotochromError(Exception):
    """The root: catch this to catch all of them.

    Args:
        code: a key of the catalogue in :mod:`photochrom.messages`, such as ``photo.truncated``.
        details: what the text names, by the names of its fields.

    Attributes:
        code: as given.
        details: as given.
    """

    def __init__(self, code: str, /, **details: object) -> None:
        self.code, self.details = code, details
        super().__init__(str(render(code, details)))

    def __reduce__(self) -> tuple[object, ...]:
        # so that it can come from another process
        return _rebuild, (type(self), self.code, self.details)


def _rebuild(kind: type[PhotochromError], code: str, details: dict[str, object]) -> PhotochromError:
    return kind(code, **details)


class InputError(PhotochromError, ValueError):
    """What was handed in cannot be used."""


class UnreadablePictureError(InputError):
    """The file is not a picture, is cut short, or is damaged."""


class UnsupportedPictureError(InputError):
    """A picture of a kind that cannot be read or written here."""


class PictureTooLargeError(InputError):
    """The picture has more pixels than allowed."""


class UnreadableFilmError(InputError):
    """The file is not a film, holds no moving picture, is cut short, or is damaged."""


class UnsupportedFilmError(InputError):
    """A film of a kind that cannot be read or written here."""


class OptionError(InputError):
    """An option is out of its range."""


class ProjectError(InputError):
    """A project file is damaged, or its photo, reference or network is missing or another."""


class NoInputError(InputError):
    """No picture was found among the inputs."""


class OutputError(PhotochromError, OSError):
    """The result cannot be put where it should go."""


class OutputExistsError(OutputError):
    """The output is there already and overwriting was not asked for."""


class WriteError(OutputError):
    """The output cannot be written: disk full, no permission, no such folder."""


class StoreError(OutputError):
    """A file of an object store cannot be read, written or listed, or the store does not answer."""


class ModelError(PhotochromError):
    """A network cannot be used."""


class UnknownModelError(ModelError):
    """No network has this name, and no file lies there."""


class CorruptWeightsError(ModelError):
    """A weights file is cut, altered, or not one of ours."""


class DeviceError(ModelError):
    """The device asked for is not offered by this build of onnxruntime."""


class TrainingError(PhotochromError):
    """A training or export cannot go on."""


class RecipeError(TrainingError, ValueError):
    """A recipe has an unknown key, a wrong type or a value out of range."""


class DataError(TrainingError):
    """A data set cannot be read or is not suitable."""


class CheckpointError(TrainingError):
    """A checkpoint is cut, altered, or belongs to another network."""


class EvaluationError(PhotochromError):
    """An evaluation cannot go on."""


class ResultsError(EvaluationError):
    """The results of an evaluation are cut, altered, or not ours."""


class StudyError(EvaluationError):
    """A study's folder is damaged, or a study cannot be made of these pictures."""


class MissingDependencyError(PhotochromError, ImportError):
    """An optional part of photochrom is not installed.

    Args:
        feature: what needs it, as the start of a sentence ("Reading HEIC").
        extra: the extra's name in ``pip install 'photochrom[extra]'``.
    """

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__("dependency.missing", feature=feature, extra=extra)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.details["feature"], self.details["extra"])


def __getattr__(name: str) -> object:
    return find_attribute(__name__, name)
