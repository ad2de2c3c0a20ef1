"""Files and folders that cannot be put where they should go."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "disk_full": Message("'{path}' cannot be written, because the disk is full.", "Free some space."),
    "exists": Message("'{path}' exists already.", "Choose another name, or allow overwriting."),
    "file_too_large": Message(
        "'{path}' cannot be written, because it is larger than a file may be on this disk.", "Choose another disk."
    ),
    "folder_missing": Message("'{path}' cannot be written, because its folder does not exist.", "Create it first."),
    "invalid_name": Message("A file name cannot contain a zero byte.", "Choose another name."),
    "is_device": Message("'{path}' is a device or a pipe, not a file.", "Choose another name."),
    "is_folder": Message("'{path}' cannot be written, because it is a folder.", "Choose another name."),
    "name_too_long": Message("'{path}' cannot be written, because its name is too long.", "Choose a shorter name."),
    "not_a_folder": Message("'{path}' is a file, but a folder is needed.", "Choose another folder."),
    "out_of_memory": Message("'{path}' cannot be written, because memory is full.", "Close other programs."),
    "parent_not_a_folder": Message(
        "'{path}' cannot be written, because it would lie in a file, not in a folder.", "Choose another folder."
    ),
    "permission_denied": Message(
        "'{path}' cannot be written, because permission is denied.",
        "Choose another folder, or change its permissions.",
    ),
    "quota_exceeded": Message("'{path}' cannot be written, because your quota is used up.", "Free some space."),
    "read_only": Message("'{path}' cannot be written, because the disk is read-only.", "Choose another folder."),
    "unwritable": Message("'{path}' cannot be written ({reason}).", "Check the folder and the disk."),
}
