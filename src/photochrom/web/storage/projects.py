"""Writes options to a project file and reads them; the photo and its reference are known by their checksums."""

from pydantic import ValidationError

from photochrom.project import ModelMark, Origin, Project, read_project
from photochrom.web.colorize_service import ColorizeService, to_hints, to_variation
from photochrom.web.errors import ApiError, validation_error
from photochrom.web.schemas import ColorizeOptions, HintOption, VariationOption
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
        hints=to_hints(options),
        reference=_origin(task.reference) if task.reference else None,
        palette=tuple(options.palette),
        alternative=to_variation(options),
        vividness=options.vividness,
        strength=options.strength,
        size=options.input_size,
        restore_contrast=options.auto_contrast,
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
    chosen = project.alternative
    try:
        return ColorizeOptions(
            model=project.model.name,
            vividness=project.vividness,
            strength=project.strength,
            input_size=project.size,
            hints=[HintOption(x=hint.x, y=hint.y, color=hint.color, radius=hint.radius) for hint in project.hints],
            palette=list(project.palette),
            reference=reference,
            variation=VariationOption(seed=chosen.seed, index=chosen.index) if chosen else None,
            auto_contrast=project.restore_contrast,
        )
    except ValidationError as error:
        raise validation_error(error.errors()) from None


def _origin(photo: Photo) -> Origin:
    return Origin(name=photo.name, sha256=photo.sha256, size=photo.size_bytes)
