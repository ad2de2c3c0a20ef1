"""What archives keep of a run: its report, the files that it names, and addresses."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "address_wrong": Message("'{address}' is not an address of the web.", "Give one such as https://example.org/1936."),
    "file_unreadable": Message(
        "'{path}', which the report '{report}' names, cannot be read ({reason}).",
        "Run this in the folder in which the photos were coloured, or colour them again.",
    ),
    "not_a_report": Message("'{report}' is not a report of a run.", "Give the report of photos that were coloured."),
    "nothing_done": Message("The report '{report}' has no photo that was coloured.", "Colour photos first."),
    "originals_elsewhere": Message(
        "The originals lie in '{folder}', not among the results, and it is not said where they will be on the web.",
        "Give the address of that folder.",
    ),
    "originals_scattered": Message(
        "The originals lie in several folders, such as '{one}' and '{other}', so one address cannot stand for them.",
        "Colour each folder by itself.",
    ),
    "output_exists": Message("'{path}' exists already.", "Move it away, or allow overwriting."),
    "report_unreadable": Message("The report '{report}' cannot be read ({reason}).", "Give a report, or its folder."),
    "result_elsewhere": Message(
        "'{path}' does not lie in the report's folder '{folder}'.", "Write the report where the results are."
    ),
    "stored": Message("'{name}' lies in an object store.", "Copy originals, results and the report to a disk."),
    "template_not_json": Message("The template '{path}' is not JSON.", "Give an object of properties of a manifest."),
    "template_property": Message(
        "The template '{path}' has '{key}', which is not a property that it can give.",
        "Leave it out: canvases and their addresses are written from the report.",
    ),
    "template_unreadable": Message("The template '{path}' cannot be read ({reason}).", "Check its name."),
    "template_value": Message(
        "The template '{path}' has a wrong value at '{key}' ({reason}).", "Write it as the IIIF Presentation API does."
    ),
}
