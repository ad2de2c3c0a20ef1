"""A client that waits for each answer."""

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

__all__ = ["Client"]

T = TypeVar("T")


class Client:
    """A client of one service; use it in a ``with`` block, or close it.

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
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.token, self._retries = token or policy.default_token(), retries
        self._http = httpx.Client(
            base_url=policy.root(address),
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=timeout,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    # one call

    def colorize(
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
        return self._send_file(photo, name, on_progress, lambda file: requests.colorize(file, options, format, quality))

    # stored photos

    def add_photo(self, photo: Source, *, name: str | None = None, on_progress: OnProgress | None = None) -> PhotoInfo:
        """Stores a photo for a while; see :meth:`colorize`."""
        return self._send_file(photo, name, on_progress, requests.add_photo)

    def list_photos(self) -> list[PhotoInfo]:
        """Returns the stored photos, the oldest first."""
        return self._send(requests.list_photos())

    def get_photo(self, photo_id: str) -> PhotoInfo:
        """Returns what is known of a stored photo, whose time begins anew."""
        return self._send(requests.get_photo(photo_id))

    def delete_photo(self, photo_id: str) -> None:
        """Deletes a stored photo."""
        self._send(requests.delete_photo(photo_id))

    def preview(self, photo_id: str, *, max_size: int = 1280) -> bytes:
        """Returns a small image of the photo as it came."""
        return self._send(requests.preview(photo_id, max_size))

    def colorize_photo(
        self,
        photo_id: str,
        options: ColorizeOptions | None = None,
        *,
        format: str | None = None,  # noqa: A002
        max_size: int | None = None,
        quality: int | None = None,
    ) -> ColoredPhoto:
        """Colours a stored photo: the whole file, or a preview of ``max_size`` pixels."""
        return self._send(requests.colorize_photo(photo_id, options, format, max_size, quality))

    def draw_confidence(self, photo_id: str, options: ColorizeOptions | None = None, *, max_size: int = 1280) -> bytes:
        """Returns a PNG of how sure the network is."""
        return self._send(requests.draw_confidence(photo_id, options, max_size))

    def suggest_colors(
        self, photo_id: str, x: float, y: float, count: int = 5, options: ColorizeOptions | None = None
    ) -> list[SuggestionInfo]:
        """Returns the likeliest colours at a point, pixels of the upright photo."""
        return self._send(requests.suggest_colors(photo_id, x, y, count, options))

    def make_variations(
        self,
        photo_id: str,
        count: int = 4,
        *,
        seed: int = 0,
        max_size: int = 320,
        options: ColorizeOptions | None = None,
    ) -> list[VariationInfo]:
        """Returns other colourings, small."""
        return self._send(requests.make_variations(photo_id, count, seed, max_size, options))

    def export_project(self, photo_id: str, options: ColorizeOptions) -> bytes:
        """Returns a project file of a photo's options."""
        return self._send(requests.export_project(photo_id, options))

    def import_project(self, photo_id: str, project: Source) -> ColorizeOptions:
        """Returns the options that a project file of the photo holds."""
        return self._send_file(project, None, None, lambda file: requests.import_project(photo_id, file))

    # jobs

    def add_video(
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
        return self._send_file(
            video, name, on_progress, lambda file: requests.add_video(file, options, container, webhook)
        )

    def store_video(
        self, video: Source, *, name: str | None = None, on_progress: OnProgress | None = None
    ) -> VideoInfo:
        """Stores a video for a while, to look at its shots and to have it coloured as often as wanted."""
        return self._send_file(video, name, on_progress, requests.store_video)

    def list_videos(self) -> list[VideoInfo]:
        """Returns the stored videos, the first to expire first."""
        return self._send(requests.list_videos())

    def get_video(self, video_id: str) -> VideoInfo:
        """Returns what is known of a stored video, whose time begins anew."""
        return self._send(requests.get_video(video_id))

    def delete_video(self, video_id: str) -> None:
        """Deletes a stored video."""
        self._send(requests.delete_video(video_id))

    def list_shots(self, video_id: str) -> ShotsResponse:
        """Returns the shots of a stored video, or how far the search for them is."""
        return self._send(requests.list_shots(video_id))

    def colorize_shot(
        self, video_id: str, number: int, options: ColorizeOptions | None = None, *, max_size: int = 640
    ) -> ColoredPhoto:
        """Colours the still of a shot, to see what options do."""
        return self._send(requests.colorize_shot(video_id, number, options, max_size))

    def colorize_video(self, request: VideoRequest) -> JobInfo:
        """Has a stored video coloured; see :meth:`add_video`."""
        return self._send(requests.colorize_video(request))

    def add_batch(
        self,
        photo_ids: Sequence[str],
        options: Mapping[str, ColorizeOptions] = MappingProxyType({}),
        *,
        format: str | None = None,  # noqa: A002
        webhook: WebhookOption | None = None,
    ) -> JobInfo:
        """Has stored photos coloured into one zip file."""
        return self._send(requests.add_batch(photo_ids, options, format, webhook))

    def list_jobs(self) -> list[JobInfo]:
        """Returns the jobs, the oldest first."""
        return self._send(requests.list_jobs())

    def get_job(self, job_id: str) -> JobInfo:
        """Returns how a job stands."""
        return self._send(requests.get_job(job_id))

    def cancel_job(self, job_id: str) -> JobInfo:
        """Ends a job."""
        return self._send(requests.cancel_job(job_id))

    def delete_job(self, job_id: str) -> None:
        """Ends a job and deletes all of it."""
        self._send(requests.delete_job(job_id))

    def wait(self, job_id: str, *, timeout: float | None = None, on_progress: OnProgress | None = None) -> JobInfo:
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
            job = self.get_job(job_id)
            if on_progress is not None:
                on_progress(job.progress)
            if job.status in policy.FINAL:
                return job
            if timeout is not None and time.monotonic() - begun > timeout:
                raise policy.timed_out(job)
            time.sleep(policy.LOOK)

    def save_result(self, job_id: str, path: str | Path, *, on_progress: OnProgress | None = None) -> Path:
        """Writes the result of a job to a file, which is there whole or not at all; returns its path."""
        target = Path(path)
        part = target.with_name(f"{target.name}.part")
        try:
            with self._http.stream("GET", f"jobs/{job_id}/result", params={"download": 1}) as answer:
                if not answer.is_success:
                    answer.read()
                policy.check(answer)
                total, taken = int(answer.headers.get("content-length", 0)), 0
                with part.open("wb") as file:
                    for piece in answer.iter_bytes():
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

    def list_models(self) -> list[ModelInfo]:
        """Returns the networks that may be chosen, the default first."""
        return self._send(requests.list_models())

    def get_limits(self) -> LimitInfo:
        """Returns what the service takes at most."""
        return self._send(requests.get_limits())

    def _send_file(
        self, source: Source, name: str | None, on_progress: OnProgress | None, make: Callable[[Upload], Request[T]]
    ) -> T:
        file = Upload(source, name, on_progress)
        try:
            return self._send(make(file))
        finally:
            file.close()

    def _send(self, request: Request[T]) -> T:
        waits = policy.waits(self._retries)
        while True:
            try:
                answer = self._http.request(**request.arguments())
                patience = policy.is_passing(answer)
                pause = None if patience is None else next(waits, None)
                if pause is None:
                    policy.check(answer)
                    return request.read(answer)
                time.sleep(max(pause, patience or 0.0))
            except httpx.TransportError as error:
                pause = next(waits, None)
                if pause is None:
                    raise policy.unreachable(error) from error
                time.sleep(pause)
