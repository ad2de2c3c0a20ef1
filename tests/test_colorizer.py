"""The recipe end to end, on real photos and odd ones."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from skimage import data
from skimage.color import rgb2lab

import photochrom
from photochrom import Colorizer, Hint, Result, colorize
from photochrom.errors import OptionError, PictureTooLargeError, UnreadablePictureError
from photochrom.image_io import read_picture
from photochrom.options import ColorizeKwargs, ColorizeOptions, Range, help_of, range_of

ASTRONAUT = np.asarray(Image.fromarray(data.astronaut()).convert("L"))


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=2)


def pixels(result: Result) -> np.ndarray:
    return result.picture.pages[0].pixels


def ab_of(result: Result) -> np.ndarray:
    return rgb2lab(pixels(result) / 255)[..., 1:]


def test_a_real_photo_gets_colour_and_keeps_its_lightness(colorizer: Colorizer) -> None:
    result = colorizer(ASTRONAUT)
    assert pixels(result).shape == (512, 512, 3)
    before = rgb2lab(np.stack([ASTRONAUT] * 3, -1))[..., 0]
    assert np.mean(np.abs(rgb2lab(pixels(result))[..., 0] - before) <= 0.6) >= 0.99
    # her face, and the suit, are warm
    face = ab_of(result)[80:170, 190:260].reshape(-1, 2).mean(0)
    assert face[0] > 4
    assert face[1] > 4
    assert result.confidence is not None
    assert 0.1 < result.confidence < 1
    assert result.confidence_map is not None
    assert result.confidence_map.shape == (64, 64)
    assert result.model == "photochrom_fast"


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (2, 3), (31, 33), (256, 256), (400, 90)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_any_shape(colorizer: Colorizer, shape: tuple[int, int], dtype: type) -> None:
    rng = np.random.default_rng(0)
    made = pixels(colorizer(rng.integers(0, np.iinfo(dtype).max, shape, dtype)))
    assert made.shape == (*shape, 3)
    assert made.dtype == dtype


def test_every_kind_of_source_gives_the_same_picture(colorizer: Colorizer, tmp_path) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(ASTRONAUT).save(path)
    expected = pixels(colorizer(ASTRONAUT))
    for source in (path, str(path), path.read_bytes(), BytesIO(path.read_bytes()), Image.open(path)):
        assert np.array_equal(pixels(colorizer(source)), expected), type(source)


def test_a_source_is_not_changed(colorizer: Colorizer) -> None:
    own = ASTRONAUT.copy()
    colorizer(own)
    assert np.array_equal(own, ASTRONAUT)


def test_threads_share_a_colorizer(colorizer: Colorizer) -> None:
    photos = [ASTRONAUT[i : i + 200, i : i + 250] for i in range(0, 160, 20)]
    expected = [pixels(colorizer(photo)) for photo in photos]
    with ThreadPoolExecutor(4) as pool:
        for made, wanted in zip(pool.map(colorizer, photos), expected, strict=True):
            assert np.array_equal(pixels(made), wanted)


def test_vividness_and_strength_raise_colour(colorizer: Colorizer) -> None:
    for name, values in (("vividness", (0.0, 1.0, 2.0)), ("strength", (0.0, 0.5, 1.0, 1.5))):
        chroma = [np.hypot(*np.moveaxis(ab_of(colorizer(ASTRONAUT, **{name: v})), -1, 0)).mean() for v in values]
        assert chroma == sorted(chroma), name
    assert np.hypot(*np.moveaxis(ab_of(colorizer(ASTRONAUT, strength=0)), -1, 0)).mean() < 0.5


def test_a_hint_changes_its_place_and_leaves_the_rest(colorizer: Colorizer) -> None:
    plain = ab_of(colorizer(ASTRONAUT))
    steered = ab_of(colorizer(ASTRONAUT, hints=[Hint(x=256, y=420, color="#2040c0", radius=24)]))
    moved = np.linalg.norm(steered - plain, axis=-1)
    assert moved[410:430, 246:266].mean() > 3 * moved[:100, 400:].mean()
    wanted = np.array(Hint(x=0, y=0, color="#2040c0").ab)
    here = np.s_[410:430, 246:266]
    assert np.linalg.norm(steered[here].mean((0, 1)) - wanted) < np.linalg.norm(plain[here].mean((0, 1)) - wanted)


@pytest.mark.parametrize(
    "wrong",
    [
        {"vividness": -0.1},
        {"vividness": 2.1},
        {"vividness": float("nan")},
        {"strength": 1.6},
        {"input_size": 8},
        {"vividness": "1"},
        {"strength": None},
        {"input_size": 100.5},
        {"hints": "none"},
        {"hints": [{"x": 1, "y": 1, "color": "#fff"}]},
        {"auto_contrast": 1},
        {"variation": 3},
    ],
)
def test_options_out_of_range_are_named(wrong: dict[str, float]) -> None:
    with pytest.raises(OptionError) as caught:
        ColorizeOptions(**wrong)  # type: ignore[arg-type]
    assert next(iter(wrong)).rstrip("s") in str(caught.value)


def test_the_keywords_of_a_call_are_the_fields_of_the_options() -> None:
    assert set(ColorizeKwargs.__annotations__) == {field.name for field in fields(ColorizeOptions)}


def test_every_option_has_help_and_every_number_a_range() -> None:
    for field in fields(ColorizeOptions):
        assert help_of(ColorizeOptions, field.name).endswith((".", "]"))
    assert range_of(ColorizeOptions, "strength") == Range(0.0, 1.5)


@pytest.mark.parametrize("limit", [0, "many", float("nan")])
def test_a_limit_of_pixels_is_a_number(colorizer: Colorizer, limit: object) -> None:
    with pytest.raises(OptionError, check=lambda error: error.details["name"] == "max_pixels"):
        colorizer(ASTRONAUT, max_pixels=limit)


def test_old_names_work_and_say_so(colorizer: Colorizer) -> None:
    small = ASTRONAUT[:64, :64]
    wanted = colorizer(small, input_size=64, auto_contrast=True)
    with pytest.warns(DeprecationWarning, match="input_size"):
        found = colorizer(small, size=64, auto_contrast=True)
    assert np.array_equal(pixels(found), pixels(wanted))
    with pytest.warns(DeprecationWarning, match="variations"):
        assert len(colorizer.alternatives(small, 1)) == 1
    with pytest.warns(DeprecationWarning, match="suggest_colors"):
        assert colorizer.suggest(small, 5, 5, 2) == colorizer.suggest_colors(small, 5, 5, 2)
    with pytest.raises(TypeError, match="both"):
        colorizer(small, size=64, input_size=64)
    with pytest.warns(DeprecationWarning, match="VideoHint"):
        assert photochrom.FilmHint is photochrom.VideoHint


def test_a_copy_of_another_size_gets_the_same_colours(colorizer: Colorizer) -> None:
    coloring = colorizer.predict(ASTRONAUT)
    small = read_picture(Image.fromarray(ASTRONAUT).resize((128, 128)))
    preview = coloring.apply(small).picture.pages[0]
    assert (preview.height, preview.width) == (128, 128)
    assert np.array_equal(pixels(coloring.apply()), pixels(colorizer(ASTRONAUT)))
    double = replace(small, pages=(small.pages[0], small.pages[0]))
    with pytest.raises(OptionError, check=lambda error: error.code == "option.page_count"):
        coloring.apply(double)


def test_too_large_is_refused_by_name(colorizer: Colorizer) -> None:
    with pytest.raises(PictureTooLargeError, match=r"max.pixels"):
        colorizer(ASTRONAUT, max_pixels=1000)


def test_no_picture_is_refused(colorizer: Colorizer) -> None:
    with pytest.raises(UnreadablePictureError):
        colorizer(b"not a picture")


def test_one_call_is_the_object(colorizer: Colorizer) -> None:
    small = ASTRONAUT[:128, :128]
    assert np.array_equal(pixels(colorize(small)), pixels(colorizer(small)))


@pytest.mark.parametrize("threads", [0, -1])
def test_no_threads_are_refused(threads: int) -> None:
    with pytest.raises(OptionError, check=lambda error: error.details["name"] == "threads"):
        Colorizer(threads=threads)


def test_result_shows_in_notebooks(colorizer: Colorizer) -> None:
    result = colorizer(ASTRONAUT[:64, :64])
    assert Image.open(BytesIO(result._repr_png_())).size == (64, 64)
    assert repr(result).startswith("<Result 64x64 PNG by photochrom_fast, confidence=0.")


def test_pages_of_any_sizes_show_in_notebooks_no_larger_than_a_screen(colorizer: Colorizer) -> None:
    stream = BytesIO()
    pages = [Image.fromarray(ASTRONAUT[:60]).resize(size) for size in ((2000, 500), (30, 40))]
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:])
    assert Image.open(BytesIO(colorizer(stream.getvalue())._repr_png_())).size == (1024, 256)


def test_results_are_compared_and_hashed_as_objects(colorizer: Colorizer) -> None:
    one, other = colorizer(ASTRONAUT[:64, :64]), colorizer(ASTRONAUT[:64, :64])
    assert one != other
    assert len({one, other}) == 2


def test_public_surface() -> None:
    assert sorted(photochrom.__all__) == [
        "ColorizeOptions",
        "Colorizer",
        "Hint",
        "Result",
        "Suggestion",
        "Variation",
        "VideoHint",
        "__version__",
        "colorize",
        "colorize_frames",
        "colorize_video",
        "errors",
        "list_models",
    ]
    for name in photochrom.__all__:
        assert getattr(photochrom, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        photochrom.nothing  # noqa: B018


def test_import_is_silent_and_opens_nothing_heavy() -> None:
    code = (
        "import sys; before = set(sys.modules); import photochrom;"
        "print(sorted({m.split('.')[0] for m in set(sys.modules) - before} & "
        "{'numpy', 'PIL', 'onnxruntime', 'torch', 'OpenImageIO', 'typer', 'rich', 'lightning'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert done.stderr == ""


def test_colouring_works_where_torch_cannot_be_imported() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; sys.modules['lightning'] = None; import numpy as np;"
        "from photochrom import colorize; print(colorize(np.zeros((40, 50), np.uint8)).to_pil().size)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "(50, 40)\n"
    assert done.stderr == ""
