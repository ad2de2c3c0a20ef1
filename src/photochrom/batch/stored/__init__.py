"""Photos in object stores and on the web: the same run as over files, with addresses in place of paths.

Each photo is read whole, coloured as one on the disk is, and its result written whole. What a run has finished stands
in the output itself, so it can be resumed from any machine.
"""

from photochrom.batch.stored.plan import StoredJob, StoredPlan, plan_stored_jobs

__all__ = ["StoredJob", "StoredPlan", "plan_stored_jobs"]
