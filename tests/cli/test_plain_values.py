"""What a flag's value needs no conversion for is not converted: the command starts without pydantic."""

import subprocess
import sys

import pytest

_RUN = """
import sys
from photochrom.cli.main import main
code = main(sys.argv[1:])
print(code, "pydantic" in sys.modules)
"""


@pytest.mark.integration
@pytest.mark.parametrize(
    ("arguments", "code", "opened"),
    [
        (["colorize", "missing.jpg", "-o", "x.jpg", "--model", "photochrom_fast"], 1, False),
        (["models"], 0, False),
        (["video", "missing.mp4", "-o", "x.mp4", "--overwrite", "--quiet"], 1, False),
        (["video", "missing.mp4", "--reference", "a.jpg", "--reference", "b.jpg"], 1, False),
        (["video"], 2, None),
        (["colorize", "missing.jpg", "--vividness", "1.5"], 1, True),
        (["colorize", "missing.jpg", "--vividness", "much"], 2, True),
        (["colorize"], 2, None),
    ],
)
def test_pydantic_is_opened_for_numbers_alone(arguments: list[str], code: int, opened: bool | None) -> None:
    ran = subprocess.run([sys.executable, "-c", _RUN, *arguments], capture_output=True, text=True, check=True)
    said, found = ran.stdout.split()[-2:]
    assert int(said) == code
    assert opened is None or found == str(opened)
