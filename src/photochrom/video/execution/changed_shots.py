"""Which shots of an earlier run are coloured anew: those whose hints are not what they were."""

import json
from contextlib import suppress
from hashlib import sha256

from photochrom.video.execution.render_task import RenderTask
from photochrom.video.media.segments import partial_path, segment_path, state_path

__all__ = ["forget_changed_shots"]

_NAME = "hints.json"


def forget_changed_shots(task: RenderTask) -> tuple[int, ...]:
    """Removes what is kept of shots that had other hints, and records the hints that hold now.

    Returns:
        The numbers of these shots, from 0; none in a run that begins.

    Raises:
        OSError: the folder cannot be written.
    """
    record = task.folder / _NAME
    now = {str(shot): sha256(repr(hints).encode()).hexdigest() for shot, hints in task.hints.items()}
    earlier = None
    with suppress(OSError, ValueError):
        earlier = json.loads(record.read_text(encoding="utf-8"))
    if earlier == now:
        return ()
    changed: set[int] = set()
    if isinstance(earlier, dict):
        for segment in task.segments:
            shot = str(segment.shot)
            if earlier.get(shot) == now.get(shot):
                continue
            for path in (segment_path, partial_path, state_path):
                kept = path(task.folder, segment)
                if kept.exists():
                    changed.add(segment.shot)
                    kept.unlink()
    # only when nothing is left of the old colours: a run that is killed in between removes the rest again
    part = record.with_suffix(".writing")
    part.write_text(json.dumps(now), encoding="utf-8")
    part.replace(record)
    return tuple(sorted(changed))
