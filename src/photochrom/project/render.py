"""A project's pixels, made again."""

from pathlib import Path

from photochrom.colorizer import Colorizer
from photochrom.errors import ProjectError, UnknownModelError
from photochrom.image_io import MAX_PIXELS
from photochrom.project.schema import Origin, Project, check_same, read_bytes
from photochrom.result import Result

__all__ = ["render"]


def render(
    project: Project,
    source: Path | bytes | None = None,
    *,
    reference: Path | bytes | None = None,
    folder: Path | None = None,
    colorizer: Colorizer | None = None,
    device: str = "auto",
    max_pixels: int = MAX_PIXELS,
) -> Result:
    """Makes a project's pixels again.

    Args:
        project: what they are made from.
        source: the photo; None to look for it from ``folder``.
        reference: the reference, if the project has one; None to look for it from ``folder``.
        folder: of the project file; None for the working folder.
        colorizer: the network, if one is open; None to open the project's.
        device: for a network to be opened.
        max_pixels: refuse pictures with more pixels than this.

    Raises:
        ProjectError: the photo or the reference is missing or changed, or the network is another.
        InputError: the photo cannot be coloured; its subclasses say why.
    """
    data = _find_bytes(project.source, source, folder, "photo")
    other = None
    if project.reference is not None:
        other = _find_bytes(project.reference, reference, folder, "reference")
    try:
        opened = colorizer or Colorizer(project.model.name, device=device)
    except UnknownModelError as error:
        raise ProjectError("project.model_missing", reason=str(error).rstrip(".")) from error
    if opened.card.sha256 != project.model.sha256:
        raise ProjectError("project.model_changed", model=project.model.name)
    return opened(
        data,
        hints=project.hints,
        reference=other,
        alternative=project.alternative,
        **project.options(max_pixels=max_pixels).keywords(),
    )


def _find_bytes(origin: Origin, given: Path | bytes | None, folder: Path | None, what: str) -> bytes:
    if isinstance(given, bytes):
        data = given
    elif given is not None:
        data = read_bytes(given, what)
    else:
        home = folder or Path()
        places = [home / text for text in (origin.path, origin.name) if text is not None]
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            raise ProjectError("project.file_missing", what=what, name=origin.name, path=places[0])
        data = read_bytes(found, what)
    check_same(origin, data, what)
    return data
