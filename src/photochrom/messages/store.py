"""Object stores and other places that are named by URLs."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    # addresses
    "bucket_unnamed": Message("The address '{url}' does not name a bucket.", "Write it as s3://BUCKET/FOLDER."),
    "kind_unknown": Message("Addresses like '{url}' are not supported.", "Use {known}, or copy the files."),
    "is_film": Message("'{url}' is a film, and films are not read from stores.", "Copy it, and colour it on its own."),
    "read_only": Message("Nothing can be written to '{url}'.", "Give a folder, or a bucket of an object store."),
    "name_unsafe": Message("The name '{url}' leads out of its folder.", "Rename it in the store."),
    "not_shared": Message(
        "'{path}' is another place on each machine of a cluster.",
        "Name both inputs and output by URLs of a store, or both by names of files.",
    ),
    "output_needed": Message("Photos that are named by URLs need an output.", "Name a folder or a bucket for results."),
    "unsuitable": Message("{what} does not go with addresses of object stores.", "Copy the files, or leave it out."),
    # what a store answers
    "bucket_missing": Message("The bucket of '{url}' does not exist.", "Check its name, or create it."),
    "credentials_missing": Message(
        "No credentials for '{url}' were found ({reason}).", "Set them as the store's own tools want them."
    ),
    "failed": Message("The store refused '{url}' ({reason}).", "Check the address and the store."),
    "incomplete": Message(
        "Of '{url}', {read} of {size} bytes came, though it was asked for several times.",
        "See whether it was changed meanwhile, then resume the run.",
    ),
    "dependency_missing": Message(
        "Addresses of {scheme}:// need the package {library}.", "Install it: pip install {library}."
    ),
    "not_found": Message("'{url}' does not exist.", "Check the name."),
    "permission_denied": Message("Access to '{url}' was denied ({reason}).", "Check the credentials and the rights."),
    "unavailable": Message(
        "The store did not give or take '{url}', though it was asked several times ({reason}).",
        "Wait until it works again, then resume the run.",
    ),
}
