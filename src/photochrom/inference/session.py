"""One ONNX session: lightness and hints in; a*b*, confidence and colour probabilities out."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photochrom.errors import CorruptWeightsError, DeviceError, OptionError
from photochrom.inference.hint_plane import hint_coverage
from photochrom.registry import Model

__all__ = ["OnnxSession", "SessionOutput", "available_devices", "import_onnxruntime"]

#: device names and the execution providers behind them, in the order they are preferred
PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cpu": "CPUExecutionProvider",
}


@dataclass(frozen=True, eq=False)
class SessionOutput:
    """What the network says about one padded image.

    Attributes:
        ab: (2,h,w) float32, a*b* in Lab units, one cell for ``output_stride`` input pixels.
        confidence: (h,w) float32, 0..1; None where the network has no distribution.
        uncertainty: (h,w) float32, deviation of the network's distribution, a*b* units; None without hints, or without
            a distribution.
        affinity: (C,h,w) float32, what belongs together (:mod:`photochrom.models.affinity`); None without hints, or
            where the network does not tell.
    """

    ab: NDArray[np.float32]
    confidence: NDArray[np.float32] | None
    uncertainty: NDArray[np.float32] | None = None
    affinity: NDArray[np.float32] | None = None

    def crop(self, inside: tuple[Any, ...]) -> "SessionOutput":
        """Returns the part of every plane that an index of its last two axes selects."""
        planes = (self.ab, self.confidence, self.uncertainty, self.affinity)
        return SessionOutput(*(None if plane is None else plane[inside] for plane in planes))  # type: ignore[arg-type]


def import_onnxruntime() -> Any:
    """The library that runs the graphs, opened at first use and silent."""
    # what people colour is nobody else's business; and without a writable home its telemetry warns on stderr
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    return onnxruntime


def available_devices() -> list[str]:
    """The devices this build of onnxruntime offers, the preferred first.

    >>> available_devices()[-1]
    'cpu'
    """
    onnxruntime = import_onnxruntime()
    offered = onnxruntime.get_available_providers()
    return [name for name, provider in PROVIDERS.items() if provider in offered]


class OnnxSession:
    """Runs one network. Safe to share between threads.

    The graph is opened in the background, while the caller reads a picture; what needs it waits for it.

    Args:
        model: from :func:`photochrom.registry.find_model`.
        device: a name of :func:`available_devices`, or "auto" for the first of them that starts.
        threads: processor threads for one prediction; None leaves it to onnxruntime.

    Raises:
        DeviceError: the device is unknown or not offered; at first use, it does not start.
        CorruptWeightsError: at first use, onnxruntime cannot read the graph, or it lacks what its card promises.
    """

    def __init__(self, model: Model, *, device: str = "auto", threads: int | None = None) -> None:
        self.card = model.card
        #: where the network's file lies
        self.path = model.path
        #: the device asked for, which may be "auto"
        self.wanted_device = device
        #: whether it has more than one processor thread, or all
        self.is_parallel = threads is None or threads > 1
        self._graph_names = model.graph_names
        devices = _choose_devices(device)
        opener = ThreadPoolExecutor(1, thread_name_prefix="photochrom-open")
        self._opened = opener.submit(_open_session, model, devices, threads)
        opener.shutdown(wait=False)

    @property
    def device(self) -> str:
        """The device it runs on."""
        return self._opened.result()[0]

    @property
    def latent_size(self) -> int:
        """Numbers in a variational network's latent code; 0 for a network that takes none."""
        if "z" not in self.card.inputs:
            return 0
        return int(next(entry.shape[1] for entry in self._session.get_inputs() if entry.name == "z"))

    @property
    def _session(self) -> Any:
        return self._opened.result()[1]

    def predict(
        self,
        lightness: NDArray[np.float32],
        *,
        hints: NDArray[np.float32] | None = None,
        vividness: float = 1.0,
        latent: NDArray[np.float32] | None = None,
        bin_bias: NDArray[np.float32] | None = None,
    ) -> SessionOutput:
        """Predict the colours of one picture.

        Args:
            lightness: (H,W) float32, L* 0..100; H and W multiples of ``card.stride``.
            hints: (3,H/s,W/s) float32 with s the card's output stride: a*, b* and a 0/1 mask; None for none.
            vividness: 0 for the mean of the distribution, 1 for the default, 2 for bold.
            latent: (Z,) float32 code of a variational network, Z as :attr:`latent_size`; None for its most likely
                answer.
            bin_bias: (Q,) float32 nats, added to the scores of ``card.bins`` that colours are made of; None for none.

        Raises:
            OptionError: the network takes no hints, latent code or bin bias, or has no vividness, but was given one.
        """
        feed = self._feed(lightness, hints)
        if latent is not None and not self.latent_size:
            raise OptionError("option.no_latent", model=self.card.name)
        if self.latent_size:
            feed["z"] = (np.zeros(self.latent_size, np.float32) if latent is None else np.asarray(latent, np.float32))[
                None
            ]
        if self.card.vividness:
            feed |= self._settings(vividness)
        elif vividness != 1.0:
            raise OptionError("option.no_vividness", model=self.card.name)
        if bin_bias is not None:
            if "bin_bias" not in feed:
                raise OptionError("option.no_palette", model=self.card.name)
            feed["bin_bias"] = np.asarray(bin_bias, np.float32)
        wanted = ["ab", "confidence", *(("uncertainty", "affinity") if hints is not None else ())]
        answers = self._run([name for name in wanted if name in self.card.outputs], feed)
        confidence, uncertainty = answers.get("confidence"), answers.get("uncertainty")
        return SessionOutput(
            answers["ab"],
            None if confidence is None else confidence[0],
            None if uncertainty is None else uncertainty[0],
            answers.get("affinity"),
        )

    def probability(
        self, lightness: NDArray[np.float32], *, hints: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """The colour distribution: (Q,H/s,W/s) float32 over ``card.bins``, sums to 1 at every cell.

        Raises:
            OptionError: the network has no distribution.
        """
        if "probability" not in self.card.outputs:
            raise OptionError("option.no_distribution", model=self.card.name)
        return self._ask("probability", self._feed(lightness, hints))

    def features(self, lightness: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the encoder sees in a picture: (C,h,w) float32, alike where things are alike, in other pictures too.

        Args:
            lightness: as in :meth:`predict`.

        Raises:
            OptionError: the network does not give its features.
        """
        if "features" not in self.card.outputs:
            raise OptionError("option.no_features", model=self.card.name)
        return self._ask("features", self._feed(lightness, None))

    def _ask(self, output: str, feed: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        if self.card.vividness:
            feed |= self._settings(0.0)
        return self._run([output], feed)[output]

    def _run(self, outputs: list[str], feed: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        settings = import_onnxruntime().RunOptions()
        settings.log_severity_level = 4
        # otherwise all is computed that the graph can give
        settings.only_execute_path_to_fetches = True
        answers = self._session.run(
            [self._graph_name(name) for name in outputs],
            {self._graph_name(name): value for name, value in feed.items()},
            settings,
        )
        return {name: answer[0] for name, answer in zip(outputs, answers, strict=True)}

    def _graph_name(self, name: str) -> str:
        return self._graph_names.get(name, name)

    def _feed(
        self, lightness: NDArray[np.float32], hints: NDArray[np.float32] | None
    ) -> dict[str, NDArray[np.float32]]:
        feed = {"lightness": np.ascontiguousarray(lightness[None, None], np.float32)}
        if "bin_bias" in self.card.inputs:
            feed["bin_bias"] = np.zeros(len(self.card.bins), np.float32)
        if "hints" in self.card.inputs:
            height, width = (size // self.card.output_stride for size in lightness.shape)
            feed["hints"] = np.zeros((1, 3, height, width), np.float32) if hints is None else hints[None]
            if "hint_coverage" in self.card.inputs:
                feed["hint_coverage"] = np.array(hint_coverage(feed["hints"][0, 2] > 0), np.float32)
        elif hints is not None:
            raise OptionError("option.no_hints", model=self.card.name)
        return feed

    def _settings(self, vividness: float) -> dict[str, NDArray[np.float32]]:
        columns = zip(*self.card.vividness, strict=True)
        steps = np.arange(len(self.card.vividness))
        return {
            name: np.array(np.interp(vividness, steps, column), np.float32)
            for name, column in zip(("temperature", "correction", "render"), columns, strict=False)
        }


def _choose_devices(device: str) -> list[str]:
    offered = available_devices()
    if device == "auto":
        return offered
    if device not in offered:
        raise DeviceError("device.not_offered", device=device, offered=", ".join(["auto", *offered]))
    return [device]


def _open_session(model: Model, devices: list[str], threads: int | None) -> tuple[str, Any]:
    onnxruntime = import_onnxruntime()
    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    if threads is not None:
        options.intra_op_num_threads = threads
    # idle threads that spin would take the processor from decoding and encoding
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    failure = ""
    for name in devices:
        try:
            session = onnxruntime.InferenceSession(model.data, options, providers=[PROVIDERS[name]])
        except Exception as error:  # onnxruntime raises many types, none of them documented
            failure = str(error).splitlines()[0]
            continue
        # a build may offer a device that the machine lacks, and then answer with the CPU
        if session.get_providers()[0] == PROVIDERS[name]:
            _compare_with_card(session, model)
            return name, session
    if "cpu" in devices:
        raise CorruptWeightsError("device.graph_unreadable", path=model.path, reason=failure)
    raise DeviceError("device.does_not_start", device=devices[0])


def _compare_with_card(session: Any, model: Model) -> None:
    inputs = {entry.name for entry in session.get_inputs()}
    outputs = {entry.name for entry in session.get_outputs()}
    names = model.graph_names
    expected_inputs, expected_outputs = (
        {names.get(name, name) for name in listed} for listed in (model.card.inputs, model.card.outputs)
    )
    if inputs != expected_inputs or outputs != expected_outputs or "lightness" not in inputs:
        raise CorruptWeightsError("device.graph_differs_from_card", path=model.path)
