"""Films: what is read, what is asked for, and what is written."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

_COPY = "Copy it again from where it came."

MESSAGES = {
    "clip_format": Message(
        "The clip's format, {format}, cannot be coloured.",
        "Convert it with resize.Bicubic to gray or YUV of 8 to 16 bits, one format throughout.",
    ),
    "clip_matrix": Message(
        "The clip's matrix, number {matrix}, is not one of the usual ones.", "Convert it with resize.Bicubic to BT.709."
    ),
    # the source
    "missing": Message("'{path}' does not exist.", "Check the name."),
    "is_folder": Message("'{path}' is a folder.", "Give one film."),
    "empty": Message("'{path}' is empty.", _COPY),
    "unreadable": Message("'{path}' cannot be read ({reason}).", "Check its permissions and the disk."),
    "not_a_video": Message(
        "'{path}' is not a film.", "Give a file such as MP4, MOV, MKV, AVI, WebM, MPEG or animated GIF."
    ),
    "is_photo": Message("'{path}' is a photo, not a film.", "Colour it as a photo."),
    "truncated": Message(
        "'{path}' begins like a film but cannot be opened. It is cut short or damaged.",
        "Copy it again, or recover it first with a repair program (for MP4, untrunc).",
    ),
    "no_video_stream": Message(
        "'{path}' has no moving picture, only {streams}.", "Give a file that has a video stream."
    ),
    "encrypted": Message("'{path}' is encrypted (DRM).", "Use a copy without protection."),
    "codec_unsupported": Message(
        "'{path}' has a video codec ({codec}) that cannot be decoded here.", "Convert it to H.264 first."
    ),
    "undecodable": Message("'{path}' has a video stream, but not one frame of it can be decoded.", _COPY),
    "hdr_unsupported": Message(
        "'{path}' has high dynamic range ({transfer}), which is not coloured here.", "Tone-map it to BT.709 first."
    ),
    "matrix_unsupported": Message(
        "'{path}' has a colour matrix that is not read here (number {matrix} of H.273).", "Convert it to BT.709 first."
    ),
    "pixel_format_unsupported": Message(
        "'{path}' has a pixel format that is not read here ({pixel_format}).", "Convert it to {target} first."
    ),
    "format_changes": Message(
        "'{path}' changes its picture from {before} to {after} on the way.",
        "Cut it there, or convert it to one size and pixel format.",
    ),
    "no_frames": Message("Not one frame of '{path}' could be decoded.", _COPY),
    "no_frames_in_span": Message(
        "'{path}' has no frame from {start:g} s to {end} that can be decoded.", "Check the times and the file."
    ),
    "changed": Message("'{path}' has changed since it was scanned.", "Start the run over."),
    "cut_short": Message(
        "'{path}' is cut short: it breaks off after {frames} frames ({seconds:.1f} s).",
        "What is there has been coloured. Copy the film again for the rest.",
    ),
    "missing_on_machine": Message(
        "'{path}' does not exist on {machine}.",
        "Put the film where every machine of the cluster sees it under the same path.",
    ),
    # frames from a reader of the caller's own
    "frame_unsupported": Message("A frame is {dtype} of shape {shape}.", "Give uint8 of shape (H,W) or (H,W,3)."),
    "frame_shape_changed": Message("A frame has shape {shape} after {before}.", "Give frames of one shape."),
    "view_shape_changed": Message("A view has {shape} cells after {before}.", "Give views of one size."),
    # options
    "preview_out_of_range": Message("preview_every is {value!r}.", "Give a whole number, 1 for every shot."),
    "jobs_out_of_range": Message("jobs is {value!r}.", "Give a whole number, 1 or more."),
    "backend_unknown": Message("{backend!r} is not a known backend.", "Choose {known}."),
    "span_edge_out_of_range": Message("The {edge} of the part is {value!r} s.", "Give a time from 0 on."),
    "span_reversed": Message("The part ends at {end:g} s, before it begins.", "Give a later end."),
    "time_unreadable": Message("{text!r} is not a time.", "Write seconds such as 90, or h:m:s such as 0:01:30."),
    "codec_unknown": Message("{codec!r} is not a known codec.", "Choose one of {known}."),
    "codec_not_in_container": Message(
        "A file that ends with {suffix} does not hold {codec}.",
        "End the output's name with {suffixes}, or choose {codecs}.",
    ),
    "quality_unavailable": Message("{codec} has no quality to choose.", "Leave the quality out."),
    "quality_out_of_range": Message("The quality is {quality}.", "Give {codec} a number from {low} to {high}."),
    "preset_unavailable": Message("{codec} has no presets, and {preset!r} was given.", "Leave the preset out."),
    "preset_unknown": Message("{codec} has no preset {preset!r}.", "Choose one of {presets}."),
    # what a codec or a container does not hold
    "size_unsupported": Message(
        "{codec} does not hold a picture of {width}x{height}.", "Choose the codec h264, prores or ffv1 (MKV)."
    ),
    "depth_unsupported": Message(
        "The film has {depth} bits, which {codec} does not hold.",
        "Choose the codec ffv1 (MKV), or h265 for 10 bits.",
    ),
    "interlacing_unsupported": Message(
        "'{path}' is interlaced, which {codec} does not hold.",
        "Choose the codec h264, prores or ffv1, or deinterlace the film first.",
    ),
    "rate_unsupported": Message(
        "'{path}' has {rate:.3f} frames a second, which MPEG-2 does not hold.", "Write MP4 or MKV."
    ),
    "uneven_spacing": Message(
        "The frames of '{path}' are not evenly spaced, and a file that ends with {suffix} keeps only a rate.",
        "Write MP4 or MKV.",
    ),
    # hints and references
    "hint_moment_invalid": Message(
        "A hint does not say when it holds (time {time}, frame {frame}).",
        "Give it either a time in seconds or the number of a frame, 0 or more.",
    ),
    "hint_entry_moment_invalid": Message(
        "Entry {number} of '{path}' does not say when it holds (time {time}, frame {frame}).",
        "Give it either a time in seconds or the number of a frame, 0 or more.",
    ),
    "hint_outside_picture": Message(
        "A hint at ({x:g}, {y:g}) lies outside the picture.", "Give an x from 0 to {width} and a y from 0 to {height}."
    ),
    "hint_frame_outside": Message("A hint is for frame {frame}.", "Give a frame from 0 to {last}."),
    "time_outside": Message(
        "Colours are given for {time:g} s, which is not in the part that is coloured.",
        "Give a time from {start:g} to {end:g} s.",
    ),
    "frame_hint_out_of_range": Message(
        "The {name} of a frame's hint is {value!r}.", "Give a part of the frame from 0 to 1."
    ),
    "frame_hint_frame_negative": Message("A hint is for frame {frame} of a shot.", "Give 0 or more."),
    "reference_unreadable": Message("The reference '{path}' cannot be read ({reason}).", "Check the path."),
    # the output and the run
    "container_unknown": Message("'{path}' does not name a container for films.", "End it with one of {suffixes}."),
    "output_is_folder": Message("The output '{path}' is a folder.", "Name a file in it."),
    "output_is_source": Message("The output '{path}' is the film itself.", "Choose another name."),
    "output_exists": Message("'{path}' exists already.", "Allow overwriting, or choose another name."),
    "output_in_use": Message("Another run is writing '{path}'.", "Wait for it to end, or choose another name."),
    "run_unfinished": Message("There is an unfinished run of '{path}'.", "Resume it, or allow overwriting it."),
    "run_differs": Message(
        "The unfinished run of '{path}' is another one ({differences} differ).",
        "Resume it with the same film and options, or start over and allow overwriting.",
    ),
    "folder_not_writable": Message(
        "The folder '{path}' cannot be written to ({reason}).", "Check its permissions, or choose another."
    ),
    "segments_not_written": Message(
        "The segments of '{path}' cannot be written ({reason}).", "Free some space, then resume the run."
    ),
    "container_refuses": Message(
        "'{path}' cannot be written ({reason}).", "Choose another container. MKV holds the most."
    ),
    "worker_killed": Message(
        "A process that coloured shots was killed, perhaps for want of memory.", "Resume the run with fewer jobs."
    ),
}
