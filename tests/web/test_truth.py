"""Nothing is claimed that is not so: what a result lacks, when work can be taken, and how much of it at once."""

import io
import re
import secrets
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from PIL import Image

from photochrom.errors import UnreadablePictureError
from photochrom.web.errors import ApiError, finish_sentence, hide_folders
from photochrom.web.jobs.queue import JobQueue
from photochrom.web.jobs.repository import JobRepository
from photochrom.web.limits import Limits
from photochrom.web.storage.photos import PhotoStore
from photochrom.web.storage.store import Storage

ONCE = 30


def picture(width, height, form="PNG"):
    stream = io.BytesIO()
    Image.effect_noise((width, height), 60).save(stream, form)
    return stream.getvalue()


def film(form="mp4", codec="libx264", pixels="yuv420p"):
    av = pytest.importorskip("av", reason="films need the video extra")
    stream = io.BytesIO()
    with av.open(stream, "w", format=form) as output:
        made = output.add_stream(codec, rate=10)
        made.width, made.height, made.pix_fmt = 64, 48, pixels
        for number in range(6):
            output.mux(made.encode(av.VideoFrame.from_image(Image.new("RGB", (64, 48), (40 * number, 90, 90)))))
        output.mux(made.encode(None))
    return stream.getvalue()


@pytest.fixture(scope="module")
def service(start_service):
    """A service whose clients may have few photos and jobs."""
    return start_service(PHOTOCHROM_MAX_PHOTOS="3", PHOTOCHROM_MAX_ACTIVE_JOBS="2", PHOTOCHROM_MAX_WAITING="64")


def test_a_zip_says_which_photos_it_lacks(api, photo, finished):
    other = api.post("photos", files={"file": ("left out.tif", picture(40, 30, "TIFF"))}).json()
    outside = {"hints": [{"x": 900, "y": 1, "color": "#ff0000"}]}
    order = {"photos": [photo["id"], other["id"]], "options": {other["id"]: outside}}
    done = finished(api, api.post("jobs", json=order).json()["id"])
    assert done["status"] == "done"
    (lacking,) = done["left_out"]
    assert lacking["name"] == "left out.tif"
    assert lacking["code"]
    answer = api.get(done["result"])
    assert answer.headers["x-photochrom-left-out"] == "1"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.namelist() == ["Collins 1999.color.jpg", "left out.txt"]
        assert packed.read("left out.txt").decode().startswith("left out.tif")
    whole = finished(api, api.post("jobs", json={"photos": [photo["id"]]}).json()["id"])
    assert whole["left_out"] == []
    answer = api.get(whole["result"])
    assert answer.headers["x-photochrom-left-out"] == "0"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.namelist() == ["Collins 1999.color.jpg"]


def test_a_refusal_names_the_photo_as_its_client_calls_it(service, photo_file):
    with service.client() as api:
        for path in ("photos", "colorize"):
            cut = photo_file.read_bytes()[:9000]
            refused = api.post(path, files={"file": ("folder/Grandma 1931.jpg", cut)}).json()
            assert refused["code"] == "photo.truncated"
            assert "'Grandma 1931.jpg'" in refused["detail"]


def test_a_films_notes_are_sentences_without_a_path(service, finished):
    with service.client() as api:
        data = film("matroska", "ffv1", "bgr0")
        job = api.post("jobs", files={"file": ("a.mkv", data)}).json()
        done = finished(api, job["id"])
        assert done["status"] == "done", done
        assert done["notes"]
        assert all(re.fullmatch(r"[A-Z].*\.", note) for note in done["notes"])
        assert str(service.folder) not in str(done)
        assert api.get(done["result"]).headers["x-photochrom-notes"] == str(len(done["notes"]))


@pytest.mark.parametrize("path", ["photos", "colorize"])
@pytest.mark.parametrize("form", ["mp4", "matroska", "avi", "mpegts"])
def test_a_film_among_photos_is_sent_to_the_jobs(service, path, form):
    with service.client() as api:
        refused = api.post(path, files={"file": ("1926.jpg", film(form))})
        assert refused.status_code == 415
        assert refused.json()["error"]["code"] == "service.video_as_photo"
        # what is neither is not called a video
        assert api.post(path, files={"file": b"x" * 500}).json()["error"]["code"] != "service.video_as_photo"


