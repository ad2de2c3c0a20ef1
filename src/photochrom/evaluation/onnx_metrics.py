"""Networks to measure with, given by the user as ONNX files: a classifier, features, LPIPS.

What such a file takes as input is written in its metadata under ``photochrom.input``, or in a file beside it with the
same name and ``.json`` added: ``{"name": "EdgeTPU", "size": 224, "mean": [127.5, 127.5, 127.5], "std": [127.5, 127.5,
127.5]}``. The image, RGB 0..255, is brought to ``size`` x ``size`` (bicubic; left as it is where size is 0), less
``mean``, by ``std``. ``output`` names the output to use where it is not the first.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photochrom.deprecations import find_attribute, renamed_keywords
from photochrom.errors import EvaluationError
from photochrom.evaluation.inputs.protocol import Pixels

__all__ = ["INPUT_KEY", "MetricNetworks", "OnnxMetric", "open_onnx_metric"]

INPUT_KEY = "photochrom.input"
_EXAMPLE = '{"name": "EdgeTPU", "size": 224, "mean": [127.5, 127.5, 127.5], "std": [127.5, 127.5, 127.5]}'


@dataclass(frozen=True)
class MetricNetworks:
    """The files of the networks to measure with; None where there is none.

    Attributes:
        classifier: whether the colouring gets the class of the true photo.
        fid_features: features for the Fréchet distance.
        lpips: LPIPS, a network of two images.
    """

    classifier: str | None = None
    fid_features: str | None = None
    lpips: str | None = None

    def by_role(self) -> dict[str, str]:
        """Returns those that were given, by what they are for."""
        given = {"classifier": self.classifier, "fid_features": self.fid_features, "lpips": self.lpips}
        return {role: path for role, path in given.items() if path is not None}


MetricNetworks.__init__ = renamed_keywords("MetricNetworks")(MetricNetworks.__init__)  # type: ignore[method-assign]


@dataclass(frozen=True)
class OnnxMetric:
    """One such network, open.

    Attributes:
        name: as its file says.
        sha256: of its file.
    """

    name: str
    sha256: str
    _session: Any
    _size: int
    _mean: NDArray[np.float32]
    _std: NDArray[np.float32]
    _output: str

    def __call__(self, *images: Pixels) -> NDArray[np.float32]:
        """Returns what it says of one image, or of several that it takes together, (H,W,3) uint8 each: a flat array.

        A map (1,C,h,w) is averaged over its places.

        Raises:
            EvaluationError: it cannot be run on such an image.
        """
        inputs = self._session.get_inputs()
        try:
            if len(inputs) != len(images):
                raise ValueError(f"it has {len(inputs)} inputs, not {len(images)}")
            feed = {entry.name: self._prepare(entry, image) for entry, image in zip(inputs, images, strict=True)}
            answer = np.asarray(self._session.run([self._output], feed)[0], np.float32)
        except Exception as error:  # onnxruntime raises many types, none of them documented
            reason = str(error).splitlines()[0]
            raise EvaluationError("evaluation.network_failed", name=self.name, reason=reason) from error
        return answer[0].mean((1, 2)) if answer.ndim == 4 else answer.ravel()

    def _prepare(self, entry: Any, image: Pixels) -> NDArray[np.float32]:
        if self._size:
            image = np.asarray(Image.fromarray(image).resize((self._size, self._size), Image.Resampling.BICUBIC))
        scaled = (image.astype(np.float32) - self._mean) / self._std
        channels_first = len(entry.shape) == 4 and entry.shape[1] == 3
        return np.ascontiguousarray(np.moveaxis(scaled, -1, 0) if channels_first else scaled)[None]


def open_onnx_metric(path: str | Path) -> OnnxMetric:
    """Opens such a file.

    Raises:
        EvaluationError: it cannot be read, or does not say what it takes as input.
    """
    place = Path(path).expanduser()
    try:
        data = place.read_bytes()
    except OSError as error:
        raise EvaluationError("evaluation.network_unreadable", path=str(path), reason=error.strerror) from error
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise EvaluationError("evaluation.network_not_onnx", path=str(path)) from error
    described = _describe(session, place)
    outputs = [entry.name for entry in session.get_outputs()]
    try:
        mean, std = (np.array(described[key], np.float32).reshape(3) for key in ("mean", "std"))
        size, output = int(described["size"]), str(described.get("output", outputs[0]))
        if size < 0 or output not in outputs or not (std > 0).all():
            raise ValueError(output)
    except (KeyError, TypeError, ValueError) as error:
        raise EvaluationError(
            "evaluation.network_description_invalid", path=str(path), outputs=", ".join(outputs)
        ) from error
    name = str(described.get("name", place.stem))
    return OnnxMetric(name, hashlib.sha256(data).hexdigest(), session, size, mean, std, output)


def _describe(session: Any, place: Path) -> dict[str, Any]:
    text = session.get_modelmeta().custom_metadata_map.get(INPUT_KEY)
    beside = place.with_name(place.name + ".json")
    try:
        if text is None:
            text = beside.read_text(encoding="utf-8")
        found = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise EvaluationError(
            "evaluation.network_undescribed", path=place, beside=beside.name, example=_EXAMPLE
        ) from error
    return found if isinstance(found, dict) else {}


def __getattr__(name: str) -> object:
    return find_attribute(__name__, name)
