"""Where the shots of a film are rendered: in this process, in several, or on a cluster."""

from collections.abc import Callable, Sequence

from photochrom.video.execution.pool import SessionFactory, render_in_processes
from photochrom.video.execution.ray_backend import render_on_ray
from photochrom.video.execution.render_task import RenderTask, ShotTask
from photochrom.video.execution.shot_renderer import ShotRenderer
from photochrom.video.options import RunOptions

__all__ = ["open_ahead", "render_shots"]


def open_ahead(sessions: SessionFactory, run_options: RunOptions) -> None:
    """Begins to open the network, in the background, where this process will render.

    Raises:
        ModelError: it cannot be used.
    """
    if run_options.backend != "ray" and (run_options.jobs or 1) == 1:
        sessions.open()


def render_shots(
    task: RenderTask,
    sessions: SessionFactory,
    shots: Sequence[ShotTask],
    *,
    run_options: RunOptions,
    on_frames: Callable[[int], bool],
) -> bool:
    """Renders the segments of these shots.

    Args:
        task: what is to be rendered.
        sessions: opens the network, in each process for itself.
        shots: what is left.
        run_options: where, and with how many processes or tasks.
        on_frames: called now and then with the frames rendered so far; True stops the work.

    Returns:
        False where it was stopped, with what was rendered kept.
    """
    jobs = run_options.jobs
    if run_options.backend == "ray":
        return render_on_ray(task, sessions, shots, tasks=jobs, on_frames=on_frames)
    if jobs is not None and jobs > 1 and len(shots) > 1:
        return render_in_processes(task, sessions, shots, processes=min(jobs, len(shots)), on_frames=on_frames)
    made = 0

    def on_frame(number: int) -> bool:
        nonlocal made
        made += 1
        return on_frames(made)

    return ShotRenderer(task, sessions.open(), on_frame).render(shots)
