"""The two halves of a set: one to choose on, one to report on."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photochrom.datasets.sources.photo_set import open_photos
from photochrom.errors import EvaluationError, OptionError
from photochrom.evaluation.inputs.ground_truth import open_ground_truths
from photochrom.evaluation.inputs.split import check_split, choose_photos, hash_photo, split_by_hash

BENCHMARK = Path(__file__).parents[2] / "../shared/data/benchmark/val.parquet"

hashes = st.lists(st.binary(min_size=1, max_size=6).map(lambda data: hashlib.sha256(data).hexdigest()[:8]), max_size=60)


def write_photos(folder: Path, count: int) -> Path:
    """Writes photos of as many different colours."""
    folder.mkdir()
    for number in range(count):
        Image.new("RGB", (20, 20), (number % 256, number // 256, 40)).save(folder / f"{number:03}.png")
    return folder


@given(hashes)
def test_the_halves_are_the_whole_and_differ_by_one_at_most(found: list[str]) -> None:
    different = list(dict.fromkeys(found))
    select, report = split_by_hash(different)
    assert sorted(select + report) == list(range(len(different)))
    assert len(report) - len(select) == len(different) % 2
    assert not select or max(different[i] for i in select) < min(different[i] for i in report)


@given(hashes, st.randoms())
def test_neither_order_nor_copies_move_a_photo(found: list[str], chance) -> None:
    select, report = ({found[i] for i in half} for half in split_by_hash(found))
    assert not select & report
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert [{shuffled[i] for i in half} for half in split_by_hash(shuffled)] == [select, report]


def test_four_hundred_photos_are_halved_by_their_content(tmp_path: Path) -> None:
    folder = write_photos(tmp_path / "photos", 400)
    halves = {split: open_ground_truths(folder, split=split) for split in ("select", "report", "all")}
    assert [len(truths.refs) for truths in halves.values()] == [200, 200, 400]
    assert [truths.split for truths in halves.values()] == list(halves)
    # whatever the photos are called, and wherever they lie
    moved = tmp_path / "moved"
    for number, path in enumerate(sorted(folder.iterdir(), reverse=True)):
        place = moved / str(number % 3) / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    contents = [
        {Path(ref.name).read_bytes() for ref in open_ground_truths(place, split="select").refs}
        for place in (folder, moved)
    ]
    assert contents[0] == contents[1]
    digests = sorted(hashlib.sha256(path.read_bytes()).hexdigest()[:8] for path in folder.iterdir())
    assert sorted(hashlib.sha256(data).hexdigest()[:8] for data in contents[0]) == digests[:200]


def test_a_limit_is_spread_over_the_half(tmp_path: Path) -> None:
    photos = open_photos([str(write_photos(tmp_path / "photos", 21))])
    half = choose_photos(photos, name="it", split="report")
    assert len(half) == 11
    assert choose_photos(photos, name="it", split="report", limit=3) == [half[0], half[5], half[10]]
    assert choose_photos(photos, name="it", split="report", limit=99) == half
    assert choose_photos(photos, name="it") == list(range(21))


def test_pixels_without_a_file_have_a_hash_too() -> None:
    class Pixels:
        def read(self, index: int) -> np.ndarray:
            return np.full((4, 4, 3), index, np.uint8)

    expected = hashlib.sha256(bytes([7] * 48)).hexdigest()[:8]
    assert hash_photo(Pixels(), 7) == expected  # type: ignore[arg-type]


def test_one_photo_cannot_be_divided(tmp_path: Path) -> None:
    folder = write_photos(tmp_path / "photos", 1)
    with pytest.raises(EvaluationError, check=lambda error: error.code == "evaluation.split_empty"):
        open_ground_truths(folder, split="select")
    assert len(open_ground_truths(folder, split="report").refs) == 1


def test_there_is_no_other_split() -> None:
    assert check_split("report") == "report"
    with pytest.raises(OptionError, check=lambda error: error.code == "evaluation.unknown_split"):
        check_split("test")


@pytest.mark.skipif(not BENCHMARK.exists(), reason="shared data not here")
def test_the_benchmark_is_halved_exactly() -> None:
    select, report = (open_ground_truths(BENCHMARK, split=split).refs for split in ("select", "report"))
    assert len(select) == len(report) == 200
    assert not {ref.id for ref in select} & {ref.id for ref in report}
