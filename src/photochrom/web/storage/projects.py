"""Writes options to a project file and reads them; the photo and its reference are known by their checksums."""

from dataclasses import replace

from pydantic import ValidationError

from photochrom.project import ModelMark, Origin, Project, read_project
from photochrom.web.colorize_service import ColorizeService, to_options
from photochrom.web.errors import ApiError, validation_error
from photochrom.web.schemas.options import ColorizeOptions
from photochrom.web.services import StoredTask
from photochrom.web.storage.photos import Photo

__all__ = ["make_project", "open_project"]


def make_project(colorize_service: ColorizeService, task: StoredTask) -> str:
    """Returns a project file's text.

    Raises:
        InputError: an option is out of range, or the network is not offered.
    """
    options, card = task.options, colorize_service.open_colorizer(task.options.model).card
    project = Project(
        source=_origin(task.photo),
        model=ModelMark(name=card.name, sha256=card.sha256),
        options=replace(to_options(options), salvage=task.photo.salvage),
        reference=_origin(task.reference) if task.reference else None,
    )
    return project.to_json()


def open_project(colorize_service: ColorizeService, data: bytes, photo: Photo, photos: list[Photo]) -> ColorizeOptions:
    """Returns the options that a project file of a photo holds.

    Args:
        colorize_service: knows the networks.
        data: the project file.
        photo: what it is opened for.
        photos: of the same client, among which its reference is looked for.

    Raises:
        ProjectError: it is not a project file.
        ApiError: it is another photo's, made by another network, or its reference is not here.
    """
    project = read_project(data)
    if project.source.sha256 != photo.sha256:
        raise ApiError("service.other_photo", name=project.source.name)
    card = colorize_service.open_colorizer(project.model.name).card
    if card.sha256 != project.model.sha256:
        raise ApiError("service.other_model", name=project.model.name)
    reference = None
    if project.reference is not None:
        wanted = project.reference
        reference = next((each.id for each in photos if each.sha256 == wanted.sha256), None)
        if reference is None:
            raise ApiError("service.reference_missing", name=wanted.name)
    entries = {**project.options.to_json(), "model": project.model.name, "reference": reference}
    try:
        return ColorizeOptions.model_validate(entries)
    except ValidationError as error:
        raise validation_error(error.errors()) from None


def _origin(photo: Photo) -> Origin:
    return Origin(name=photo.name, sha256=photo.sha256, size=photo.size_bytes)
