"""Devices of onnxruntime, and graphs that it cannot run."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "not_offered": Message(
        "The device '{device}' is not offered by this onnxruntime.",
        "Choose one of {offered}, or install the build of onnxruntime made for it.",
    ),
    "does_not_start": Message("The device '{device}' does not start here.", "Use device 'cpu', or check its driver."),
    "graph_unreadable": Message("onnxruntime cannot read '{path}' ({reason}).", "Copy or export it again."),
    "graph_differs_from_card": Message("'{path}' does not match its own card.", "Export it again."),
}
