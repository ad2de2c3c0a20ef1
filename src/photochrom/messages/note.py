"""What was left out of a photo's file, or mended in it, while it was coloured."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "animation_broken": Message("The animation's frames are out of order, so its first picture alone was coloured."),
    "chunks_damaged": Message("Damaged data besides the pixels was left out ({kinds})."),
    "data_left_out": Message("What the camera put behind the picture (such as depth or sound) was left out."),
    "depth_map_left_out": Message("A map of depth or of parts of the picture was left out."),
    "end_mended": Message("The file has lost its end marker, but not a pixel."),
    "film_left_out": Message("The film of this motion photo was left out."),
    "gain_map_left_out": Message("The gain map for HDR screens was left out."),
    "preview_left_out": Message("A smaller preview of the picture was left out."),
    "raw_left_out": Message(
        "Camera raw files were left out ({kinds}).", "Develop them to TIFF, and colour the TIFF files."
    ),
    "salvaged": Message(
        "The file is cut short or damaged: {rows} of {total} rows ({percent} %) were read, and the rest is middle gray."
    ),
    "salvaged_coarse": Message("The file is cut short: all rows were read, but in less detail than it had."),
    "salvaged_frames": Message("The file is cut short or damaged: no frame after frame {count} was read."),
    "salvaged_pages": Message("The file is cut short or damaged: no page after page {count} was found."),
    "salvaged_unsure": Message("The file is damaged, and nobody can tell where, so some pixels may be wrong."),
    "taken_over": Message(
        "It is the result of an earlier run, known by its mark alone, so its options may have been others."
    ),
    "pages_lead_back": Message("The list of pages leads back to an earlier one, so it was read up to there."),
    "pictures_left_out": Message("{count} of {total} pictures in the file were left out."),
}
