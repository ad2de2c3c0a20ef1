"""Studies with people: creating, opening, serving and reporting them."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "address_unavailable": Message(
        "Port {port} of {host} cannot be used ({reason}).", "Choose another port or another address."
    ),
    "answers_foreign": Message("'{path}' does not hold answers of format {format}.", "Put the study's own file back."),
    "answers_missing": Message("'{folder}' has lost its {name}.", "Put it back, or create the study again."),
    "answers_unusable": Message("'{path}' cannot be used ({reason}).", "Put a sound copy of it back."),
    "ask_unknown": Message("ask is '{value}'.", "Give real or better."),
    "damaged": Message("'{path}' is damaged.", "Create the study again."),
    "exists": Message("'{path}' exists already.", "Choose another name for the study."),
    "folder_missing": Message("'{path}' is not a folder.", "Give two folders of images."),
    "format_unknown": Message(
        "'{path}' is of another format.", "Create the study again with this version of photochrom."
    ),
    "images_missing": Message("'{folder}' lacks {missing} of its {count} images.", "Create the study again."),
    "name_twice": Message("'{first}' and '{second}' have the same name.", "Keep one of them in '{folder}'."),
    "no_answers": Message(
        "'{folder}' has no answers to count: {joined} joined, {finished} finished, {attentive} of them attentive.",
        "Serve it to more people first.",
    ),
    "no_pairs": Message("'{first}' and '{second}' have no image of the same name.", "Name the images alike."),
    "not_a_study": Message("'{folder}' has no readable {name}.", "Give the folder of a study."),
    "not_writable": Message("'{path}' cannot be written ({reason}).", "Check the folder and the free space."),
    "number_too_small": Message("{name} is {value}.", "Give a whole number, {least} or more."),
    "pair_answered": Message("This pair was answered before, or is not yet due.", "Load the page again."),
    "pair_unknown": Message("This pair does not exist.", "Load the page again."),
    "participant_unknown": Message("This participant is unknown or was deleted.", "Load the page again to start anew."),
    "port_out_of_range": Message("port is {value}.", "Give a number from 0 to 65535."),
    "seconds_out_of_range": Message("seconds is {value}.", "Give a number from 0.05 to 60."),
    "size_out_of_range": Message("size is {value}.", "Give a whole number of pixels from 32 to 2048."),
    "sizes_differ": Message(
        "'{first}' has {first_size} pixels but '{second}' has {second_size}.",
        "Make both the same size, so that size does not tell them apart.",
    ),
    "text_empty": Message("The title or the consent is empty.", "Tell people what they agree to."),
    "too_few_for_parts": Message(
        "{pairs} pairs are too few for {practice} practice pairs, {checks} checks and {trials} trials.",
        "Give {needed} pairs, or fewer practice pairs, checks or trials.",
    ),
    "too_few_pairs": Message("There are only {count} pairs.", "Ask for {count} pairs or fewer."),
    "transparent": Message("'{path}' is transparent in places.", "Put it on a background first."),
}
