"""Networks, their weights files and the cards in them."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "altered": Message("'{path}' is not the file this version ships.", "Reinstall photochrom."),
    "card_fields": Message(
        "'{path}' has a card with wrong fields ({fields}).", "Export it again with this version of photochrom."
    ),
    "card_format": Message(
        "'{path}' has a card of format {format}, not {expected}.",
        "Use the version of photochrom it was made for, or export it again.",
    ),
    "card_missing": Message(
        "'{path}' has no photochrom card, so it is cut short or was not made for photochrom.",
        "Copy it again, or use a file that photochrom exported.",
    ),
    "card_type": Message(
        "'{path}' has a card that is not a JSON object.", "Export it again with this version of photochrom."
    ),
    "corrupt": Message("'{path}' is cut short or altered.", "Copy or export it again."),
    "misspelled": Message(
        "No network is named '{name}', and no such file exists.", "Perhaps '{suggestion}' is the one."
    ),
    "not_installed": Message(
        "The network '{name}' is not installed.",
        "Get {file} from {source}, put it into a folder, and name that folder in PHOTOCHROM_MODEL_DIR.",
    ),
    "seal_blank": Message("The graph has no blank card to seal.", "Write its card first."),
    "unknown": Message("No network is named '{name}', and no such file exists.", "Check the name."),
    "unreadable": Message("The weights of '{name}' cannot be read ({reason}).", "Reinstall photochrom."),
}
