"""A project file gives the same pixels again, or says in one sentence why it cannot."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from photochrom import Colorizer, Hint
from photochrom.errors import InputError, OptionError, OutputExistsError, PhotochromError, ProjectError
from photochrom.project import ModelMark, Origin, Project, check_same, identify, read_project, render
from photochrom.steering.variations import Variation

MARK = ModelMark(name="photochrom_fast", sha256="0" * 64)
SOURCE = Origin(name="1936.png", sha256="a" * 64, size=7)


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=2)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "1936.png"
    Image.fromarray(data.astronaut()).convert("L").resize((160, 120)).save(path)
    return path


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    path = tmp_path / "colour" / "other.png"
    path.parent.mkdir()
    Image.fromarray(data.astronaut()).resize((160, 120)).save(path)
    return path


def has_code(code: str) -> Callable[[PhotochromError], bool]:
    return lambda error: error.code == code


def pixels(result: object) -> np.ndarray:
    return result.picture.pages[0].pixels


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"vividness": 1.7, "strength": 0.6, "size": 160, "restore_contrast": True},
        {"hints": (Hint(x=30.5, y=80, color="#3355aa", radius=5),), "palette": ("#aabbcc", "#8a5a3c")},
        {"alternative": Variation(seed=5, index=1), "vividness": 0.5, "size": 96},
    ],
    ids=["plain", "numbers", "hints and palette", "alternative"],
)
def test_the_same_pixels_again(colorizer: Colorizer, photo: Path, settings: dict[str, object]) -> None:
    made = colorizer(photo, **settings)
    model = ModelMark(name=colorizer.name, sha256=colorizer.card.sha256)
    project = Project(source=identify(photo, folder=photo.parent), model=model, **settings)
    path = project.save(photo.with_name("1936.photochrom.json"))
    again = read_project(path)
    assert again == project
    # from the file's folder, from the photo's bytes, and by a network of its own
    assert np.array_equal(pixels(render(again, folder=path.parent, colorizer=colorizer)), pixels(made))
    assert np.array_equal(pixels(render(again, photo.read_bytes(), colorizer=colorizer)), pixels(made))
    assert np.array_equal(pixels(render(again, photo)), pixels(made))


def test_an_alternative_is_the_one_of_the_list(colorizer: Colorizer, photo: Path) -> None:
    listed = colorizer.alternatives(photo, 2, seed=9, size=96)
    for index, result in enumerate(listed):
        made = colorizer(photo, alternative=Variation(seed=9, index=index), size=96)
        assert np.array_equal(pixels(made), pixels(result))
    assert not np.array_equal(pixels(listed[0]), pixels(listed[1]))


def test_a_reference_is_part_of_it(colorizer: Colorizer, photo: Path, reference: Path) -> None:
    made = colorizer(photo, reference=reference)
    assert made.matches
    project = Project(
        source=identify(photo, folder=photo.parent),
        model=ModelMark(name=colorizer.name, sha256=colorizer.card.sha256),
        reference=identify(reference, folder=photo.parent),
    )
    assert project.reference is not None
    assert project.reference.path == "colour/other.png"
    assert np.array_equal(pixels(render(project, folder=photo.parent, colorizer=colorizer)), pixels(made))
    # moved beside the project it is still found; changed it is not the same
    moved = reference.rename(photo.parent / "other.png")
    assert np.array_equal(pixels(render(project, folder=photo.parent, colorizer=colorizer)), pixels(made))
    Image.fromarray(data.coffee()).save(moved)
    with pytest.raises(ProjectError) as caught:
        render(project, folder=photo.parent, colorizer=colorizer)
    assert caught.value.code == "project.file_changed"
    assert caught.value.details == {"what": "reference", "name": "other.png"}
    moved.unlink()
    with pytest.raises(ProjectError) as caught:
        render(project, folder=photo.parent, colorizer=colorizer)
    assert caught.value.code == "project.file_missing"


def test_another_photo_or_network_is_refused(colorizer: Colorizer, photo: Path) -> None:
    project = Project(source=identify(photo), model=MARK)
    with pytest.raises(ProjectError, check=has_code("project.model_changed")):
        render(project, photo, colorizer=colorizer)
    with pytest.raises(ProjectError, check=has_code("project.model_missing")):
        render(dataclasses.replace(project, model=ModelMark(name="absent", sha256="0" * 64)), photo)
    check_same(project.source, photo.read_bytes())
    changed = bytearray(photo.read_bytes())
    changed[-1] ^= 1
    with pytest.raises(ProjectError, check=has_code("project.file_changed")):
        render(project, bytes(changed), colorizer=colorizer)
    with pytest.raises(ProjectError, check=has_code("project.file_missing")):
        render(project, folder=photo.parent / "absent", colorizer=colorizer)
    with pytest.raises(ProjectError, check=has_code("project.file_unreadable")):
        render(project, photo.parent / "absent.png", colorizer=colorizer)


def test_saving_overwrites_nothing_unless_asked(photo: Path) -> None:
    project = Project(source=identify(photo), model=MARK)
    path = project.save(photo.with_suffix(".photochrom.json"))
    with pytest.raises(OutputExistsError):
        project.save(path)
    project.save(path, overwrite=True)
    assert identify(photo.read_bytes(), name="dir/1936.png") == project.source


def valid() -> dict[str, object]:
    return json.loads(Project(source=SOURCE, model=MARK, hints=(Hint(x=1, y=2, color="#aabbcc"),)).to_json())


@pytest.mark.parametrize(
    ("change", "code", "key"),
    [
        ({"photochrom_project": 2}, "version_newer", None),
        ({"photochrom_project": "1"}, "version_unknown", None),
        ({"photochrom_project": 0}, "version_unknown", None),
        ({"colour": 1}, "key_unknown", "colour"),
        ({"source": None}, "value_wrong", "source"),
        ({"source": {"name": "a", "sha256": "a" * 64, "size": -1, "path": None}}, "value_wrong", "source.size"),
        ({"source": {"name": "a", "sha256": "A" * 64, "size": 1, "path": None}}, "value_wrong", "source.sha256"),
        ({"source": {"name": "", "sha256": "a" * 64, "size": 1, "path": None}}, "value_wrong", "source.name"),
        ({"model": {"name": "a"}}, "value_wrong", "model"),
        ({"hints": {}}, "value_wrong", "hints"),
        ({"hints": [{"x": 1, "y": 1}]}, "value_wrong", "hints 1"),
        ({"hints": [{"x": 1, "y": 1, "color": "red"}]}, "value_out_of_range", None),
        ({"palette": ["red"]}, "value_out_of_range", None),
        ({"palette": "#aabbcc"}, "value_wrong", "palette"),
        ({"alternative": {"seed": 1}}, "value_wrong", "alternative"),
        ({"alternative": {"seed": 1, "index": 12}}, "value_out_of_range", None),
        ({"vividness": 3}, "value_out_of_range", None),
        ({"vividness": True}, "value_wrong", "vividness"),
        ({"size": 1.5}, "value_wrong", "size"),
        ({"restore_contrast": 1}, "value_wrong", "restore_contrast"),
    ],
)
def test_wrong_entries_are_named_on_one_line(
    change: dict[str, object], code: str, key: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "a.photochrom.json"
    path.write_text(json.dumps(valid() | change))
    with pytest.raises(ProjectError) as caught:
        read_project(path)
    assert caught.value.code == f"project.{code}"
    assert caught.value.details["project"] == f"'{path}'"
    assert caught.value.details.get("key") == key
    assert len(str(caught.value).splitlines()) == 1
    assert isinstance(caught.value, InputError)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"photochrom_project": NaN}'])
def test_what_is_not_a_project(text: bytes) -> None:
    with pytest.raises(ProjectError) as caught:
        read_project(text)
    assert caught.value.code in ("project.not_json", "project.not_a_project")


@pytest.mark.parametrize("missing", ["source", "model"])
def test_what_is_left_out(missing: str) -> None:
    entries = valid()
    del entries[missing]
    with pytest.raises(ProjectError, check=lambda error: error.details["key"] == missing):
        read_project(json.dumps(entries).encode())


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.photochrom.json", tmp_path):
        with pytest.raises(ProjectError, check=has_code("project.file_unreadable")):
            read_project(path)


HINTS = st.builds(
    Hint,
    x=st.floats(0, 1e5),
    y=st.floats(0, 1e5),
    color=st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True),
    radius=st.floats(0, 1e3),
)
ORIGINS = st.builds(
    Origin,
    name=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1),
    sha256=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    size=st.integers(0, 2**40),
    path=st.none() | st.just("../a/b.png"),
)
PROJECTS = st.builds(
    Project,
    source=ORIGINS,
    model=st.just(MARK),
    hints=st.lists(HINTS, max_size=5).map(tuple),
    reference=st.none() | ORIGINS,
    palette=st.lists(st.from_regex(r"#[0-9a-f]{3}", fullmatch=True), max_size=16).map(tuple),
    alternative=st.none() | st.builds(Variation, seed=st.integers(0, 2**32 - 1), index=st.integers(0, 11)),
    vividness=st.floats(0, 2),
    strength=st.floats(0, 1.5),
    size=st.none() | st.integers(32, 2048),
    restore_contrast=st.booleans(),
)


@given(PROJECTS)
def test_written_and_read_it_is_the_same(project: Project) -> None:
    assert read_project(project.to_json().encode()) == project


@given(st.data())
def test_a_mutated_file_is_read_as_something_or_refused(chance: st.DataObject) -> None:
    text = bytearray(json.dumps(valid()).encode())
    for _ in range(chance.draw(st.integers(1, 4))):
        place = chance.draw(st.integers(0, len(text) - 1))
        how = chance.draw(st.sampled_from(["flip", "cut", "put"]))
        if how == "flip":
            text[place] ^= 1 << chance.draw(st.integers(0, 7))
        elif how == "cut" and len(text) > 1:
            del text[place]
        else:
            text.insert(place, chance.draw(st.integers(0, 255)))
    try:
        project = read_project(bytes(text))
    except ProjectError as error:
        said = str(error).splitlines()
    else:
        said = project.to_json().splitlines()[:1]
    assert len(said) == 1


def test_numbers_of_numpy_can_be_saved() -> None:
    hint = Hint(x=np.float32(1.5), y=np.int64(2), color="#aabbcc")
    assert read_project(Project(source=SOURCE, model=MARK, hints=(hint,)).to_json().encode()).hints[0].x == 1.5


@pytest.mark.parametrize("given", [{"seed": -1}, {"index": 12}, {"seed": 1.5}, {"index": True}])
def test_alternatives_that_cannot_be(given: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        Variation(**given)
