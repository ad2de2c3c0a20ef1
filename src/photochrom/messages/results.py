"""The results of an evaluation as files."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "format_unknown": Message(
        "{source} has results of format {found}, not {known}.", "Evaluate again with this version."
    ),
    "image_outside": Message("The results name an image outside the report, '{path}'.", "Evaluate again."),
    "image_unreadable": Message("The report's image '{path}' cannot be read.", "Evaluate again."),
    "not_json": Message("{source} is not JSON.", "Give the results.json of a report."),
    "unreadable": Message("'{path}' cannot be read.", "Give the results.json of a report."),
}
