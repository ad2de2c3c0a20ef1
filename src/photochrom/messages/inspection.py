"""Looking inside a network."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

_OTHER_MODEL = "choose a model with a distribution, such as photochrom_fast."

MESSAGES = {
    "point_unavailable": Message(
        "{model} predicts one colour for each place, so no point has a distribution.",
        f"Leave out the point, or {_OTHER_MODEL}",
    ),
    "confidence_unavailable": Message("{model} gives no confidence.", _OTHER_MODEL.capitalize()),
    "graph_unreadable": Message("The graph of '{path}' cannot be inspected.", "Export it again."),
    "folder_is_file": Message("'{path}' is a file, but the findings need a folder.", "Choose another folder."),
    "page_exists": Message("'{path}' exists already.", "Choose another folder, or allow overwriting."),
    "folder_not_created": Message("The folder '{path}' cannot be created ({reason}).", "Choose another folder."),
}
