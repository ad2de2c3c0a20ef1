"""The command line: what was typed, and pipes. Flags come in as details, for the catalogue names none."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    # what was typed
    "flag_missing": Message("{flag} is missing.", "Give {what}."),
    "flag_needs_another": Message("{flag} belongs to {other}.", "Give {other} too, or leave out {flag}."),
    "flag_unsuitable": Message("{flag} does not go with {what}.", "Leave it out."),
    "not_a_command": Message("'{name}' is not a command.", "To colour it, run  photochrom colorize '{name}'."),
    "not_a_point": Message("'{text}' is not a point.", "Give x and y in pixels, such as 310,200."),
    "not_numbers": Message("{flag} is '{text}'.", "Give numbers with commas between, such as 0,1."),
    "text_unreadable": Message("'{path}' cannot be read as text.", "Give a UTF-8 text file."),
    "usage": Message("{problem}.", "See  {help}."),
    "workers_out_of_range": Message("{flag} is {count}.", "Give 1 or more."),
    # pipes
    "input_is_terminal": Message(
        "Standard input is a terminal or closed.", "Send a photo into it with < or |, or name a file."
    ),
    "output_is_closed": Message("Standard output is closed.", "Send what is made to a file or another program."),
    "output_is_terminal": Message("Standard output is a terminal.", "Send what is made to a file or another program."),
    "pipe_film": Message(
        "'{path}' is a film, but a pipe carries a photo.", "Run  photochrom video  on it: a file, or Y4M in a pipe."
    ),
    "pipe_input_many": Message("'{path}' is more than one photo, but a pipe carries one.", "Give -o a folder."),
    "pipe_inputs": Message("A pipe carries one photo, but several inputs are given.", "Give - alone, or leave it out."),
    "pipe_output_folder": Message(
        "The output '{path}' is a folder, but what comes through a pipe has no name.", "Name a file."
    ),
    # projects and variations
    "project_inputs": Message(
        "A project is coloured on its own, but several inputs are given.", "Give the project alone."
    ),
    "project_output_name": Message("The output '{path}' is named as a project.", "Give -o a photo's name."),
    "project_settings": Message(
        "A project holds its own settings, so {flag} does not go with it.",
        "Leave out {flag}, or colour the photo itself.",
    ),
    "project_to_pipe": Message("A project is coloured into a file.", "Give -o a file or a folder."),
    "variations_of_film": Message("'{path}' is a film, but variations are made of a photo.", "Name a photo."),
    "variations_of_many": Message("Variations are made of one photo at a time.", "Name a single photo."),
    "variations_to_pipe": Message(
        "Variations are several files, but a pipe carries one.", "Name a photo, and give -o a file."
    ),
    # ends
    "disk_full": Message("The disk is full.", "Free some space and run it again."),
    "interrupted": Message("Interrupted.", "Run it again when you like."),
    "out_of_memory": Message("There is not enough memory.", "Close other programs, or do less at the same time."),
    "unexpected": Message(
        "Something unexpected went wrong ({kind}: {text}).", "Run again with PHOTOCHROM_DEBUG=1 for details."
    ),
}