def at_once(service, ask):
    """The answers to requests of one client that are sent together."""
    token = f"Bearer {secrets.token_hex(16)}"
    clients = [service.client(Authorization=token) for _ in range(ONCE)]
    with ThreadPoolExecutor(ONCE) as pool:
        return clients[0], list(pool.map(ask, clients))


def test_many_photos_at_once_are_no_more_than_allowed(service):
    data = picture(30, 20)
    api, answers = at_once(service, lambda api: api.post("photos", files={"file": data}))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * (ONCE - 3)
    assert len(api.get("photos").json()["photos"]) == 3


def test_many_films_at_once_are_no_more_than_allowed(service):
    data = film()
    api, answers = at_once(service, lambda api: api.post("jobs", files={"file": data}))
    taken = [answer for answer in answers if answer.status_code == 202]
    # one may be done before the last is asked for
    assert 2 <= len(taken) <= 4
    assert {answer.status_code for answer in answers} == {202, 429}
    assert len(api.get("jobs").json()["jobs"]) == len(taken)


def test_the_queue_takes_no_more_than_it_may(tmp_path):
    storage = Storage(str(tmp_path))
    jobs = JobRepository(storage, JobQueue(f"sqlite://{tmp_path / 'queue'}"), Limits(queue=5))

    def submit(number):
        try:
            job = jobs.create(f"{number:040x}", "batch")
            jobs.submit(job)
        except ApiError as error:
            return error.code
        return "taken"

    with ThreadPoolExecutor(ONCE) as pool:
        told = list(pool.map(submit, range(ONCE)))
    assert told.count("taken") == 5
    assert jobs.queue.length() == 5


def test_the_storage_takes_no_more_than_it_may(tmp_path):
    storage = Storage(str(tmp_path))
    with ThreadPoolExecutor(ONCE) as pool:
        taken = list(pool.map(lambda _: storage.claim(100, 1000), range(ONCE)))
    assert taken.count(True) == 10


def test_a_photo_that_is_refused_does_not_count(tmp_path):
    (tmp_path / "bad").write_bytes(b"no photo")
    (tmp_path / "good").write_bytes(picture(30, 20))
    photos = PhotoStore(Storage(str(tmp_path / "store")), Limits(photos=1))
    for _ in range(3):
        with pytest.raises(UnreadablePictureError):
            photos.add("c" * 40, tmp_path / "bad", "bad")
    photos.add("c" * 40, tmp_path / "good", "good")


def test_ready_is_said_only_of_a_service_that_can_take_work(start_service):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # the queue fits, a megabyte does not
    resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, hard))
    try:
        full = start_service()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with full.client() as api:
        answer = api.get("ready")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service.not_ready")
        assert int(answer.headers["retry-after"]) > 0
        assert api.get("health").status_code == 200
    left = [path for path in (full.folder / "store").rglob("*") if "ready" in path.name]
    assert left == []


def test_ready_is_not_said_without_the_queue(start_service):
    away = start_service(PHOTOCHROM_QUEUE_URL="redis://127.0.0.1:1/0")
    with away.client() as api:
        answer = api.get("ready")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service.queue_unavailable")


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("/var/my photos/client/reels/film.mp4 breaks off", "a.color.mp4 breaks off"),
        ("a place in /srv/store/ab/film is dark", "a place in film is dark"),
        (r"C:\Users\me\store\film is dark", "film is dark"),
        ("see https://example.org/a/b", "see https://example.org/a/b"),
        ("24/1 frames, and/or 3", "24/1 frames, and/or 3"),
    ],
)
def test_paths_of_the_server_are_not_told(note, told):
    names = {PurePosixPath("/var/my photos/client/reels/film.mp4"): "a.color.mp4", PureWindowsPath(r"D:\x"): ""}
    assert hide_folders(note, names) == told


def test_notes_are_sentences():
    assert finish_sentence("the cover was left out") == "The cover was left out."
    assert finish_sentence("It breaks off.") == "It breaks off."
