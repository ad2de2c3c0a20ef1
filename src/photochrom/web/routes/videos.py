"""Routes for videos: stored once, looked through for shots, tried on stills, coloured by jobs as often as wanted."""

from dataclasses import asdict
from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, File, Path, Query, Request, Response, UploadFile
from fastapi.responses import FileResponse
from PIL import Image
from starlette.concurrency import run_in_threadpool

from photochrom.image_io import Picture, read_picture
from photochrom.web.colorize_service import ColorizeTask, encode_preview, shrink
from photochrom.web.errors import ApiError
from photochrom.web.job_schemas import SUFFIXES, ShotRequest, ShotsResponse, VideoInfo, VideosResponse
from photochrom.web.jobs.pace import PaceBook
from photochrom.web.jobs.shot_scanner import ShotScanner
from photochrom.web.jobs.video_upload import check_video_options
from photochrom.web.middleware.addresses import absolute_url
from photochrom.web.routes.photos import IMAGE, Client, Id
from photochrom.web.schemas import ColorizeOptions
from photochrom.web.services import Service
from photochrom.web.storage.downloads import attachment_header, result_headers
from photochrom.web.storage.idempotency import IdempotencyKey, Once
from photochrom.web.storage.photos import format_time
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
        video = await run_in_threadpool(videos.find, client, id)
        options = service.restrict(client, asked.options)
        check_video_options(options.model_copy(update={"hints": []}))
        reference = None
        if options.reference is not None:
            reference = await run_in_threadpool(service.photos.find, client, options.reference)
        still = await run_in_threadpool(shots.still, client, id, number)

        def work() -> Response:
            picture = _open(still)
            scaled = _scale_hints(options, video, picture)
            photo = service.photos.picture(client, reference.id) if reference else None
            task = ColorizeTask(picture, scaled, photo, shrink(picture, min(asked.max_size, service.limits.size)))
            result = service.colorize_service.colorize(task)
            data, media_type = encode_preview(result.picture)
            return Response(data, media_type=media_type, headers=result_headers(result))

        pixels = video.width * video.height + (reference.pixels if reference else 0)
        return await admission.run(work, pixels=pixels, gone=request.is_disconnected)

    return routes


def _open(still: bytes) -> Picture:
    with Image.open(BytesIO(still)) as image:
        return read_picture(image)


def _scale_hints(options: ColorizeOptions, video: StoredVideo, picture: Picture) -> ColorizeOptions:
    """Returns options whose hints stand at places of a still."""
    page = picture.pages[0]
    across, down = page.width / video.width, page.height / video.height
    for hint in options.hints:
        if hint.x > video.width or hint.y > video.height:
            raise ApiError("service.hint_outside", x=hint.x, y=hint.y, width=video.width, height=video.height)
    hints = [
        hint.model_copy(
            update={
                "x": min(hint.x * across, page.width - 1),
                "y": min(hint.y * down, page.height - 1),
                "radius": hint.radius * down,
            }
        )
        for hint in options.hints
    ]
    return options.model_copy(update={"hints": hints})


def _list_codecs() -> dict[str, list[str]]:
    from photochrom.video.media.containers import CONTAINERS

    return {suffix: list(CONTAINERS[f".{suffix}"].codecs) for suffix in SUFFIXES}


def _guess_type(name: str) -> str:
    from mimetypes import guess_type

    found = guess_type(name)[0] or ""
    return found if found.startswith("video/") else "application/octet-stream"
