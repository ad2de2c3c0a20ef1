"""Shard sets: many photos in one file, WebDataset tars and Parquet."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "compressed": Message("'{path}' is a compressed tar.", "Unpack it to a .tar: photos do not get smaller by it."),
    "damaged": Message("The shard '{path}' is damaged or cut.", "Copy it again."),
    "format_differs": Message(
        "The output '{path}' is a shard of another kind than the input '{source}'.",
        "Give a name that ends with {suffix}.",
    ),
    "inputs_mixed": Message(
        "'{path}' is not a shard, but other inputs, or the output, are.",
        "Give shards alone (.tar, .parquet), or pack the photos into a tar first.",
    ),
    "no_match": Message("Nothing matches '{pattern}'.", "Check the pattern."),
    "no_image_column": Message(
        "'{path}' does not have a column of photos.",
        "Name the column 'image'; it holds {{bytes, path}}, or the bytes of photo files.",
    ),
    "output_needed": Message("Shards need an output.", "Name a folder for results, or a file for one shard."),
    "photo_failed": Message("{text}"),
    "row_external": Message(
        "The row names the file '{path}' and does not hold it.", "Embed the files: datasets writes them into Parquet."
    ),
    "unsuitable": Message("{what} does not go with shards.", "Unpack the photos, or leave it out."),
}
