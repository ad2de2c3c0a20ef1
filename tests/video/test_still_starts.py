"""A photo is not taken for a film because its bytes lie as those of a transport stream do."""

from pathlib import Path

import pytest

from photochrom.video.media.probe import is_video

PACKET = b"\x47" + bytes(187)


@pytest.mark.parametrize(
    ("data", "film"),
    [
        (PACKET * 4, True),
        (b"".join(bytes(4) + PACKET for _ in range(4)), True),
        (b"GIF89a".ljust(188, b"\0") + PACKET * 2, False),
        (b"GIF87a".ljust(188, b"\0") + PACKET * 2, False),
        ((b"\xff\xd8\xff\xe0" + PACKET) + (bytes(4) + PACKET) * 2, False),
        ((b"II*\0" + PACKET) + (bytes(4) + PACKET) * 2, False),
        (PACKET + bytes(1) + PACKET * 3, False),
    ],
)
def test_only_a_film_is_a_film(data: bytes, film: bool, tmp_path: Path) -> None:
    path = tmp_path / "any"
    path.write_bytes(data)
    assert is_video(path) is film
