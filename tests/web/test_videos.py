"""Stored videos: their shots, options tried on stills, and several runs of one upload."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from photochrom.web.jobs.kept_shots import KeptShots
from photochrom.web.jobs.pace import PaceBook
from photochrom.web.jobs.queue import JobQueue
from photochrom.web.jobs.repository import JobRepository
from photochrom.web.jobs.video_order import read_order
from photochrom.web.limits import Limits
from photochrom.web.storage.store import Storage

av = pytest.importorskip("av", reason="films need the video extra")


@pytest.fixture(scope="module")
def service(start_service):
    return start_service(PHOTOCHROM_MAX_VIDEOS="2")


@pytest.fixture(scope="module")
def film(tmp_path_factory, photo_file):
    """Two shots of 25 frames: pans over the photo, and over it upside down."""
    path = tmp_path_factory.mktemp("films") / "Market 1926.mp4"
    photo = Image.open(photo_file).convert("RGB").resize((420, 400))
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 192, 144, "yuv420p"
        for number in range(50):
            shot = photo if number < 25 else photo.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            left = 2 * (number % 25)
            output.mux(stream.encode(av.VideoFrame.from_image(shot.crop((left, 60, left + 192, 204)))))
        output.mux(stream.encode(None))
    return path


@pytest.fixture
def video(api, film, wait_for):
    """The film, stored, with its shots."""
    made = api.post("videos", files={"file": (film.name, film.read_bytes())})
    assert made.status_code == 201, made.text
    facts = made.json()
    assert made.headers["location"].endswith(f"/videos/{facts['id']}")
    shots = wait_for(lambda: (found := api.get(f"videos/{facts['id']}/shots").json())["complete"] and found)
    return facts | {"shots": shots["shots"]}


def pixels(answer):
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB"), float)


def test_shots_and_what_options_do_to_them(api, film, video):
    assert (video["width"], video["height"], video["frames"], video["name"]) == (192, 144, 50, film.name)
    assert video["estimate"] > 0
    assert video["codecs"]["webm"][0] == "vp9"
    assert [shot["time"] for shot in video["shots"]] == [0, 1]
    assert [shot["seconds"] for shot in video["shots"]] == [1, 1]
    place = f"videos/{video['id']}/shots"
    with av.open(str(film)) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    for shot in video["shots"]:
        gray = pixels(api.get(f"{place}/{shot['number']}/preview"))
        assert gray.shape == (144, 192, 3)
        nearest = min(range(50), key=lambda number: np.abs(frames[number] - gray[..., 0]).mean())
        assert nearest == round(25 * shot["still"])
        # each setting is seen
        plain = pixels(api.post(f"{place}/{shot['number']}/colorize", json={}))
        none = pixels(api.post(f"{place}/{shot['number']}/colorize", json={"options": {"strength": 0}}))
        assert np.ptp(plain, axis=2).mean() > 4 > np.ptp(none, axis=2).mean()
    # a hint where it is light, in pixels of the video
    light = pixels(api.get(f"{place}/0/preview"))[20:-20, 20:-20, 0]
    y, x = (int(each) + 20 for each in np.unravel_index(light.argmax(), light.shape))
    hint = {"x": x, "y": y, "color": "#c02020", "radius": 16}
    hinted = pixels(api.post(f"{place}/0/colorize", json={"options": {"hints": [hint]}, "max_size": 96}))
    assert hinted.shape == (72, 96, 3)
    red, _, blue = hinted[y // 2, x // 2]
    assert red > blue + 20
    for path, body, code in (
        ("0", {"options": {"variation": {"seed": 1}}}, "service.photo_option"),
        ("0", {"options": {"hints": [hint | {"x": 193}]}}, "service.hint_outside"),
        ("7", {}, "service.not_found"),
    ):
        assert api.post(f"{place}/{path}/colorize", json=body).json()["code"] == code
    part = api.get(f"videos/{video['id']}/file", headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, film.read_bytes()[5:10])


def test_one_upload_serves_several_runs(api, video, finished, photo_file):
    orange = io.BytesIO()
    ImageOps.colorize(Image.open(photo_file).convert("L"), "navy", "orange").save(orange, "PNG")
    reference = api.post("photos", files={"file": ("orange.png", orange.getvalue())}).json()["id"]
    orders = (
        {"container": "webm", "options": {"vividness": 1.4}},
        {
            "container": "mkv",
            "codec": "ffv1",
            "hints": [{"time": 1.2, "x": 90, "y": 70, "color": "#c02020", "radius": 20}],
            "references": [{"photo": reference, "time": 0.2}],
        },
    )
    seen = []
    for order in orders:
        job = api.post("jobs", json={"video": video["id"]} | order).json()
        assert (job["type"], job["video"]) == ("video", video["id"])
        done = finished(api, job["id"])
        assert done["status"] == "done", done
        assert done["name"] == f"Market 1926.color.{order['container']}"
        with av.open(io.BytesIO(api.get(done["result"]).content)) as container:
            seen.append(container.streams.video[0].codec_context.name)
            assert sum(1 for _ in container.decode(video=0)) == 50
    assert seen[0].endswith("vp9")
    assert seen[1] == "ffv1"
    # what was measured tells how long the next takes
    assert api.get(f"videos/{video['id']}").json()["estimate"] != video["estimate"]


def test_a_run_with_another_hint_colours_its_shot_alone_anew(api, video, finished):
    def run(**order):
        job = api.post("jobs", json={"video": video["id"], "container": "mkv", "codec": "ffv1"} | order).json()
        done = finished(api, job["id"])
        assert done["status"] == "done", done
        with av.open(io.BytesIO(api.get(done["result"]).content)) as container:
            frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]
        return done, np.array(frames)

    hint = {"time": 1.4, "x": 96, "y": 72, "color": "#2040ff", "radius": 30}
    first, before = run()
    second, after = run(hints=[hint])
    assert (first["kept_frames"], second["kept_frames"]) == (0, 25)
    # a person who gave a hint is not warned of it
    assert second["notes"] == first["notes"]
    assert np.array_equal(after[:25], before[:25])
    assert abs(after[35] - before[35])[52:92, 76:116].mean() > 10
    # with nothing changed nothing is coloured; another vividness is another film
    third, again = run(hints=[hint])
    assert third["kept_frames"] == 50
    assert np.array_equal(again, after)
    other, livelier = run(options={"vividness": 1.8})
    assert other["kept_frames"] == 0
    assert not np.array_equal(livelier[:25], before[:25])
    # and what is kept goes with the video
    assert api.delete(f"videos/{video['id']}").status_code == 204
    assert api.get(f"videos/{video['id']}").status_code == 404


@pytest.mark.parametrize(
    ("status", "code", "kept"),
    [("cancelled", None, True), ("failed", "service.not_found", True), ("failed", "service.failed", False)],
)
def test_a_run_that_ends_early_puts_back_the_shots_that_it_took(tmp_path, status, code, kept):
    storage = Storage(str(tmp_path / "store"))
    jobs = JobRepository(storage, JobQueue(f"sqlite://{tmp_path / 'queue'}"), Limits())
    storage.write("c/videos/v/record.json", b"{}")
    shots = KeptShots(storage, "c", "v", {"vividness": 1})
    first, second = (replace(jobs.create("c", "video"), video="v") for _ in range(2))
    folder = storage.folder(f"{first.folder}/work")
    for name in ("shot", "film"):
        (folder / name).write_text(name)
    shots.give(folder, folder / "film")
    work = storage.folder(f"{second.folder}/work")
    shots.take(work)
    assert [path.name for path in work.iterdir()] == ["shot"]
    jobs.finish(replace(second, error_code=code), status)
    assert [path.name for path in (tmp_path / "store").glob("c/videos/v/kept/*/*")] == ["shot"] * kept
    # nothing but the records is left of the job itself
    assert "record.json" in storage.names(second.folder)
    assert not {"work", "taken"} & set(storage.names(second.folder))


def test_what_cannot_be_done_is_refused_at_once(api, video):
    ghost = "a" * 22
    for order, code in (
        ({"video": ghost}, "service.not_found"),
        ({"video": video["id"], "codec": "prores"}, "video.codec_not_in_container"),
        ({"video": video["id"], "codec": "divx"}, "video.codec_unknown"),
        ({"video": video["id"], "container": "exe"}, "service.invalid_field"),
        ({"video": video["id"], "references": [{"photo": ghost}]}, "service.not_found"),
        ({"video": video["id"], "hints": [{"time": 0, "x": 500, "y": 1, "color": "#fff"}]}, "service.hint_outside"),
        ({"video": video["id"], "hints": [{"x": 5, "y": 1, "color": "#fff"}]}, "service.invalid_field"),
        ({"video": video["id"], "photos": [ghost]}, "service.unknown_field"),
    ):
        answer = api.post("jobs", json=order)
        assert (answer.status_code in (404, 422), answer.json()["code"]) == (True, code), order
    assert api.get("jobs").json() == {"jobs": []}


def test_videos_are_limited_and_belong_to_one_client(service, api, film, video):
    with service.client() as other:
        for path in ("", "/shots", "/file", "/shots/0/preview"):
            assert other.get(f"videos/{video['id']}{path}").status_code == 404
        assert other.post("jobs", json={"video": video["id"]}).status_code == 404
    assert api.post("videos", files={"file": ("a.mp4", b"nothing")}).json()["code"] == "service.not_a_video"
    sent = {"files": {"file": (film.name, film.read_bytes())}, "headers": {"Idempotency-Key": "film-once"}}
    assert api.post("videos", **sent).json()["id"] == api.post("videos", **sent).json()["id"]
    refused = api.post("videos", files={"file": (film.name, film.read_bytes())})
    assert (refused.status_code, refused.json()["code"]) == (429, "service.too_many_videos")
    assert api.delete(f"videos/{video['id']}").status_code == 204
    assert len(api.get("videos").json()["videos"]) == 1
    assert not list((service.folder / "store").glob(f"*/videos/{video['id']}"))


def test_the_time_it_takes_is_known_from_the_start(api, video):
    job = api.post("jobs", json={"video": video["id"]}).json()
    lines = api.get(f"jobs/{job['id']}/events").text.splitlines()
    told = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    running = [each for each in told if each["status"] == "running"]
    assert all(each["seconds_left"] is not None for each in running[1:])


def test_paces_are_measured(tmp_path):
    book = PaceBook(Storage(str(tmp_path)))
    unknown = book.estimate("a", 100, 1_000_000)
    for _ in range(20):
        book.note("a", 50, 2_000_000, 80.0)
    assert book.estimate("a", 50, 2_000_000) == pytest.approx(80, rel=0.01)
    assert book.estimate("a", 100, 500_000) < book.estimate("a", 100, 2_000_000)
    assert book.estimate("b", 100, 1_000_000) == unknown
    book.note("a", 0, 1, 5.0)


def test_orders_of_version_0_1_are_read():
    assert read_order(b'{"vividness": 1.5}').options.vividness == 1.5
    assert read_order(b'{"options": {"strength": 0.5}, "codec": "h265"}').codec == "h265"
