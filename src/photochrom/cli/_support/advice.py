"""What to do about an error at the command line, with flags and commands, which the library's own words never name."""

from collections.abc import Mapping

from photochrom.errors import PhotochromError
from photochrom.messages import render

__all__ = ["ADVICE", "explain"]

#: code -> what to do, in place of the remedy of the catalogue; with the same fields
ADVICE: Mapping[str, str] = {
    "archive.originals_elsewhere": "Give the address of that folder with --originals-url.",
    "archive.output_exists": "Use --overwrite to replace it.",
    "batch.disk_full": "Free some space, then run the same command with --resume.",
    "batch.folder_unwritable": "Choose another with -o, or check its permissions.",
    "batch.interrupted": "Run the same command with --resume to go on.",
    "batch.is_video": "Run  photochrom video '{path}'.",
    "batch.no_confidence": "Choose another --model, or leave out --confidence.",
    "batch.no_features": "Choose another --model, or leave out --reference.",
    "batch.not_a_file": "Give a file, or - for standard input.",
    "batch.out_of_memory": "Use fewer --jobs, or close other programs.",
    "batch.output_changed": "Move it away, or use --overwrite to replace it.",
    "batch.output_exists": "Use --overwrite to replace it, or name another with -o.",
    "batch.output_exists_resumable": "Use --resume to go on with an earlier run, or --overwrite to replace it.",
    "batch.output_is_file": "Give another -o.",
    "batch.output_is_input": "Give another -o, or leave it out to write NAME.color.EXT beside each photo.",
    "batch.report_unwritable": "Free some space, or choose another place with --report.",
    "command.out_of_memory": "Use fewer --jobs, or close other programs.",
    "dataset.output_exists": "Allow it with --overwrite.",
    "evaluation.faces_need_network": "Name one with --model.",
    "evaluation.input_exists": "Allow it with --overwrite.",
    "evaluation.journal_in_use": "Choose another folder with --output.",
    "evaluation.journal_not_written": "Run the same command with --resume.",
    "evaluation.no_scorable_prediction": "Write the inputs with --export-inputs DIR under the same --protocol.",
    "evaluation.output_is_file": "Give a folder with --output.",
    "evaluation.report_exists": (
        "Go on with it with --resume, replace it with --overwrite, or choose another folder with --output."
    ),
    "evaluation.resume_with_overwrite": "Give either --resume or --overwrite.",
    "evaluation.worker_killed": "Use fewer --jobs, then go on with --resume.",
    "export.ensemble_unsupported": "Leave out --ensemble.",
    "export.output_exists": "Allow it with --overwrite.",
    "inspection.folder_is_file": "Choose another --output.",
    "inspection.folder_not_created": "Choose another --output.",
    "inspection.page_exists": "Choose another --output, or allow it with --overwrite.",
    "inspection.point_unavailable": "Leave out --at.",
    "journal.folder_unwritable": "Choose another with -o, or check its permissions.",
    "journal.locked": "Wait for it to end, or choose another folder with -o.",
    "journal.unwritable": "Free some space on that disk, then run the same command with --resume.",
    "model.card_missing": "Use a file made by  photochrom export.",
    "model.unknown": "See  photochrom models.",
    "output.exists": "Use --overwrite to replace it, or choose another name with --output.",
    "photo.damaged": "Copy or scan it again, or colour what is there with --salvage.",
    "photo.is_video": "Run  photochrom video  on it.",
    "photo.pages_too_large": "Allow more with --max-pixels.",
    "photo.too_large": "Allow more with --max-pixels.",
    "photo.truncated": "Copy or scan it again, or colour what is there with --salvage.",
    "results.image_outside": "Evaluate again with --overwrite.",
    "results.image_unreadable": "Evaluate again with --overwrite.",
    "site.folder_not_empty": "Choose another folder, or renew it with --overwrite.",
    "study.address_unavailable": "Choose another --port or --host.",
    "study.not_a_study": "Give a folder that  photochrom study create  has made.",
    "study.too_few_for_parts": "Lower --practice, --checks or --trials.",
    "study.too_few_pairs": "Give a smaller --pairs.",
    "system.cluster_lost": "Go on with --resume.",
    "system.cluster_unreachable": "Check RAY_ADDRESS, or leave out --backend ray.",
    "system.process_killed": "Use fewer --jobs.",
    "training.not_a_folder": "Give another --output.",
    "training.output_exists": "Choose another --output, or allow it with --overwrite.",
    "training.overfit_diverged": "Give a lower --rate.",
    "training.overfit_size": "Give another --size.",
    "training.overfit_width": "Leave out --width.",
    "video.depth_unsupported": "Use --codec ffv1, or --codec h265 for 10 bits.",
    "video.folder_not_writable": "Choose another with --output.",
    "video.interlacing_unsupported": "Use --codec h264, --codec prores or --codec ffv1.",
    "video.is_photo": "Run  photochrom colorize  on it.",
    "video.output_exists": "Use --overwrite to replace it. A finished run needs no --resume.",
    "video.output_in_use": "Choose another name with --output.",
    "video.output_is_source": "Choose another name with --output.",
    "video.preset_unavailable": "Leave out --preset.",
    "video.quality_unavailable": "Leave out --quality.",
    "video.run_differs": "Start over with --overwrite and without --resume.",
    "video.run_unfinished": "Go on with --resume, or start over with --overwrite.",
    "video.segments_not_written": "Run the same command with --resume.",
    "video.size_unsupported": "Use --codec h264, --codec prores or --codec ffv1.",
    "video.span_reversed": "Give a later --end.",
    "video.worker_killed": "Go on with --resume and fewer --jobs.",
}


def explain(error: PhotochromError) -> str:
    """Returns an error as the command prints it: what failed, and what to do, on one line.

    >>> from photochrom.errors import OutputExistsError
    >>> explain(OutputExistsError("batch.output_exists", path="a.color.jpg"))
    "The output 'a.color.jpg' exists already. Use --overwrite to replace it, or name another with -o."
    """
    message = render(error.code, error.details)
    if error.code not in ADVICE:
        return " ".join(str(message).split("\n"))
    return " ".join(f"{message.problem} {ADVICE[error.code].format_map(error.details)}".split("\n"))
