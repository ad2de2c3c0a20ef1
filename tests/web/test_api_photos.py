"""Photos through HTTP: put there, looked at, coloured, steered, deleted; what the file came with comes back."""

import base64
import json
from io import BytesIO

import numpy as np
import pytest
from PIL import Image


def test_a_photo_is_described_by_its_content(api, photo_file):
    with photo_file.open("rb") as file:
        answer = api.post("photos", files={"file": ("../../etc/a name.png", file, "image/png")})
    facts = answer.json()

    assert answer.status_code == 201
    assert facts["format"] == "JPEG"
    assert (facts["width"], facts["height"], facts["bits"], facts["pages"]) == (512, 512, 8, 1)
    assert facts["name"] == "a name.png"
    assert facts["has_color"] is False
    assert api.get("photos").json()["photos"] == [facts]
    assert api.get(f"photos/{facts['id']}").json()["sha256"] == facts["sha256"]
    assert api.delete(f"photos/{facts['id']}").status_code == 204
    assert api.get(f"photos/{facts['id']}").status_code == 404
    assert api.get("photos").json() == {"photos": []}


def test_colour_is_seen(api):
    stream = BytesIO()
    Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 20).convert("RGB").save(stream, "PNG")
    gray = api.post("photos", files={"file": stream.getvalue()}).json()
    stream = BytesIO()
    Image.new("RGB", (64, 64), "orange").save(stream, "PNG")
    colored = api.post("photos", files={"file": stream.getvalue()}).json()

    assert gray["has_color"] is False
    assert colored["has_color"] is True


def test_previews(api, photo, opened):
    before = opened(api.get(f"photos/{photo['id']}/preview", params={"max_size": 200}))
    answer = api.post(f"photos/{photo['id']}/colorize", json={"max_size": 200})
    after = opened(answer)

    assert before.size == after.size == (200, 200)
    assert before.mode == "L"
    assert answer.headers["content-type"] == "image/jpeg"
    assert 0 < float(answer.headers["x-photochrom-confidence"]) < 1
    assert np.ptp(np.asarray(after, float), axis=2).max() > 40
    # the lightness is the photo's
    assert np.abs(np.asarray(after.convert("L"), float) - np.asarray(before, float)).mean() < 6


def test_the_preview_is_the_file_made_small(api, photo, opened):
    options = {
        "vividness": 1.4,
        "variation": {"seed": 3, "index": 1},
        "hints": [{"x": 250, "y": 60, "color": "#3a5fa0"}],
    }
    small = opened(api.post(f"photos/{photo['id']}/colorize", json={"options": options, "max_size": 256}))
    whole = opened(api.post(f"photos/{photo['id']}/colorize", json={"options": options, "output": "file"}))

    expected = np.asarray(whole.resize((256, 256), Image.Resampling.LANCZOS), float)
    assert np.abs(np.asarray(small, float) - expected).mean() < 3


def test_the_file_keeps_what_it_came_with(api, photo_file, opened):
    photo = Image.open(photo_file)
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "Grandfather, 1936", 6
    profile = photo.info.get("icc_profile") or _profile()
    stream = BytesIO()
    photo.resize((120, 80)).save(stream, "JPEG", exif=exif, icc_profile=profile, dpi=(300, 300))
    kept = api.post("photos", files={"file": ("1936.jpg", stream.getvalue())}).json()
    assert (kept["width"], kept["height"]) == (80, 120)

    answer = api.post(f"photos/{kept['id']}/colorize", json={"output": "file"})
    result = opened(answer)

    assert answer.headers["content-disposition"].startswith('attachment; filename="1936.color.jpg"')
    assert result.format == "JPEG"
    assert result.size == (80, 120)
    assert result.getexif()[0x010E] == "Grandfather, 1936"
    assert result.info["dpi"] == (300, 300)
    assert b"compositeWithTrainedAlgorithmicMedia" in answer.content


