"""Checks types as mypy sees them here, on Windows and on macOS; exit status 1 where one does not fit.

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
        print(f"{system}: {file} has no errors any more. Take it off the list in .ci/check_types.py.")
    return errors.keys() == KNOWN[system]


def check_here() -> bool:
    """Returns whether all types fit on this system, tests too."""
    return subprocess.run([sys.executable, "-m", "mypy"], check=False).returncode == 0


if __name__ == "__main__":
    # side by side, for each is one process: here it takes two minutes, on the others one
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(check_here), *(pool.submit(check, system) for system in KNOWN)]
        sys.exit(0 if all(each.result() for each in waiting) else 1)
