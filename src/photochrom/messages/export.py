"""Networks that cannot be exported, or not so."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "alpha": Message("The weight of the other network in the average is {alpha:g}.", "Give a number from 0 to 1."),
    "card_not_a_mapping": Message("'{path}' is not a mapping of card fields to values.", "Begin it with  name: NAME."),
    "card_unreadable": Message("'{path}' is not readable YAML.", "Check the path and the text."),
    "ensemble_mismatch": Message(
        "{source} cannot answer together with the checkpoint, because {reason}.", "Take another network."
    ),
    "ensemble_unsupported": Message(
        "An ensemble needs photochrom_fast first, then another network with a distribution.",
        "Export one network alone.",
    ),
    "ensemble_scale": Message(
        "The scale of the ensemble's other network is {scale}.", "Give a number from 1 to 2; 1 for the same size."
    ),
    "ensemble_weight": Message(
        "The other network's weight in the ensemble is {weight:g}.", "Give a number between 0 and 1."
    ),
    "folder_missing": Message("'{path}' cannot be written, because its folder does not exist.", "Make it first."),
    "invalid_graph": Message("The exported graph is not valid ONNX ({reason}).", "Update torch and export again."),
    "model_unreadable": Message("'{path}' cannot be read ({reason}).", "Check the path."),
    "no_graph": Message("PyTorch did not return a graph.", "Update torch and export again."),
    "not_onnx": Message("'{path}' is not an ONNX file.", "Export the checkpoint again."),
    "hub_takes_code": Message("{model} takes a code beside the photo.", "Choose another network."),
    "output_exists": Message("'{path}' exists already.", "Choose another name, or allow overwriting."),
}
