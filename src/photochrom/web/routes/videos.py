"""Routes for videos: stored once, looked through for shots, tried on stills, coloured by jobs as often as wanted."""

from dataclasses import asdict, dataclass, replace
from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, File, Path, Query, Request, Response, UploadFile
from fastapi.responses import FileResponse
from PIL import Image
from starlette.concurrency import run_in_threadpool

from photochrom.image_io import Picture, read_picture
from photochrom.web.colorize_service import ColorizeTask, encode_preview, list_suggestions, shrink
from photochrom.web.errors import ApiError
from photochrom.web.jobs.pace import PaceBook
from photochrom.web.jobs.shot_scanner import ShotScanner
from photochrom.web.jobs.video_upload import check_video_options
from photochrom.web.middleware.addresses import absolute_url
from photochrom.web.routes.photos import IMAGE, Client, Id
from photochrom.web.schemas.jobs import SUFFIXES, ShotRequest, ShotsResponse, VideoInfo, VideosResponse
from photochrom.web.schemas.options import ColorizeOptions
from photochrom.web.schemas.photos import SuggestionsRequest, SuggestionsResponse
from photochrom.web.services import Service
from photochrom.web.storage.downloads import attachment_header, result_headers
from photochrom.web.storage.idempotency import IdempotencyKey, Once
from photochrom.web.storage.photos import Photo, PhotoStore, format_time
from photochrom.web.storage.videos import StoredVideo

__all__ = ["video_routes"]

Number = Annotated[int, Path(ge=0, le=100_000)]


def video_routes(service: Service, shots: ShotScanner) -> APIRouter:
    """Returns the routes under ``/videos``."""
    routes, videos, admission = APIRouter(prefix="/videos", tags=["videos"]), service.videos, service.admission
    paces = PaceBook(service.storage)

    def describe(client: str, video: StoredVideo) -> VideoInfo:
        model = service.colorize_service.check_model(service.restrict(client, ColorizeOptions()).model)
        estimate = paces.estimate(model, video.frames, video.width * video.height)
        known = asdict(video) | {"expires": format_time(video.expires), "estimate": round(estimate, 1)}
        return VideoInfo(**known, codecs=_list_codecs())

    async def prepare(client: str, id_: str, number: int, given: ColorizeOptions) -> _StillTask:
        video = await run_in_threadpool(videos.find, client, id_)
        options = service.restrict(client, given)
        check_video_options(options.model_copy(update={"hints": []}))
        reference = None
        if options.reference is not None:
            reference = await run_in_threadpool(service.photos.find, client, options.reference)
        still = await run_in_threadpool(shots.still, client, id_, number)
        return _StillTask(service.photos, client, video, still, reference, options)

    @routes.post("", status_code=201)
    async def create_video(
        request: Request,
        client: Client,
        file: Annotated[UploadFile, File()],
        response: Response,
        idempotency_key: IdempotencyKey = None,
    ) -> VideoInfo:
        """Store a video, to try options on its shots and to colour it as often as wanted."""
        once = Once(service.storage, client, idempotency_key, "stored video", service.limits.upload_seconds)
        known = await run_in_threadpool(once.begin)

        def work() -> StoredVideo:
            if known is not None:
                return videos.find(client, known)
            service.check_space(file.size or 1)
            return videos.add(client, file.file, file.filename)

        try:
            video = await admission.run(work, pixels=0)
            await run_in_threadpool(once.done, video.id)
        except BaseException:
            await run_in_threadpool(once.drop)
            raise
        await run_in_threadpool(shots.find, client, video.id)
        response.headers["Location"] = absolute_url(request, f"videos/{video.id}")
        return describe(client, video)

    @routes.get("")
    def list_videos(client: Client) -> VideosResponse:
        """List the client's videos."""
        return VideosResponse(videos=[describe(client, video) for video in videos.list(client)])

    @routes.get("/{id}")
    def get_video(client: Client, id: Id) -> VideoInfo:  # noqa: A002
        """Describe a video."""
        return describe(client, videos.find(client, id))

    @routes.delete("/{id}", status_code=204)
    def delete_video(client: Client, id: Id) -> None:  # noqa: A002
        """Delete a video now; a job that has not coloured it yet fails."""
        videos.remove(client, id)

    @routes.get("/{id}/file", response_class=Response, responses={200: {"content": {"video/*": {}}}})
    def get_video_file(client: Client, id: Id) -> Response:  # noqa: A002
        """Fetch the video as it came, whole or in ranges."""
        video = videos.find(client, id)
        disposition = attachment_header(video.name).replace("attachment", "inline", 1)
        headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-cache"}
        return FileResponse(videos.path(client, id), headers=headers, media_type=_guess_type(video.name))

    @routes.get("/{id}/shots")
    def list_shots(client: Client, id: Id) -> ShotsResponse:  # noqa: A002
        """List the shots of a video. Until they are found, ``progress`` tells how far the search is."""
        videos.find(client, id)
        return ShotsResponse(**{key: value for key, value in shots.find(client, id).items() if key != "heard"})

    @routes.get("/{id}/shots/{number}/preview", responses=IMAGE, response_class=Response)
    def get_still(
        client: Client,
        id: Id,  # noqa: A002
        number: Number,
        max_size: Annotated[int, Query(ge=16, le=16384)] = 640,
    ) -> Response:
        """Show the still of a shot in gray."""
        videos.find(client, id)
        data, media_type = encode_preview(shrink(_open(shots.still(client, id, number)), max_size))
        return Response(data, media_type=media_type, headers={"Cache-Control": "private, max-age=600"})

    @routes.post("/{id}/shots/{number}/colorize", responses=IMAGE, response_class=Response)
    async def colorize_still(
        request: Request,
        client: Client,
        id: Id,  # noqa: A002
        number: Number,
        asked: ShotRequest,
    ) -> Response:
        """Colour the still of a shot, to see what options do before the whole video is coloured."""
        task = await prepare(client, id, number, asked.options)

        def work() -> Response:
            found = task.decode()
            target = shrink(found.picture, min(asked.max_size, service.limits.size))
            result = service.colorize_service.colorize(replace(found, target=target))
            data, media_type = encode_preview(result.picture)
            return Response(data, media_type=media_type, headers=result_headers(result))

        return await admission.run(work, pixels=task.pixels, gone=request.is_disconnected)

    @routes.post("/{id}/shots/{number}/suggestions")
    async def suggest_still_colors(
        request: Request,
        client: Client,
        id: Id,  # noqa: A002
        number: Number,
        asked: SuggestionsRequest,
    ) -> SuggestionsResponse:
        """Suggest the most likely clearly distinct colours at a point of a shot's still."""
        task = await prepare(client, id, number, asked.options)

        def work() -> SuggestionsResponse:
            found = task.decode()
            x, y = task.scale(asked.x, asked.y, found.picture)
            return list_suggestions(service.colorize_service.suggest_colors(found, x, y, asked.count))

        return await admission.run(work, pixels=task.pixels, gone=request.is_disconnected)

    return routes


