"""Checkpoints and weights that cannot be read, or do not fit."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "damaged": Message("The checkpoint '{path}' is cut or damaged.", "Take another one, or train again."),
    "encoder_unreachable": Message("'{url}' cannot be fetched ({reason}).", "Check network.pretrained_encoder."),
    "encoder_unreadable": Message(
        "The weights '{path}' cannot be read ({reason}).", "Check network.pretrained_encoder in the recipe."
    ),
    "foreign": Message("'{path}' is not a checkpoint of photochrom.", "Name one that  photochrom train  has written."),
    "incomplete": Message(
        "The checkpoint '{path}' lacks '{part}', without which a training cannot go on.",
        "Begin anew with  run.resume=false.",
    ),
    "mismatch": Message(
        "The checkpoint '{path}' does not fit this training ({reason}).",
        "Take another one, or begin anew with  run.resume=false.",
    ),
    "missing": Message("There is not a checkpoint '{path}'.", "Check the path."),
    "no_encoder": Message(
        "'{source}' holds weights of an encoder, but this network does not have one.",
        "Leave out network.pretrained_encoder.",
    ),
    "not_a_network": Message("'{path}' is neither a checkpoint nor weights.", "Check the path."),
    "not_safetensors": Message("'{path}' is not a readable safetensors file.", "Copy it again."),
    "not_weights": Message(
        "'{source}' does not hold named tensors.",
        "Name the safetensors file or the .pth file with the public weights.",
    ),
    "other_bins": Message(
        "{source} was trained with other colour bins.", "Take weights that have a start in common with the network."
    ),
    "recipe_missing": Message("The checkpoint '{path}' does not hold its recipe.", "Take another one, or train again."),
    "recipe_unreadable": Message(
        "The checkpoint '{path}' does not hold a recipe that this version reads.",
        "Begin anew with  run.resume=false.",
    ),
    "steps_disagree": Message(
        "The checkpoint in '{path}' was written after step {resumed}, but counts {counted}.",
        "Take another one, or begin anew with  run.resume=false.",
    ),
    "teacher_mismatch": Message(
        "The teacher '{path}' has other colour bins than the network, or another output stride.",
        "Take another loss.teacher.",
    ),
    "tensor_missing": Message("{source} lacks tensor '{tensor}'.", "Take weights of the same architecture."),
    "tensor_shape": Message(
        "{source} has tensor '{tensor}' in another shape.", "Take weights of the same architecture."
    ),
    "tensor_unknown": Message("{source} has an unknown tensor '{tensor}'.", "Take weights of the same architecture."),
    "undescribed": Message("The checkpoint does not describe its network.", "Take another one, or train again."),
    "unknown_format": Message(
        "The checkpoint '{path}' is of another format.", "Use the version of photochrom that wrote it."
    ),
    "unknown_prototype_tensor": Message(
        "The prototype's weights hold an unknown tensor '{tensor}'.", "Take the original file."
    ),
    "unnamed": Message(
        "'{path}' does not say which network it is.", "Name a checkpoint, or put the network's name in its metadata."
    ),
    "weights_missing": Message(
        "There are not any weights '{path}'.", "Check the path, or network.init_checkpoint in the recipe."
    ),
}
