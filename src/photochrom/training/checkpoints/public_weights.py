"""Public weights of encoders, as their authors publish them: a file or a URL, safetensors or a PyTorch state dict."""

import io
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from photochrom.errors import CheckpointError

__all__ = ["read_public_weights"]


def read_public_weights(source: str) -> dict[str, Tensor]:
    """Reads named tensors, half-precision ones as float32. Only data is read: no code in the file is ever run.

    Args:
        source: a path, or a URL of any kind fsspec opens (``https://``, ``s3://`` ...).

    Raises:
        CheckpointError: nothing can be read there, or it is neither safetensors nor a PyTorch state dict.
    """
    content = _download(source) if "://" in source else _read(Path(source).expanduser())
    try:
        tensors = safetensors.torch.load(content)
    except safetensors.SafetensorError:
        tensors = _state_dict(content, source)
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError("checkpoint.encoder_unreadable", path=path, reason=error.strerror) from error


def _download(url: str) -> bytes:
    import fsspec

    try:
        with fsspec.open(url, "rb") as file:
            content: bytes = file.read()
    except Exception as error:  # each kind of store raises errors of its own, a missing driver's among them
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError("checkpoint.encoder_unreachable", url=url, reason=reason) from error
    return content


def _state_dict(content: bytes, source: str) -> dict[str, Tensor]:
    try:
        found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged archive raises whatever its damage leads to
        raise CheckpointError("checkpoint.not_weights", source=source) from error
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise CheckpointError("checkpoint.not_weights", source=source)
    return dict(found)
