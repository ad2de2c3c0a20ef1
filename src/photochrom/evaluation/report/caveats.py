"""What the figures of a report cannot tell. They stand in every report."""

__all__ = ["CAST_WORDS", "CAVEATS", "FACES_CAVEATS"]

CAST_WORDS = (
    "Mean signed difference of a* and b* from the truth, over the pixels of all photos. Above zero, a* is towards "
    "red and b* towards yellow; below zero, a* is towards green and b* towards blue."
)

CAVEATS = (
    (
        "Whether a colour is right. Most gray photos have many true answers: a coat that comes out green instead of"
        " blue costs as much here as skin that comes out blue, and only the second is wrong to anybody who looks."
    ),
    (
        "Whether people like it. PSNR, SSIM and every mean error favour timid colours, so a network that leaves "
        "things half gray wins them; colourfulness favours bold ones, so a network that paints at random wins that."
        " Read them together, look at the pictures, and ask people: photochrom study."
    ),
    (
        "How it does on old photos. These are modern colour photos made gray from L*: no grain, no scratches, no "
        "blue-blind plates, no fading, and other clothes."
    ),
    (
        "How it does on photos unlike this set. The intervals are over photos of this set, as if others were drawn "
        "from the same place; they know nothing of other places, of other seeds of training, or of the choice of "
        "the set."
    ),
    (
        "Whether a small difference matters. A small p-value says that a difference is not an accident of which photos "
        "were drawn, not that it can be seen. There are many comparisons here: of twenty without any difference one"
        " is below 0.05."
    ),
    "Whether a network has seen these photos in training. Only its card can say so.",
)

FACES_CAVEATS = (
    (
        "The labels are those the set's makers gave. They are words of a data set for how faces looked to somebody,"
        " not what people say of themselves, and five words do not hold the world."
    ),
    (
        "Skin tone here is measured from a photo: the individual typology angle mixes the person with the light, "
        "the camera and the exposure. A person in the shade counts as darker than in the sun."
    ),
    (
        "A mean error in a*b* is not a measure of harm. The same distance may be nothing on one face and an insult on "
        "another: that is why the shifts of chroma and hue stand beside it."
    ),
    "Skin of more chroma leaves more to be wrong about: the figures of pictures left gray show how much.",
)
