import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.datasets.sources.photo_set import Pairs, decode, load, open_photos
from photochrom.errors import DataError
from photochrom.training.data.batch_plan import Draw
from photochrom.training.data.dataset import Samples
from photochrom.training.schema import AugmentationOptions, HintOptions


def test_parts_follow_each_other_and_stay_in_lab(pairs: Path, make) -> None:
    photos = open_photos([str(pairs)])
    assert len(photos) == 12
    for index in (0, 4, 5, 8, 9, 11):
        assert np.array_equal(photos.read(index), make.lab_bytes(make.photo(index)))
    assert photos.name(7).endswith("gray_scale.npy, photo 7")
    assert load(photos, 3, at_least=0).lab
    back = np.asarray(decode(photos, 3, at_least=0), float)
    assert np.abs(back - np.asarray(make.photo(3), float)).mean() < 2.5


def test_a_sample_of_lab_is_that_of_the_photo(pairs: Path, folder: Path) -> None:
    plain = AugmentationOptions(hflip=0, crop=0, tone=0, noise=0, blur=0)
    in_folder = open_photos([str(folder)])
    number = next(i for i in range(12) if in_folder.name(i).endswith("photo6.png"))
    made = []
    for photos, index in ((open_photos([str(pairs)]), 6), (in_folder, number)):
        samples = Samples(photos, augmentation=plain, hints=HintOptions(probability=0), output_stride=4, seed=5)
        # of the same turn, so that the square lies at the same place
        samples.photos = _Renumbered(photos, index)
        made.append(samples.sample(Draw(0, 0, 48)))
    (lab, lab_ab, *_), (srgb, srgb_ab, *_) = made
    assert np.abs(lab - srgb).max() < 0.6
    assert np.abs(lab_ab - srgb_ab).max() < 1.0


class _Renumbered:
    def __init__(self, photos, index: int) -> None:
        self.photos, self.index = photos, index

    def read(self, index: int):
        return self.photos.read(self.index)


def test_maps_do_not_travel_to_a_worker(pairs: Path) -> None:
    photos = open_photos([str(pairs)])
    first = photos.read(0)
    content = pickle.dumps(photos)
    assert len(content) < 4000
    assert np.array_equal(pickle.loads(content).read(0), first)


def test_the_lightness_file_may_be_named_instead_of_its_folder(pairs: Path, tmp_path: Path) -> None:
    for path in pairs.rglob("*.npy"):
        shutil.copy(path, tmp_path)
    assert len(open_photos([str(tmp_path / "gray_scale.npy")])) == 12


def _save(path: Path, array: np.ndarray) -> None:
    np.save(path, array)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda root: (root / "ab2.npy").unlink(), "pairs_part_missing"),
        (lambda root: (root / "gray_scale.npy").rename(root / "gray.npy"), "no_photos"),
        (lambda root: _cut(root / "ab1.npy", 0.6), "not_npy"),
        (lambda root: _cut(root / "ab1.npy", 0.001), "not_npy"),
        (lambda root: _save(root / "ab3.npy", np.zeros((2, 48, 64, 2), np.uint8)), "pairs_counts_differ"),
        (lambda root: _save(root / "ab3.npy", np.zeros((3, 48, 60, 2), np.uint8)), "pairs_sizes_differ"),
        (
            lambda root: _save(root / "ab3.npy", np.zeros((3, 48, 64, 2), np.float32)),
            "pairs_wrong_type",
        ),
        (lambda root: _save(root / "gray_scale.npy", np.zeros((12, 48, 64, 1), np.uint8)), "pairs_wrong_type"),
        (lambda root: _save(root / "ab1.npy", np.array([{}], object)), "not_npy"),
        (lambda root: _cut(root / "ab1.npy", 1, b"more"), "pairs_too_long"),
    ],
)
def test_what_does_not_fit_is_named_with_its_remedy(pairs: Path, tmp_path: Path, change, code: str) -> None:
    for path in pairs.rglob("*.npy"):
        shutil.copy(path, tmp_path)
    change(tmp_path)
    with pytest.raises(DataError, check=lambda error: error.code == f"dataset.{code}"):
        open_photos([str(tmp_path)])


def test_two_sets_in_one_folder_are_refused(pairs: Path, tmp_path: Path) -> None:
    shutil.copytree(pairs, tmp_path / "a")
    shutil.copytree(pairs, tmp_path / "b")
    with pytest.raises(DataError, check=lambda error: error.code == "dataset.pairs_incomplete"):
        open_photos([str(tmp_path)])


def _cut(path: Path, share: float, more: bytes = b"") -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)] + more)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(place=st.integers(0, 127), value=st.integers(0, 255), cut=st.integers(0, 200), name=st.sampled_from("ag"))
def test_any_header_is_read_rightly_or_refused(pairs: Path, tmp_path_factory, place, value, cut, name) -> None:
    root = tmp_path_factory.mktemp("mutated")
    for path in pairs.rglob("*.npy"):
        shutil.copy(path, root)
    path = root / {"a": "ab2.npy", "g": "gray_scale.npy"}[name]
    content = bytearray(path.read_bytes())
    content[place] = value
    path.write_bytes(content[: len(content) - cut])
    refused = ""
    try:
        photos = Pairs(root)
        shapes = [photos.read(index).shape for index in range(len(photos))]
    except DataError as error:
        refused = error.code
    assert refused.startswith(("dataset.pairs_", "dataset.not_npy")) if refused or cut else shapes == [(48, 64, 3)] * 12
    shutil.rmtree(root)
