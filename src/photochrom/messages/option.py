"""Options out of their range, or that a network cannot follow."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    "out_of_range": Message("{name} is {value}.", "Give a number from {low:g} to {high:g}."),
    "not_an_integer_in_range": Message("{name} is {value}.", "Give a whole number from {low} to {high}."),
    "not_a_switch": Message("{name} is {value}.", "Give True or False."),
    "not_one_of": Message("{name} is {value}.", "Give one of {known}."),
    "words_unfit": Message("The words of {name} cannot be written.", "Give one line of at most {limit} characters."),
    "font_unreadable": Message(
        "The font '{path}' cannot be read ({reason}).", "Give a TrueType or OpenType file, or the name of one."
    ),
    "font_lacks": Message("The font lacks the letters {letters}.", "Give the file of a font that has them."),
    "sizes_differ": Message("Original and result differ in size.", "Give the photo that the result was made from."),
    "no_original": Message("The result was made without its photo.", "Colour the photo again."),
    "not_hints": Message("The hints are {value}.", "Give a list of photochrom.Hint."),
    "not_a_variation": Message("The variation is {value}.", "Give a photochrom.Variation, or None."),
    "page_count": Message(
        "The target has {count} pages, the photo has {wanted}.", "Give a copy of all pages of the photo."
    ),
    "no_vividness": Message("{model} predicts one colour, so its vividness cannot change.", "Use strength instead."),
    "no_hints": Message("{model} takes no hints.", "Choose a network that does."),
    "no_palette": Message("{model} cannot be pulled towards a palette.", "Choose a network that can."),
    "no_latent": Message("{model} takes no latent code.", "Choose a variational network."),
    "no_distribution": Message("{model} predicts one colour, not a distribution.", "Choose another network."),
    "no_features": Message(
        "{model} does not give the features that a reference is matched by.",
        "Choose photochrom_fast, or export the network again.",
    ),
    "no_variations": Message(
        "{model} knows one colouring of a photo only.", "Choose photochrom_fast or vae for variations."
    ),
    "gray_reference": Message("The reference has no colours to take.", "Give a photo in colour."),
    "point_outside": Message(
        "The point ({x}, {y}) lies outside the photo.", "Give x from 0 to {width} and y from 0 to {height}."
    ),
    "part_outside": Message(
        "No pixel lies at ({left}, {top}): the picture has {width} x {height}.", "Ask for a part of the picture."
    ),
    "hint_outside": Message(
        "A hint at ({x:g}, {y:g}) lies outside the photo.", "Give x from 0 to {width:g} and y from 0 to {height:g}."
    ),
    "hint_number": Message("The {name} of a hint is {value}.", "Give a number of pixels, 0 or more."),
    "hint_color": Message("The colour of a hint is {value}.", "Write it as '#rrggbb', for instance '#8a5a3c'."),
    "hints_unreadable": Message("The hints in '{path}' cannot be read ({reason}).", "Check the path."),
    "hints_not_json": Message("'{path}' is not JSON ({reason}).", "{example}"),
    "hints_not_a_list": Message("'{path}' does not hold a list.", "{example}"),
    "too_many_hints": Message("'{path}' holds {count} hints.", "Give {limit} at most."),
    "hint_entry": Message("{place} cannot be used.", "{problem}"),
    "not_a_hint": Message("{place} is not a hint.", "{example}"),
}
