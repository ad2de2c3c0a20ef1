"""What archives keep of a run besides its results: a PREMIS event for each photo, and an IIIF manifest of them all.

All of it comes from the run's JSON report and the files that it names.
"""

from photochrom.batch.archive.iiif import Addresses, read_template
from photochrom.batch.archive.kit import ArchiveKit, write_archive_kit

__all__ = ["Addresses", "ArchiveKit", "read_template", "write_archive_kit"]