def _profile():
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_sixteen_bits_stay_sixteen(api):
    tifffile = pytest.importorskip("tifffile")
    ramp = np.tile(np.linspace(0, 65535, 96).astype(np.uint16), (64, 1))
    stream = BytesIO()
    tifffile.imwrite(stream, ramp, photometric="minisblack", resolution=(600, 600), resolutionunit="INCH")
    answer = api.post("colorize", files={"file": ("scan.tif", stream.getvalue())})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/tiff"
    with tifffile.TiffFile(BytesIO(answer.content)) as result:
        page = result.pages[0]
        assert page.asarray().shape == (64, 96, 3)
        assert page.asarray().dtype == np.uint16
        assert len(np.unique(page.asarray()[0, :, 1])) > 80
        assert page.tags["XResolution"].value == (600, 1)


def test_other_formats(api, photo, opened):
    for name in ("png", "WEBP", "tiff"):
        answer = api.post(f"photos/{photo['id']}/colorize", json={"output": "file", "format": name})
        assert opened(answer).format == name.upper()
    suffix = answer.headers["content-disposition"].split('"')[1]
    assert suffix == "Collins 1999.color.tif"


def test_one_call_gives_json_where_asked_for(api, photo_file):
    with photo_file.open("rb") as file:
        form = {"options": json.dumps({"strength": 0.5}), "output": "png"}
        answer = api.post("colorize", files={"file": file}, data=form, headers={"Accept": "application/json"})
    facts = answer.json()

    assert answer.status_code == 200
    assert Image.open(BytesIO(base64.b64decode(facts["image"]))).format == "PNG"
    assert (facts["width"], facts["height"], facts["model"]) == (512, 512, "photochrom_fast")
    assert 0 < facts["confidence"] < 1
    assert api.get("photos").json() == {"photos": []}


def test_what_was_left_out_of_a_photo_is_noted(api, photo_file):
    data = BytesIO()
    Image.open(photo_file).resize((64, 64)).save(data, "PNG")
    whole = data.getvalue()
    broken = whole[:33] + b"\0\0\0\x05tEXtA\0old\1\2\3\4" + whole[33:]
    answer = api.post("colorize", files={"file": ("a.png", broken)}, headers={"Accept": "application/json"})
    notes = answer.json()["notes"]
    assert len(notes) == 1
    assert "tEXt" in notes[0]
    answer = api.post("colorize", files={"file": ("a.png", broken)})
    assert json.loads(answer.headers["x-photochrom-notes"]) == notes
    assert "x-photochrom-notes" not in api.post("colorize", files={"file": ("a.png", whole)}).headers


def test_hints_change_the_place_they_are_at(api, photo, opened):
    def paint(hints):
        answer = api.post(f"photos/{photo['id']}/colorize", json={"options": {"hints": hints}, "max_size": 512})
        return np.asarray(opened(answer), float)

    plain = paint([])
    green = paint([{"x": 420, "y": 120, "color": "#20a040", "radius": 12}])
    change = np.abs(green - plain).max(2)
    assert change[110:130, 410:430].mean() > 3 * change[380:, :100].mean()


def test_suggestions_variations_and_confidence(api, photo, opened):
    place = f"photos/{photo['id']}"
    found = api.post(f"{place}/suggestions", json={"x": 250.5, "y": 60, "count": 3}).json()["suggestions"]
    assert 1 <= len(found) <= 3
    assert [each["probability"] for each in found] == sorted((each["probability"] for each in found), reverse=True)
    assert all(len(each["color"]) == 7 for each in found)

    asked = {"count": 2, "seed": 3, "max_size": 128}
    made = api.post(f"{place}/variations", json=asked).json()["variations"]
    assert [(each["seed"], each["index"]) for each in made] == [(3, 0), (3, 1)]
    one, two = (Image.open(BytesIO(base64.b64decode(each["image"].partition(",")[2]))) for each in made)
    assert one.size == two.size == (128, 128)
    assert np.abs(np.asarray(one, float) - np.asarray(two, float)).mean() > 1
    assert api.post(f"{place}/variations", json=asked).json()["variations"] == made

    drawn = api.post(f"{place}/confidence", json={"max_size": 300})
    assert opened(drawn).format == "PNG"
    assert opened(drawn).size == (300, 300)


