"""A client for ``asyncio``: the methods of :class:`~photochrom.client.synchronous.Client`, to be awaited.

It stands line for line beside that one; a test compares them.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar

import httpx

from photochrom.client import policy, requests
from photochrom.client.requests import ColoredPhoto, Request
from photochrom.client.uploads import OnProgress, Source, Upload
from photochrom.web.schemas.jobs import JobInfo, ShotsResponse, VideoInfo, VideoRequest, WebhookOption
from photochrom.web.schemas.options import ColorizeOptions
from photochrom.web.schemas.photos import LimitInfo, ModelInfo, PhotoInfo, SuggestionInfo, VariationInfo

__all__ = ["AsyncClient"]

T = TypeVar("T")


class AsyncClient:
    """A client of one service; use it in an ``async with`` block, or close it.

    Args:
        address: of the service, without ``/api/v1``.
        token: whose photos and jobs these are: an API key, or 32 to 128 hexadecimal digits. None makes a new one; see
            ``token``.
        timeout: seconds without a byte.
        retries: further attempts at what may pass: no connection, a busy service.
        transport: of httpx, for tests and proxies.

    Attributes:
        token: as given or made; who has it finds the photos and jobs again.
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8000",
        *,
        token: str | None = None,
        timeout: float = 60.0,
        retries: int = 5,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.token, self._retries = token or policy.default_token(), retries
        self._http = httpx.AsyncClient(
            base_url=policy.root(address),
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=timeout,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    # one call

    async def colorize(
        self,
        photo: Source,
        options: ColorizeOptions | None = None,
        *,
        format: str | None = None,  # noqa: A002
        quality: int | None = None,
        name: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> ColoredPhoto:
        """Colours a photo in one call; the service keeps nothing.

        Args:
            photo: what is coloured.
            options: how.
            format: of the result, such as ``"PNG"``; None for the photo's own.
            quality: of a JPEG, WEBP, AVIF or HEIF, 1 to 100; None for the photo's own.
            name: of the photo; None for the file's own.
            on_progress: told the share that is sent.

        Raises:
            ServiceError: it is refused, or the service does not answer.
        """
        return await self._send_file(
            photo, name, on_progress, lambda file: requests.colorize(file, options, format, quality)
        )

    # stored photos

    async def add_photo(
        self, photo: Source, *, name: str | None = None, on_progress: OnProgress | None = None
    ) -> PhotoInfo:
        """Stores a photo for a while; see :meth:`colorize`."""
        return await self._send_file(photo, name, on_progress, requests.add_photo)

    async def list_photos(self) -> list[PhotoInfo]:
        """Returns the stored photos, the oldest first."""
        return await self._send(requests.list_photos())

    async def get_photo(self, photo_id: str) -> PhotoInfo:
        """Returns what is known of a stored photo, whose time begins anew."""
        return await self._send(requests.get_photo(photo_id))

    async def delete_photo(self, photo_id: str) -> None:
        """Deletes a stored photo."""
        await self._send(requests.delete_photo(photo_id))

    async def preview(self, photo_id: str, *, max_size: int = 1280) -> bytes:
        """Returns a small image of the photo as it came."""
        return await self._send(requests.preview(photo_id, max_size))

    async def colorize_photo(
        self,
        photo_id: str,
        options: ColorizeOptions | None = None,
        *,
        format: str | None = None,  # noqa: A002
        max_size: int | None = None,
        quality: int | None = None,
    ) -> ColoredPhoto:
        """Colours a stored photo: the whole file, or a preview of ``max_size`` pixels."""
        return await self._send(requests.colorize_photo(photo_id, options, format, max_size, quality))

    async def draw_confidence(
        self, photo_id: str, options: ColorizeOptions | None = None, *, max_size: int = 1280
    ) -> bytes:
        """Returns a PNG of how sure the network is."""
        return await self._send(requests.draw_confidence(photo_id, options, max_size))

    async def suggest_colors(
        self, photo_id: str, x: float, y: float, count: int = 5, options: ColorizeOptions | None = None
    ) -> list[SuggestionInfo]:
        """Returns the likeliest colours at a point, pixels of the upright photo."""
        return await self._send(requests.suggest_colors(photo_id, x, y, count, options))

    async def make_variations(
        self,
        photo_id: str,
        count: int = 4,
        *,
        seed: int = 0,
        max_size: int = 320,
        options: ColorizeOptions | None = None,
    ) -> list[VariationInfo]:
        """Returns other colourings, small."""
        return await self._send(requests.make_variations(photo_id, count, seed, max_size, options))

    async def export_project(self, photo_id: str, options: ColorizeOptions) -> bytes:
        """Returns a project file of a photo's options."""
        return await self._send(requests.export_project(photo_id, options))

    async def import_project(self, photo_id: str, project: Source) -> ColorizeOptions:
        """Returns the options that a project file of the photo holds."""
        return await self._send_file(project, None, None, lambda file: requests.import_project(photo_id, file))

    # jobs

    async def add_video(
        self,
        video: Source,
        options: ColorizeOptions | None = None,
        *,
        container: str = "mp4",
        webhook: WebhookOption | None = None,
        name: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> JobInfo:
        """Has a video coloured; see :meth:`wait` and :meth:`save_result`, or let a webhook tell of its end."""
        return await self._send_file(
            video, name, on_progress, lambda file: requests.add_video(file, options, container, webhook)
        )

    async def store_video(
        self, video: Source, *, name: str | None = None, on_progress: OnProgress | None = None
    ) -> VideoInfo:
        """Stores a video for a while, to look at its shots and to have it coloured as often as wanted."""
        return await self._send_file(video, name, on_progress, requests.store_video)

    async def list_videos(self) -> list[VideoInfo]:
        """Returns the stored videos, the first to expire first."""
        return await self._send(requests.list_videos())

    async def get_video(self, video_id: str) -> VideoInfo:
        """Returns what is known of a stored video, whose time begins anew."""
        return await self._send(requests.get_video(video_id))

    async def delete_video(self, video_id: str) -> None:
        """Deletes a stored video."""
        await self._send(requests.delete_video(video_id))

    async def list_shots(self, video_id: str) -> ShotsResponse:
        """Returns the shots of a stored video, or how far the search for them is."""
        return await self._send(requests.list_shots(video_id))

    async def colorize_shot(
        self, video_id: str, number: int, options: ColorizeOptions | None = None, *, max_size: int = 640
    ) -> ColoredPhoto:
        """Colours the still of a shot, to see what options do."""
        return await self._send(requests.colorize_shot(video_id, number, options, max_size))

    async def colorize_video(self, request: VideoRequest) -> JobInfo:
        """Has a stored video coloured; see :meth:`add_video`."""
        return await self._send(requests.colorize_video(request))

    async def add_batch(
        self,
        photo_ids: Sequence[str],
        options: Mapping[str, ColorizeOptions] = MappingProxyType({}),
        *,
        format: str | None = None,  # noqa: A002
        webhook: WebhookOption | None = None,
    ) -> JobInfo:
        """Has stored photos coloured into one zip file."""
        return await self._send(requests.add_batch(photo_ids, options, format, webhook))

    async def list_jobs(self) -> list[JobInfo]:
        """Returns the jobs, the oldest first."""
        return await self._send(requests.list_jobs())

    async def get_job(self, job_id: str) -> JobInfo:
        """Returns how a job stands."""
        return await self._send(requests.get_job(job_id))

    async def cancel_job(self, job_id: str) -> JobInfo:
        """Ends a job."""
        return await self._send(requests.cancel_job(job_id))

    async def delete_job(self, job_id: str) -> None:
        """Ends a job and deletes all of it."""
        await self._send(requests.delete_job(job_id))

    async def wait(
        self, job_id: str, *, timeout: float | None = None, on_progress: OnProgress | None = None
    ) -> JobInfo:
        """Waits until a job is at its end, whichever that is: look at ``status``, ``notes`` and ``left_out``.

        Args:
            job_id: of the job.
            timeout: seconds; None waits for as long as it takes.
            on_progress: told the share that is done.

        Raises:
            ServiceError: ``client.timeout``, or the service does not answer.
        """
        begun = time.monotonic()
        while True:
            job = await self.get_job(job_id)
            if on_progress is not None:
                on_progress(job.progress)
            if job.status in policy.FINAL:
                return job
            if timeout is not None and time.monotonic() - begun > timeout:
                raise policy.timed_out(job)
            await asyncio.sleep(policy.LOOK)

    async def save_result(self, job_id: str, path: str | Path, *, on_progress: OnProgress | None = None) -> Path:
        """Writes the result of a job to a file, which is there whole or not at all; returns its path."""
        target = Path(path)
        part = target.with_name(f"{target.name}.part")
        try:
            async with self._http.stream("GET", f"jobs/{job_id}/result", params={"download": 1}) as answer:
                if not answer.is_success:
                    await answer.aread()
                policy.check(answer)
                total, taken = int(answer.headers.get("content-length", 0)), 0
                with part.open("wb") as file:
                    async for piece in answer.aiter_bytes():
                        file.write(piece)
                        taken += len(piece)
                        if on_progress is not None and total:
                            on_progress(taken / total)
            return part.replace(target)
        except httpx.TransportError as error:
            raise policy.unreachable(error) from error
        finally:
            part.unlink(missing_ok=True)

    # the service

    async def list_models(self) -> list[ModelInfo]:
        """Returns the networks that may be chosen, the default first."""
        return await self._send(requests.list_models())

    async def get_limits(self) -> LimitInfo:
        """Returns what the service takes at most."""
        return await self._send(requests.get_limits())

    async def _send_file(
        self, source: Source, name: str | None, on_progress: OnProgress | None, make: Callable[[Upload], Request[T]]
    ) -> T:
        file = Upload(source, name, on_progress)
        try:
            return await self._send(make(file))
        finally:
            file.close()

    async def _send(self, request: Request[T]) -> T:
        waits = policy.waits(self._retries)
        while True:
            try:
                answer = await self._http.request(**request.arguments())
                patience = policy.is_passing(answer)
                pause = None if patience is None else next(waits, None)
                if pause is None:
                    policy.check(answer)
                    return request.read(answer)
                await asyncio.sleep(max(pause, patience or 0.0))
            except httpx.TransportError as error:
                pause = next(waits, None)
                if pause is None:
                    raise policy.unreachable(error) from error
                await asyncio.sleep(pause)
