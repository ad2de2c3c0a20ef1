"""Project files, and the photo, reference and network that they name."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "file_changed": Message(
        "This is not the {what} '{name}' that the project was made from, or it has been changed.",
        "Give the file as it was.",
    ),
    "file_missing": Message(
        "The {what} '{name}' of the project is not at '{path}'.", "Put it there, or beside the project file."
    ),
    "file_unreadable": Message("The {what} '{path}' cannot be read ({reason}).", "Check the path."),
    "key_missing": Message("{project} does not have the key {key!r}.", "Save the project again."),
    "key_unknown": Message("{project} has an unknown key {key!r}.", "Take it out, or save the project again."),
    "model_changed": Message(
        "The project was made with another version of {model} than the one here, so its pixels would differ.",
        "Install that version, or colour the photo anew.",
    ),
    "model_missing": Message("The project's network cannot be opened.", "{reason}."),
    "not_a_project": Message("{project} is not a photochrom project.", "Give a file that photochrom wrote."),
    "not_json": Message("{project} is not readable JSON.", "Give a file that photochrom wrote."),
    "too_large": Message("{project} is larger than a project can be.", "Give a file that photochrom wrote."),
    "value_out_of_range": Message("{project} has a value that cannot be used.", "{reason}."),
    "value_wrong": Message("{project} has a wrong {key!r}.", "It must be {expected}."),
    "version_newer": Message(
        "{project} is a project of version {version}, and this photochrom knows {known}.", "Update photochrom."
    ),
    "version_unknown": Message(
        "{project} does not have a version that photochrom knows.", "Give a file that photochrom wrote."
    ),
}
