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
    # stills
    "folder_without_stills": Message("The folder '{path}' holds no pictures.", "Give a folder of stills, or one film."),
    "pattern_without_stills": Message("No file has a name such as '{path}'.", "Check the folder and the pattern."),
    "still_missing": Message(
        "Number {number} of '{path}' is missing.", "Add the picture, or give the folder, which is taken as it is."
    ),
    "still_unreadable": Message("The picture '{path}' cannot be read.", "Copy it again, or take it out."),
    "rate_of_film": Message("'{path}' has a rate of its own, but one was given.", "Leave the rate out."),
    "rate_out_of_range": Message("The rate is {value:g}.", "Give stills 0.1 to 1000 frames a second."),
    "stills_same_name": Message("Several stills would be called '{path}'.", "Put a number such as %05d in the name."),
    "stills_need_folder": Message("The folder of '{path}' cannot be made ({reason}).", "Choose another."),
    "stills_need_names": Message(
        "'{path}' asks for the names of the film's stills, but the film is not made of stills.",
        "Put a number such as %05d in the name.",
    ),
    # pipes
    "pipe_empty": Message("Nothing came through standard input.", "See what the program before it says."),
    "pipe_not_a_film": Message(
        "What comes through standard input is not a film.",
        "Send it Y4M, as  ffmpeg -i FILM -f yuv4mpegpipe -  writes it.",
    ),
    "pipe_not_y4m": Message(
        "Standard input takes Y4M, and no other kind of film or picture.",
        "Send it through  ffmpeg -i - -f yuv4mpegpipe -  first, or name the file.",
    ),
    "pipe_damaged": Message(
        "What comes through standard input begins like Y4M, but holds not one whole frame.",
        "See what the program before it says.",
    ),
    "pipe_cut_short": Message(
        "Standard input breaks off inside a frame, after {frames} whole ones.",
        "What came has been coloured. See what the program before it says.",
    ),
    "pipe_closed": Message(
        "The program that reads the film has ended after {frames} frames.", "See what it says, and run both again."
    ),
    "pipe_to_file": Message(
        "A film from standard input goes to standard output, not to '{path}'.",
        "Write to standard output, and let  ffmpeg -i - '{path}'  read it.",
    ),
    "stream_interrupted": Message("The run was stopped.", "What was written ends there. Run it again for the rest."),
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
    "shots_anew": Message("What steers shots {shots} is not what it was, so they are coloured anew."),
    "frame_found": Message("{name} is the frame at {time}, and lends shot {shot} its colours."),
    "frame_gray": Message("{name} was left out: it has no colours to take."),
    "frame_in_other_shot": Message("{name} was left out: it is a frame of shot {shot}, which is not coloured."),
    "frame_not_found": Message("{name} was left out: it is not like any frame of the film."),
    "frame_hint_frame_negative": Message("A hint is for frame {frame} of a shot.", "Give 0 or more."),
    "references_not_a_folder": Message(
        "'{path}' is not a folder.", "Give a folder with frames of the film that were coloured elsewhere."
    ),
    "references_empty": Message(
        "'{path}' has no pictures.", "Put frames of the film into it that were coloured elsewhere."
    ),
    "reference_unreadable": Message("The reference '{path}' cannot be read ({reason}).", "Check the path."),
    # the output and the run
    "container_read_only": Message(
        "'{path}' names a container whose films are read but not written.", "End it with one of {suffixes}."
    ),
    "container_unknown": Message("'{path}' does not name a container for films.", "End it with one of {suffixes}."),
    "output_is_folder": Message("The output '{path}' is a folder.", "Name a file in it."),
    "output_is_source": Message("The output '{path}' is the film itself.", "Choose another name."),
    "output_exists": Message("'{path}' exists already.", "Allow overwriting, or choose another name."),
    "sheet_exists": Message(
        "'{path}' is there already, and is not an earlier contact sheet that may be replaced.",
        "Name another folder, or allow overwriting an earlier one.",
    ),
    "sheet_not_written": Message(
        "The contact sheet '{path}' cannot be written ({reason}).", "Check its permissions and the space on the disk."
    ),
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
