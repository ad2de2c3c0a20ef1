"""What a result says of itself, whether it is true, and why it could not be signed or kept bit for bit."""

from photochrom.messages import Message

__all__ = ["MESSAGES"]

MESSAGES = {
    # what was found
    "marked": Message(
        "Coloured by {program} with the network {model}: so its metadata says, and that the colour is synthetic."
    ),
    "unmarked": Message("Its metadata does not say that it was coloured by photochrom."),
    "no_place": Message("A file of {format} has no place for a mark."),
    "unsigned": Message("It is not signed, so whether it was changed since cannot be known."),
    "unread": Message(
        "It is signed with C2PA, but that could not be checked.", "Run  pip install 'photochrom[provenance]'."
    ),
    "signed": Message("Signed with C2PA by {signer}. {deed}"),
    "intact": Message("It was not changed since: every byte is as it was signed."),
    "changed": Message("It was changed after it was signed, or its signature is not right ({faults})."),
    "trusted": Message("The signer's certificate comes from an authority that you trust."),
    "untrusted": Message("The signer's certificate does not come from an authority that you trust."),
    "trust_unasked": Message("Anybody can make a certificate.", "Name the authorities that you trust to check it."),
    "parent": Message("The original is the one that was signed for, byte for byte: '{name}'."),
    "other_parent": Message("The original is not the one that was signed for, which was called '{name}'."),
    # lightness
    "exact": Message(
        "Lightness unchanged: all {pixels} pixels have the original's, within the rounding of {bits} (mean {mean} L*)."
    ),
    "luma_kept": Message("Luma unchanged: its {count} DCT coefficients are the original's, bit for bit."),
    "within": Message(
        "Lightness unchanged within what the encoder of {format} does: "
        "mean {mean} L*, at most {largest} L*, over {pixels} pixels."
    ),
    "deviates": Message(
        "Lightness changed: {count} of {pixels} pixels have not the original's, the first at {x}, {y} "
        "(at most {largest} L* off)."
    ),
    "other_size": Message("Lightness cannot be compared: the original is {original}, the result {result}."),
    "film_not_compared": Message("Lightness of films is not compared.", "Compare single frames."),
    # errors
    "not_a_result": Message("'{path}' is not a photo or film that can be verified ({reason}).", "Give a result."),
    "key_unreadable": Message("'{path}' cannot be read ({reason}).", "Check the name and its permissions."),
    "key_form": Message(
        "'{path}' holds no private key that can sign with C2PA.",
        "Give one of EC (P-256, P-384, P-521), Ed25519 or RSA, as PKCS#8 in PEM form without a password.",
    ),
    "signer_unfit": Message(
        "The certificate '{path}' and the key '{key}' cannot sign ({reason}).",
        "Give a valid chain, the signer's certificate first, with a purpose that C2PA allows, and its key.",
    ),
    "form_not_signed": Message("C2PA cannot sign a file of {format}.", "Choose one of {known}."),
    "pages_not_signed": Message("C2PA cannot sign a file of {pages} pages.", "Save its pages apart."),
    "not_signed": Message("'{path}' could not be signed ({reason}).", "Choose another format, or do not sign it."),
    "trust_unreadable": Message("'{path}' holds no certificate in PEM form.", "Give a file with BEGIN CERTIFICATE."),
}
