"""Photos that cannot be read or written."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "alpha_unsupported": Message("{format} has no transparency, but the photo does.", "Save as PNG, TIFF or WebP."),
    "array_shape": Message(
        "An array of shape {shape} cannot be read as a photo.", "Give one of shape (H,W), (H,W,3) or (H,W,4)."
    ),
    "array_type": Message("An array of {dtype} cannot be read as a photo.", "Give uint8, uint16, or float in 0..1."),
    "bmp_unsupported": Message(
        "'{name}' is a BMP whose pixels of {bits} bits are packed in a way that its decoder does not read.",
        "Convert it to PNG first.",
    ),
    "channels_unsupported": Message("'{name}' has {channels} channels.", "Save it as gray, RGB or CMYK first."),
    "coding_unsupported": Message(
        "'{name}' is a file of {format} whose picture is coded as {coding}, which is not read here.",
        "Convert it to TIFF or PNG first.",
    ),
    "color_model_unsupported": Message("'{name}' has {model} colours.", "Save it as gray or RGB first."),
    "compression_unsupported": Message(
        "'{name}' has TIFF compression {compression}.", "Save it with LZW or Deflate first."
    ),
    "damaged": Message("'{name}' is damaged and cannot be read.", "Copy or scan it again, or salvage what is there."),
    "decoded_size": Message("'{name}' claims more pixels than can be decoded.", "Make it smaller."),
    "depth_unsupported": Message(
        "'{name}' has {bits} bits per channel, of which its decoder gives 8.", "Convert it to 16-bit TIFF or PNG first."
    ),
    "empty": Message("'{name}' is empty.", "Copy it again from where it came from."),
    "encoding_failed": Message(
        "The photo cannot be written as {format} ({reason}).", "Check the folder and the free space on the disk."
    ),
    "float_range": Message(
        "'{name}' has float values that are mostly over 1, but 1 is white.",
        "Divide them by the value of white, such as 255 or 65535.",
    ),
    "format_unknown": Message("'{format}' is not a format that can be written.", "Use one of {known}."),
    "format_unsupported": Message("'{name}' is a file of {format}.", "Convert it to TIFF or PNG first."),
    "hdr_unsupported": Message("'{name}' is an HDR photo.", "Convert it to SDR, as 16-bit TIFF, first."),
    "image_not_loaded": Message("The Pillow image cannot be decoded ({reason}).", "Open it again."),
    "is_archive": Message("'{name}' is a {format} archive.", "Unpack it first."),
    "is_camera_raw": Message("'{name}' is a camera raw file.", "Develop it to TIFF first."),
    "is_video": Message("'{name}' is a video, not a photo.", "Colour it as a video."),
    "jpeg_unsupported": Message(
        "'{name}' is a {kind} JPEG, which few programs read.", "Convert it to 16-bit TIFF or PNG first."
    ),
    "lossless_form": Message(
        "'{name}' cannot be kept bit for bit in a file of {format}: only the luma of a JPEG can.",
        "Give a JPEG and a result that is one. Formats without a loss keep the lightness of every pixel as they are.",
    ),
    "lossless_kind": Message(
        "'{name}' is a JPEG {kind}, whose luma cannot be kept bit for bit.", "Colour it as usual."
    ),
    "missing": Message("'{path}' does not exist.", "Check the name."),
    "nothing_salvaged": Message(
        "'{name}' is cut short or damaged, and none of its pixels can be read.", "Copy or scan it again."
    ),
    "not_a_file": Message("'{path}' is not a file.", "Give the photos themselves."),
    "not_stripped": Message(
        "'{name}' is not a JPEG, so no gray photo is kept in it bit for bit.", "Give a result whose luma was kept."
    ),
    "not_bytes": Message("The stream gives text, not bytes.", "Open the file with mode 'rb'."),
    "out_of_memory": Message("'{name}' does not fit into memory.", "Close other programs."),
    "quality_out_of_range": Message("The quality is {quality}.", "Give a whole number from 1 to 100."),
    "page_count": Message("{given} arrays were given for {expected} pages.", "Give one array for each page."),
    "page_sizes_differ": Message("{format} needs pages of one size.", "Save as TIFF."),
    "pages_too_large": Message(
        "'{name}' has {pixels} pixels on {pages} pages, more than the {max_pixels} allowed.",
        "Raise the limit, max_pixels, if you trust the file.",
    ),
    "pages_unsupported": Message("{format} holds one page, but the photo has {pages}.", "Save as {formats}."),
    "permission_denied": Message("'{path}' may not be read.", "Change its permissions."),
    "pixel_type_unsupported": Message(
        "'{name}' has pixels of type {mode}.", "Convert it to 8 or 16 bits per channel first."
    ),
    "pixels_mismatch": Message("Coloured pixels are {given}.", "Give {expected}."),
    "sample_type_unsupported": Message(
        "'{name}' has {bits}-bit {kind} values.", "Save it with 8 or 16 bits, or 32-bit float, first."
    ),
    "side_too_long": Message("{format} ends at {limit} pixels per side.", "Save as PNG or TIFF."),
    "side_too_short": Message(
        "{format} of more than 8 bits begins at {limit} pixels per side here.", "Save as PNG or TIFF."
    ),
    "source_type": Message(
        "An object of type {type} cannot be read as a photo.",
        "Give a path, bytes, a binary file, a Pillow image or an array.",
    ),
    "suffix_unknown": Message("'{name}' does not end with the suffix of a photo format.", "Use one of {known}."),
    "tiff_invalid": Message("The TIFF came out wrong.", "Report this with the photo, and save as PNG for now."),
    "tiff_kind_unsupported": Message(
        "'{name}' is a TIFF of a kind that its decoder does not read ({reason}).", "Save it with LZW or Deflate first."
    ),
    "tiff_too_large": Message("The TIFF would be larger than 4 GB.", "Save its pages apart."),
    "too_large": Message(
        "'{name}' has {width} x {height} pixels, more than the {max_pixels} allowed.",
        "Raise the limit, max_pixels, if you trust the file.",
    ),
    "truncated": Message(
        "'{name}' is cut short and cannot be read.", "Copy or scan it again, or salvage what is there."
    ),
    "unreadable": Message("'{path}' cannot be opened ({reason}).", "Check the name and the disk."),
    "unrecognized": Message(
        "'{name}' is not a photo in a known format.",
        "Give a JPEG, JPEG 2000, PNG, TIFF, WebP, BMP, GIF, AVIF, HEIC, PPM or TGA file.",
    ),
}
