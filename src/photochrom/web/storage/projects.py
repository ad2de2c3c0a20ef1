"""Settings to a project file and back; the photo and its reference are known by their checksums."""

from pydantic import ValidationError

from photochrom.project import ModelMark, Origin, Project, read_project
from photochrom.web.colorize_service import ColorizeService, alternative_of, hints_of
from photochrom.web.errors import ApiError, describe
from photochrom.web.schemas import AlternativeGiven, HintGiven, Settings
from photochrom.web.services import Wanted
from photochrom.web.storage.photos import Photo

__all__ = ["make_project", "open_project"]


def make_project(painter: ColorizeService, order: Wanted) -> str:
    """A project file's text.

    Raises:
        InputError: a setting is out of range, or the network is not offered.
    """
    settings, card = order.settings, painter.colorizer(order.settings.model).card
    project = Project(
        source=_origin(order.photo),
        model=ModelMark(name=card.name, sha256=card.sha256),
        hints=hints_of(settings),
        reference=_origin(order.reference) if order.reference else None,
        palette=tuple(settings.palette),
        alternative=alternative_of(settings),
        vividness=settings.vividness,
        strength=settings.strength,
        size=settings.size,
        restore_contrast=settings.restore_contrast,
    )
    return project.to_json()


def open_project(painter: ColorizeService, data: bytes, photo: Photo, photos: list[Photo]) -> Settings:
    """The settings of a project file of a photo.

    Args:
        painter: knows the networks.
        data: the project file.
        photo: what it is opened for.
        photos: of the same client, among which its reference is looked for.

    Raises:
        ProjectError: it is no project file.
        ApiError: it is another photo's, made by another network, or its reference is not here.
    """
    project = read_project(data)
    if project.source.sha256 != photo.sha256:
        sentence = f"the project was made of another photo, '{project.source.name}': choose that one first"
        raise ApiError(409, "other_photo", sentence)
    card = painter.colorizer(project.model.name).card
    if card.sha256 != project.model.sha256:
        sentence = f"the project was made with another version of {project.model.name}: colour the photo anew"
        raise ApiError(409, "other_model", sentence)
    reference = None
    if project.reference is not None:
        wanted = project.reference
        reference = next((each.id for each in photos if each.sha256 == wanted.sha256), None)
        if reference is None:
            sentence = f"the project's reference, '{wanted.name}', is not here: put it here too, then open it again"
            raise ApiError(409, "no_reference", sentence)
    chosen = project.alternative
    try:
        return Settings(
            model=project.model.name,
            vividness=project.vividness,
            strength=project.strength,
            size=project.size,
            hints=[HintGiven(x=hint.x, y=hint.y, color=hint.color, radius=hint.radius) for hint in project.hints],
            palette=list(project.palette),
            reference=reference,
            alternative=AlternativeGiven(seed=chosen.seed, index=chosen.index) if chosen else None,
            restore_contrast=project.restore_contrast,
        )
    except ValidationError as error:
        raise ApiError(422, "bad_setting", describe(list(error.errors()))) from None


def _origin(photo: Photo) -> Origin:
    return Origin(name=photo.name, sha256=photo.sha256, size=photo.bytes)
