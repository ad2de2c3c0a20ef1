"""Checks the types of the package as mypy sees them on Windows and on macOS; exit status 1 where one does not fit.

Files of ``KNOWN`` had errors when this check came. The list only shrinks: a file of it without errors must leave it.
"""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

#: system -> files that may have errors there
KNOWN = {
    "win32": {
        "src/photochrom/evaluation/statistics/cost.py",
        "src/photochrom/training/cpu_time.py",
    },
    "darwin": set[str](),
}


def check(system: str) -> bool:
    """Returns whether the types of ``src`` fit on a system, but for the files that are known."""
    command = [sys.executable, "-m", "mypy", "--platform", system, "--cache-dir", f".mypy_cache/{system}", "src"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    errors: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        if found := re.match(r"(\S+?):\d+: error: ", line):
            errors.setdefault(found[1].replace("\\", "/"), []).append(line)
    if done.returncode and not errors:
        print(done.stdout + done.stderr)
        return False
    for line in [line for file, lines in errors.items() if file not in KNOWN[system] for line in lines]:
        print(f"{system}: {line}")
    for file in sorted(KNOWN[system] - errors.keys()):
        print(f"{system}: {file} has no errors any more. Take it off the list in .ci/check_platforms.py.")
    return errors.keys() == KNOWN[system]


if __name__ == "__main__":
    # side by side: each takes a minute of one processor
    with ThreadPoolExecutor() as pool:
        sys.exit(0 if all(list(pool.map(check, KNOWN))) else 1)