def test_a_reference_gives_its_colours(api, photo, opened):
    skimage = pytest.importorskip("skimage.data")
    stream = BytesIO()
    Image.fromarray(skimage.astronaut()).save(stream, "PNG")
    other = api.post("photos", files={"file": stream.getvalue()}).json()
    truth = np.asarray(Image.open(stream).convert("RGB"), float)

    def paint(**options):
        answer = api.post(f"photos/{photo['id']}/colorize", json={"options": options, "max_size": 512})
        return np.asarray(opened(answer), float), answer

    plain, _ = paint()
    led, answer = paint(reference=other["id"])
    assert int(answer.headers["x-photochrom-matches"]) > 20
    assert np.abs(led - truth).mean() < 0.8 * np.abs(plain - truth).mean()


def test_a_project_comes_back_as_it_went(api, photo):
    options = {
        "vividness": 1.3,
        "palette": ["#aa3322"],
        "hints": [{"x": 10, "y": 20, "color": "#ffcc00", "radius": 2}],
    }
    place = f"photos/{photo['id']}"
    saved = api.post(f"{place}/projects/export", json={"options": options})
    assert saved.status_code == 200
    assert 'filename="Collins 1999.photochrom.json"' in saved.headers["content-disposition"]

    back = api.post(f"{place}/projects/import", files={"project": saved.content}).json()["options"]
    assert back["vividness"] == 1.3
    assert back["palette"] == ["#aa3322"]
    assert back["hints"] == [{"x": 10, "y": 20, "color": "#ffcc00", "radius": 2}]

    stream = BytesIO()
    Image.new("L", (30, 30), 90).save(stream, "PNG")
    other = api.post("photos", files={"file": stream.getvalue()}).json()
    refused = api.post(f"photos/{other['id']}/projects/import", files={"project": saved.content})
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "service.other_photo"
    assert api.post(f"{place}/projects/import", files={"project": b"{}"}).status_code == 422


def test_models_and_limits(api):
    first, *_ = api.get("models").json()
    assert first["name"] == "photochrom_fast"
    assert first["default"]
    assert first["hints"]
    assert first["megabytes"] > 5
    assert api.get("limits").json()["pixels"] > 10_000_000
    assert len(api.post("tokens").json()["token"]) == 64
    assert api.get("ready").json() == {"status": "ready"}


def _noise(seed, format_name, **options):
    pixels = np.random.default_rng(seed).integers(0, 256, (160, 200), dtype=np.uint8)
    stream = BytesIO()
    Image.fromarray(pixels).resize((400, 320)).save(stream, format_name, **options)
    return stream.getvalue()


@pytest.mark.parametrize("format_name", ["JPEG", "PNG"])
def test_of_a_cut_photo_nothing_comes_from_the_photo_before(api, format_name, opened):
    other, cut = _noise(1, format_name), _noise(2, format_name)
    cut = cut[: len(cut) * 6 // 10]
    assert api.post("colorize", files={"file": other}).status_code == 200
    refused = api.post("colorize", files={"file": cut})
    assert (refused.status_code, refused.json()["code"]) == (422, "photo.truncated")
    assert api.post("photos", files={"file": cut}).json()["code"] == "photo.truncated"

    answer = api.post("colorize", files={"file": cut}, data={"options": '{"salvage": true}'})
    stored = api.post("photos", files={"file": cut}, data={"salvage": "true"}).json()
    later = api.post(f"photos/{stored['id']}/colorize", json={"output": "file"})
    for each in (answer, later):
        assert each.status_code == 200
        assert each.headers["X-Photochrom-Notes"]
        pixels = np.asarray(opened(each).convert("RGB")).astype(int)
        # the last quarter is gray, to what the format keeps
        assert np.abs(pixels[-80:] - 128).max() <= (0 if format_name == "PNG" else 3)
        assert pixels[:80].std() > 20
    # nor does a preview show colours that the file has not
    seen = opened(api.post(f"photos/{stored['id']}/colorize", json={"output": "preview"})).convert("RGB")
    assert np.ptp(np.asarray(seen).astype(int)[-seen.height // 8 :], axis=2).max() <= 4
