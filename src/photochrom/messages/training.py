"""Trainings that cannot begin or go on."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "folder_unwritable": Message(
        "The folder '{path}' cannot be made ({reason}).", "Remove what is there, or choose another folder."
    ),
    "loss_not_finite": Message(
        "The loss at step {step} is {loss}. The batch is kept in '{path}'.",
        "Lower optimizer.lr, or look for damaged photos in the batch.",
    ),
    "not_a_folder": Message("'{path}' is a file, but a folder is needed.", "Choose another folder."),
    "option_out_of_range": Message(
        "'{name}' is {value}, which is out of range.", "Give a number from {low} to {high}."
    ),
    "output_exists": Message("'{path}' exists already.", "Choose another folder, or allow overwriting."),
    "overfit_diverged": Message("The error is not a finite number after {epochs} epochs.", "Give a lower rate."),
    "overfit_size": Message("'{model}' takes multiples of {stride} pixels.", "Give another size, such as {example}."),
    "overfit_width": Message("'{model}' does not have a single width.", "Leave the width out."),
    "process_ended": Message(
        "Another process of this training has ended.", "See what it said, and give the command again to go on."
    ),
    "rate_out_of_range": Message("The learning rate is {rate}.", "Give one above 0, up to 1."),
    "unknown_overfit_recipe": Message("There is not a recipe '{name}' for one photo.", "Choose {choices}."),
}
