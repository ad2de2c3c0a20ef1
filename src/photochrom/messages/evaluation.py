"""Evaluations: their options, photos, predictions, networks to measure with, and journals."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "cost_not_measured": Message(
        "Time and memory of {model} cannot be measured ({reason}).", "Free some memory and run it again."
    ),
    "data_damaged": Message("'{path}' is damaged.", "Copy it again or remove it."),
    "data_not_found": Message(
        "'{path}' does not exist.", "Give a folder of photos, or a Parquet file with a column image."
    ),
    "faces_need_network": Message("Only networks are measured on faces, and none was given.", "Name a network."),
    "hints_out_of_range": Message(
        "The number of hints is {value}.", "Give whole numbers from 0 to 10000, such as 0,1,10,100."
    ),
    "input_exists": Message("'{path}' exists already.", "Choose another folder, or allow overwriting."),
    "jobs_out_of_range": Message("jobs is {value}.", "Give a number of photos at the same time, 1 or more."),
    "journal_in_use": Message(
        "Another evaluation is writing '{path}'.", "Wait for it to end, or choose another folder."
    ),
    "journal_not_written": Message(
        "'{path}' cannot be written ({reason}).", "Free some space, then resume the evaluation."
    ),
    "labels_missing": Message(
        "'{path}' has neither a column that ends in _label nor a column age.", "Give a labelled set of faces."
    ),
    "limit_out_of_range": Message("limit is {value}.", "Give a number of photos, 1 or more."),
    "network_description_invalid": Message(
        "The description of '{path}' is invalid.",
        "Give size, mean and std (three numbers each) and, if wanted, name and output (one of {outputs}).",
    ),
    "network_failed": Message("The network {name} does not run ({reason}).", "Check the size of its input."),
    "network_not_onnx": Message("'{path}' is not an ONNX file that onnxruntime can read.", "Export it again."),
    "network_undescribed": Message(
        "'{path}' does not say what it takes as input.", "Write '{beside}' beside it, such as {example}."
    ),
    "network_unreadable": Message("'{path}' cannot be read ({reason}).", "Give an ONNX file."),
    "no_predictions": Message("'{folder}' holds no images.", "Give the folder that the other program wrote."),
    "no_scorable_photo": Message(
        "None of the {count} photos of '{data}' can be scored.", "The first of them: {reason} Give colour photos."
    ),
    "no_scorable_prediction": Message(
        "No image of {model} can be scored.",
        "The first of them: {reason} Colour the exported inputs of the same protocol, and keep their names.",
    ),
    "no_skin": Message("'{path}' has no face with skin that the rule finds.", "Give colour photos that a face fills."),
    "output_is_file": Message("'{path}' is a file.", "Give a folder for the report."),
    "prediction_ambiguous": Message("'{folder}' holds several images named {photo}: {names}.", "Keep one of them."),
    "prediction_missing": Message("'{folder}' holds no image named {photo}.", "Colour the photo under that name."),
    "prediction_size_differs": Message(
        "'{path}' has {width}x{height} pixels, the ground truth {true_width}x{true_height}.",
        "Keep the size of the exported input.",
    ),
    "prediction_unreadable": Message("'{path}' is not a readable image.", "Write it again."),
    "report_exists": Message(
        "'{path}' holds a report already.", "Resume it, allow overwriting, or choose another folder."
    ),
    "resume_with_overwrite": Message(
        "An evaluation cannot both resume and overwrite.", "Resuming keeps what is there: choose one of the two."
    ),
    "seed_out_of_range": Message("seed is {value}.", "Give a whole number from 0 to 4294967295."),
    "split_empty": Message("The split {split} of '{data}' has no photos.", "Give two different photos or more."),
    "system_given_twice": Message("'{source}' is given twice.", "Name each network and each folder once."),
    "truth_is_gray": Message("'{photo}' has no colours, so nothing can be measured with it."),
    "unknown_protocol": Message("'{name}' is not a protocol.", "Choose {choices}."),
    "unknown_split": Message("'{name}' is not a split.", "Choose {choices}."),
    "vividness_out_of_range": Message("vividness is {value}.", "Give numbers from 0 to 2, such as 0,1."),
    "worker_killed": Message(
        "A scoring process was killed, perhaps because memory is full.", "Use fewer jobs, then resume the evaluation."
    ),
}
