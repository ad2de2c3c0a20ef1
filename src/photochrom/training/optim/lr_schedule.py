"""How the learning rate goes over a training."""

import math

from photochrom.training.schema import ScheduleOptions

__all__ = ["periods_passed", "rate_factor"]


def rate_factor(progress: float, step: int, options: ScheduleOptions, *, periods: int = 0) -> float:
    """Returns the share of the peak rate: linear warm-up, times the schedule's shape.

    Args:
        progress: used share of the budget, 0..1.
        step: steps done.
        options: warm-up and shape: a cosine from 1 to ``options.min_lr_ratio`` (Loshchilov & Hutter, 2017), powers of
            ``options.factor``, or 1.
        periods: how many of ``options.period`` have passed, for ``step``.
    """
    warm = min(1.0, (step + 1) / options.warmup_steps) if options.warmup_steps else 1.0
    if options.scheduler == "constant":
        return warm
    if options.scheduler == "step":
        return warm * options.factor**periods
    cosine = 0.5 * (1.0 + math.cos(math.pi * min(progress, 1.0)))
    return warm * (cosine * (1.0 - options.min_lr_ratio) + options.min_lr_ratio)


def periods_passed(options: ScheduleOptions, *, step: int, samples: int, photos: int) -> int:
    """Returns how many whole periods of a schedule have passed.

    Args:
        options: the period, and what it counts.
        step: steps done.
        samples: photos seen, some more than once.
        photos: size of the training set.
    """
    if not options.period:
        return 0
    done = {"steps": step, "photos": samples, "epochs": samples / photos}[options.period_unit]
    return int(done // options.period)
