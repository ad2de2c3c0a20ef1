"""Processes, clusters and files of records."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "cluster_lost": Message(
        "The Ray cluster lost {task} {attempts} times or stopped ({reason}).",
        "Look at its machines, then resume the run.",
    ),
    "cluster_full": Message(
        "A machine of the Ray cluster has no memory left for {task}.",
        "Give it more memory, or do less at once (--jobs), then resume the run.",
    ),
    "cluster_silent": Message(
        "The Ray cluster brought no photo forward for {minutes} minutes.",
        "Look at its machines, their memory and Ray's log, then resume the run.",
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
    "workers_killed": Message(
        "{attempts} processes ended before they had the network open, perhaps because memory is full.",
        "Give the machines more memory, or colour fewer photos at once (--jobs), then resume the run.",
    ),
    "wrong_field": Message("{source} has a wrong field ({field}).", "Create it again with this version."),
}
