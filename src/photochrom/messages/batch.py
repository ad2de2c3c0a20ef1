"""Many photos: what was given, where results go, and why a run ended early."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    # inputs
    "folder_unreadable": Message("The folder '{path}' cannot be read ({reason}).", "Check its permissions."),
    "is_video": Message("'{path}' is a film, and a run over several files colours photos.", "Colour it on its own."),
    "name_empty": Message("A file name is empty.", "Give the name of a file or a folder."),
    "no_photo": Message("No photo was found in {inputs}.", "Give files, or folders that hold {suffixes}."),
    "only_results": Message(
        "No photo was found in {inputs} but results of earlier runs.", "Name such a file itself to colour it again."
    ),
    "not_a_file": Message("'{path}' is a device or a pipe, not a file.", "Give a file."),
    "not_found": Message("'{path}' does not exist.", "Check the name."),
    "not_seen_there": Message(
        "'{path}' does not exist on the machine {machine}.",
        "Put the photos where every machine of the cluster sees them under the same path.",
    ),
    "pattern_unmatched": Message("Nothing matches the pattern '{pattern}'.", "Check it."),
    # options
    "backend_unknown": Message("The backend {backend!r} is unknown.", "Choose {known}."),
    "format_differs": Message(
        "The output '{path}' is a file of another format than {format}.", "Name the format once, by the file's name."
    ),
    "format_unknown": Message("The format '{format}' is not one that can be written.", "Choose one of {known}."),
    "hints_for_many": Message(
        "Hints are places in one photo, but there are several photos.", "Colour that photo on its own."
    ),
    "jobs_out_of_range": Message("jobs is {jobs}.", "Give a number of photos at the same time, 1 or more."),
    "no_confidence": Message(
        "The network {model} gives no confidence.", "Choose photochrom_fast, or do without its picture."
    ),
    "no_features": Message(
        "The network {model} does not give the features that a reference is matched by.",
        "Choose photochrom_fast, or do without a reference.",
    ),
    # outputs
    "folder_unwritable": Message(
        "The folder '{path}' cannot be made ({reason}).", "Choose another, or check the permissions."
    ),
    "output_changed": Message(
        "The output '{path}' exists, but not as an earlier run left it.", "Move it away, or allow overwriting."
    ),
    "output_exists": Message("The output '{path}' exists already.", "Allow overwriting, or name another."),
    "output_exists_resumable": Message(
        "The output '{path}' exists already.", "Resume the earlier run that wrote it, or allow overwriting."
    ),
    "output_is_file": Message("The output '{path}' is a file, but several photos need a folder.", "Give a folder."),
    "output_is_input": Message(
        "The output '{path}' is itself an input.",
        "Give another output, or none to write NAME.color.EXT beside each photo.",
    ),
    "output_is_photo": Message(
        "The output '{path}' is a photo among the inputs, and no result of an earlier run.",
        "Give a folder for results.",
    ),
    "output_not_a_folder_name": Message(
        "The output '{path}' looks like one file, but several photos need a folder.",
        "End it with / if it is a folder.",
    ),
    "output_shared": Message(
        "'{first}' and '{second}' would both become '{path}'.",
        "Colour them into different folders, or give the folder that holds both as the input.",
    ),
    "output_suffix": Message(
        "The name of the output '{path}' does not end as a photo's does.",
        "End it with / if it is a folder, or with one of {suffixes}.",
    ),
    "report_name": Message("The report '{path}' must be a file whose name ends with .json.", "Give another name."),
    "report_replaces": Message("The report '{path}' would replace a file that is not a report.", "Give another name."),
    "report_unwritable": Message(
        "The report '{path}' cannot be written ({reason}).", "Free some space, or choose another place for it."
    ),
    # why a run or a photo of it ended
    "disk_full": Message("The disk is full.", "Free some space, then resume the run."),
    "interrupted": Message("The run was interrupted.", "Resume it to go on."),
    "out_of_memory": Message(
        "There is not enough memory for this photo.", "Colour fewer at the same time, or close other programs."
    ),
    "unexpected": Message(
        "Something unexpected went wrong ({kind}: {text}).", "Set PHOTOCHROM_DEBUG=1 and run again for details."
    ),
}