@dataclass(frozen=True)
class _StillTask:
    """The still of a shot and how it is to be coloured, before anything is decoded."""

    photos: PhotoStore
    client: str
    video: StoredVideo
    still: bytes
    reference: Photo | None
    options: ColorizeOptions

    @property
    def pixels(self) -> int:
        """Pixels of its images together, for admission."""
        return self.video.width * self.video.height + (self.reference.pixels if self.reference else 0)

    def decode(self) -> ColorizeTask:
        """Returns the task with its images, the hints at places of the still."""
        picture = _open(self.still)
        hints = []
        for hint in self.options.hints:
            x, y = self.scale(hint.x, hint.y, picture)
            radius = hint.radius * picture.pages[0].height / self.video.height
            hints.append(hint.model_copy(update={"x": x, "y": y, "radius": radius}))
        photo = self.photos.picture(self.client, self.reference.id) if self.reference else None
        return ColorizeTask(picture, self.options.model_copy(update={"hints": hints}), photo)

    def scale(self, x: float, y: float, picture: Picture) -> tuple[float, float]:
        """Returns where a place of the video is in its still. Raises ApiError where it is outside."""
        page, video = picture.pages[0], self.video
        if x > video.width or y > video.height:
            raise ApiError("service.hint_outside", x=x, y=y, width=video.width, height=video.height)
        return min(x * page.width / video.width, page.width - 1), min(y * page.height / video.height, page.height - 1)


def _open(still: bytes) -> Picture:
    with Image.open(BytesIO(still)) as image:
        return read_picture(image)


def _list_codecs() -> dict[str, list[str]]:
    from photochrom.video.media.containers import CONTAINERS

    return {suffix: list(CONTAINERS[f".{suffix}"].codecs) for suffix in SUFFIXES}


def _guess_type(name: str) -> str:
    from mimetypes import guess_type

    found = guess_type(name)[0] or ""
    return found if found.startswith("video/") else "application/octet-stream"
