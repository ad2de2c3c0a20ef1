"""Processes, clusters and files of records."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "cluster_lost": Message(
        "The Ray cluster lost {task} {attempts} times or stopped ({reason}).",
        "Look at its machines, then resume the run.",
    ),
    "cluster_unreachable": Message(
        "The Ray cluster {address} cannot be reached ({reason}).", "Check RAY_ADDRESS, or run without Ray."
    ),
    "process_killed": Message(
        "A process was killed, perhaps because memory is full.", "Try again with fewer processes."
    ),
    "worker_killed": Message(
        "The process that coloured this photo was lost {attempts} times.",
        "Look at the photo, and at the memory of the machines.",
    ),
    "wrong_field": Message("{source} has a wrong field ({field}).", "Create it again with this version."),
}
