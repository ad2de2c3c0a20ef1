"""The trials of damaged files and of interrupted runs, made small; ``benchmarks`` does them with thousands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from interrupted import check_results, list_results, run_trial
from mutations import compare

BENCHMARKS = sys.path.pop(0)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone fills memory on request")
def test_no_pixel_of_a_damaged_file_is_what_stood_in_memory_before() -> None:
    run = [
        sys.executable,
        f"{BENCHMARKS}/mutations.py",
        "--count",
        "12",
        "jpeg",
        "png 16",
        "tiff deflate",
        "pnm 16",
    ]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" 0 faults of 12") == 4


def test_the_comparison_sees_memory_and_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {
        "222": [[["picture", "a", ""]] * 2, "cut", 0.0],
        "75": [[["picture", "b", ""], ["fault", "KeyError", "x"]], "cut", 0.0],
    }
    monkeypatch.setattr(sys.modules["mutations"], "read_all", lambda form, count, filling: {0: answers[filling]})
    faults, _, _ = compare("jpeg", 1)
    assert len(faults) == 2
    answers["75"] = answers["222"] = [[["fault", "KeyError", "x"]] * 2, "cut", 99.0]
    assert len(compare("jpeg", 1)[0]) == 3


def test_a_run_killed_twice_and_cut_by_hand_is_completed(tmp_path: Path) -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    assert run_trial(tmp_path, 10) == []
    # the check itself sees what is missing, cut or doubled
    results = list_results(tmp_path / "results")
    name = next(iter(results))
    results[name].write_bytes(results[name].read_bytes()[:90])
    assert check_results(tmp_path / "results", tmp_path / "plain", 10)
