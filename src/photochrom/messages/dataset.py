"""Sets of photos that cannot be read, inspected, built or learned from."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

WHOLE_COPIES = "Put  simplecache::  before the address to keep whole copies."
FEATURES = "Delete the folder, or name another one as data.features."

MESSAGES = {
    "begun_otherwise": Message("'{path}' was begun {difference}.", "Name another folder, or delete this one."),
    "built_already": Message("The set in '{path}' is built already.", "Name another folder, or delete this one."),
    "features_damaged": Message("The stored features in '{path}' are damaged.", FEATURES),
    "features_disk_full": Message(
        "The features of {photos:,} photos take {needed:.1f} GB, and the disk of '{path}' has {free:.1f} GB free.",
        "Name a folder on a larger disk as data.features, or set data.cache to none.",
    ),
    "features_foreign": Message(
        "'{path}' holds features of other photos, of another size or by another encoder.", FEATURES
    ),
    "features_unreadable": Message("'{path}' cannot be read.", FEATURES),
    "features_unwritable": Message(
        "Features cannot be stored in '{path}' ({reason}).", "Name another folder as data.features."
    ),
    "file_shortened": Message("'{path}' has become shorter while it was used.", "Copy it again."),
    "folder_not_empty": Message("'{path}' holds other files.", "Name an empty or a new folder."),
    "folder_unwritable": Message("The folder '{path}' cannot be made ({reason}).", "Choose another folder."),
    "manifest_damaged": Message("'{path}' is damaged.", "Delete its folder and build the set again."),
    "manifest_version": Message("'{path}' is of another version of photochrom.", "Name another folder."),
    "missing": Message("'{path}' does not exist.", "Check the path. In a recipe these are data.train and data.val."),
    "no_photos": Message("'{path}' holds neither photos nor shards of them.", "Name a folder of photos."),
    "not_a_folder": Message("'{path}' is a file.", "Name a folder for the shards."),
    "not_npy": Message("'{path}' is cut, or not an NPY file.", "Copy it again."),
    "not_parquet": Message("'{path}' is not a readable Parquet file.", "Copy it again or remove it."),
    "nothing_left": Message("All photos were left out ({reasons}).", "Take other photos, or filter less."),
    "option_out_of_range": Message(
        "'{name}' is {value}, which is out of range.", "Give a number from {low} to {high}."
    ),
    "output_exists": Message("'{path}' exists already.", "Choose another folder, or allow overwriting."),
    "pairs_counts_differ": Message(
        "'{path}' has the lightness of {lightness} photos and the colours of {colors}.", "Copy the set again."
    ),
    "pairs_incomplete": Message(
        "'{path}' holds {lightness} files gray_scale.npy and {parts} of ab1.npy, ab2.npy and so on.",
        "Put one gray_scale.npy and all its ab parts below it.",
    ),
    "pairs_part_missing": Message("'{path}' does not hold ab{number}.npy exactly once.", "Copy the set again."),
    "pairs_sizes_differ": Message(
        "'{path}' holds photos of {size}, and gray_scale.npy of {lightness} pixels.", "Copy the set again."
    ),
    "pairs_too_long": Message("'{path}' is longer than its header says.", "Copy it again."),
    "pairs_too_small": Message("'{path}' does not hold photos of 8 pixels or more.", "Copy the set again."),
    "pairs_wrong_type": Message("'{path}' holds {found}, not {expected}.", "Copy the set again, or convert it."),
    "parquet_damaged": Message("'{path}' is damaged.", "Copy it again or remove it."),
    "parquet_empty": Message("'{path}' does not have any rows.", "Name Parquet files with photos in them."),
    "parquet_without_images": Message(
        "'{path}' does not have a column image of bytes and path.", "Write shards with such a column."
    ),
    "photo_gray": Message("'{path}' is gray or toned, without colours to learn.", "Take a photo in colour."),
    "photo_too_small": Message("'{photo}' is only {width}x{height} pixels.", "Remove it."),
    "photo_unreadable": Message("'{photo}' is not a readable photo.", "Restore or remove it."),
    "row_empty": Message("'{photo}' does not hold a photo.", "Remove the row."),
    "several_files": Message("'{pattern}' stands for several files that are not all .tar.", "Name their folder."),
    "shard_changed": Message("'{path}' is missing or has been changed.", "Delete '{folder}' and build the set again."),
    "source_column": Message("'{path}' has a column 'source' that is not text.", "Leave it out."),
    "tar_damaged": Message(
        "'{place}' is cut, damaged, or not a plain tar.", "Copy it again. Unpack it first if it is compressed."
    ),
    "tar_without_photos": Message(
        "'{place}' does not hold photos.", "Name tars with .jpg, .png or .webp files in them."
    ),
    "too_many_files": Message("'{pattern}' stands for more than a million files.", "Shorten the range."),
    "unknown_format": Message("There is not a format '{format}' for shards.", "Give {choices}."),
    "unknown_kind": Message(
        "'{path}' is not a kind of set that can be read.",
        "Name a folder, a .parquet file, a .tar or gray_scale.npy.",
    ),
    "unreadable": Message("'{path}' cannot be read ({reason}).", "Check it, and restore or remove it."),
    "url_driver_missing": Message("'{url}' needs another library ({reason}).", "Install it with pip."),
    "url_missing": Message("'{url}' does not exist, or its server does not.", "Check the address."),
    "url_not_tar": Message(
        "'{url}' is not a .tar, and only those are read from an address.", "Copy the set here first."
    ),
    "url_pattern_empty": Message("'{url}' does not stand for any file.", "Check the address."),
    "url_unreachable": Message(
        "'{url}' cannot be reached ({reason}).", "Check the address, your rights and the network."
    ),
    "url_without_ranges": Message("'{url}' cannot be read in pieces.", WHOLE_COPIES),
}
