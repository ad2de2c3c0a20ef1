"""Jobs: a film and a batch from upload to result, followed, cancelled, and finished after a worker's death."""

import io
import os
import signal
import zipfile

import numpy as np
import pytest
from PIL import Image

av = pytest.importorskip("av", reason="films need the video extra")


@pytest.fixture(scope="module")
def service(start_service):
    """A service that soon notices that its worker is lost."""
    return start_service(PHOTOCHROM_WORKER_TIMEOUT="4")


@pytest.fixture(scope="module")
def film(tmp_path_factory, photo_file):
    """A film of so many frames: pans over the photo and over its mirror image, a cut each 40 frames."""
    folder = tmp_path_factory.mktemp("films")
    photo = Image.open(photo_file).convert("RGB").resize((420, 400))

    def make(frames):
        path = folder / f"{frames}.mp4"
        with av.open(str(path), "w") as output:
            stream = output.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = 192, 144, "yuv420p"
            for number in range(frames):
                shot = photo if number // 40 % 2 == 0 else photo.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
                left = 2 * (number % 40)
                output.mux(stream.encode(av.VideoFrame.from_image(shot.crop((left, 60, left + 192, 204)))))
            output.mux(stream.encode(None))
        return path

    return make


def lumas(source):
    with av.open(source) as container:
        return np.stack([frame.reformat(format="yuv420p").to_ndarray()[:144] for frame in container.decode(video=0)])


def same_pictures(result, path):
    """Whether every frame is there, at its place, but for what H.264 loses; its neighbours are farther away."""
    found, expected = lumas(io.BytesIO(result)), lumas(str(path))
    assert found.shape == expected.shape
    return np.abs(found.astype(int) - expected).mean((1, 2)).max() < 2


def send(api, path, **form):
    with path.open("rb") as file:
        answer = api.post("jobs", files={"file": ("Market 1926.mov", file)}, data=form)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == answer.json()["url"]
    return answer.json()


def test_a_film_from_upload_to_result(api, film, finished):
    path = film(60)
    job = send(api, path, options='{"vividness": 1.3}')
    with api.stream("GET", f"jobs/{job['id']}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        words = [line for line in events.iter_lines() if line]

    done = finished(api, job["id"])
    assert words[0] == "event: progress"
    assert '"status":"done"' in words[-1]
    assert (done["type"], done["name"], done["status"], done["progress"]) == (
        "video",
        "Market 1926.color.mp4",
        "done",
        1,
    )
    assert done["expires"]
    result = api.get(done["result"])
    assert result.headers["content-type"] == "video/mp4"
    assert result.headers["content-disposition"].startswith("inline")
    assert len(result.content) == done["size_bytes"]
    assert same_pictures(result.content, path)
    part = api.get(done["result"], headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == result.content[100:200]
    saved = api.get(done["result"], params={"download": 1})
    assert saved.headers["content-disposition"].startswith('attachment; filename="Market 1926.color.mp4"')
    assert [each["id"] for each in api.get("jobs").json()["jobs"]] == [job["id"]]
    assert api.delete(f"jobs/{job['id']}").status_code == 204
    assert api.get(f"jobs/{job['id']}").status_code == 404


def test_a_batch_becomes_a_zip(api, photo, finished):
    stream = io.BytesIO()
    Image.effect_mandelbrot((50, 40), (-2, -1, 1, 1), 20).save(stream, "TIFF")
    other = api.post("photos", files={"file": ("Collins 1999.tif", stream.getvalue())}).json()
    order = {"photos": [photo["id"], other["id"], photo["id"]], "options": {photo["id"]: {"strength": 0}}}
    job = api.post("jobs", json=order)
    assert job.status_code == 202

    done = finished(api, job.json()["id"])
    assert done["status"] == "done"
    with zipfile.ZipFile(io.BytesIO(api.get(done["result"]).content)) as packed:
        assert packed.namelist() == ["Collins 1999.color.jpg", "Collins 1999.color.tif", "Collins 1999.color 2.jpg"]
        assert Image.open(packed.open("Collins 1999.color.tif")).size == (50, 40)
        first = np.asarray(Image.open(packed.open("Collins 1999.color.jpg")).convert("RGB"), float)
    # strength 0 leaves it gray
    assert np.ptp(first, axis=2).mean() < 2


def test_cancelling(api, film, finished, wait_for, service):
    first, second = send(api, film(1200)), send(api, film(60))
    wait_for(lambda: api.get(f"jobs/{first['id']}").json()["progress"] > 0.02)
    # one that waits is ended at once
    assert api.post(f"jobs/{second['id']}/cancel").json()["status"] == "cancelled"
    api.post(f"jobs/{first['id']}/cancel")
    assert finished(api, first["id"], 10)["status"] == "cancelled"
    refused = api.get(f"jobs/{first['id']}/result")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "service.job_not_done"
    # nothing but the records is kept
    left = {path.name for path in (service.folder / "store").glob("*/jobs/*/*") if first["id"] in str(path)}
    assert left == {"record.json", "cancel"}


def test_deleting_a_job_that_runs(api, film, wait_for, service):
    job = send(api, film(1200))
    wait_for(lambda: api.get(f"jobs/{job['id']}").json()["status"] == "running")
    assert api.delete(f"jobs/{job['id']}").status_code == 204
    wait_for(lambda: not list((service.folder / "store").glob(f"*/jobs/{job['id']}")), 15)


def test_a_film_whose_worker_is_killed_is_finished(api, film, finished, wait_for, service):
    path = film(200)
    job = send(api, path)
    wait_for(lambda: api.get(f"jobs/{job['id']}").json()["progress"] > 0.3)
    (worker,) = service.workers()
    os.kill(worker, signal.SIGKILL)

    done = finished(api, job["id"])
    assert done["status"] == "done", done
    assert service.workers() != [worker]
    assert same_pictures(api.get(done["result"]).content, path)


def test_a_job_survives_a_restart_of_everything(start_service, film, finished, wait_for):
    service = start_service(PHOTOCHROM_WORKER_TIMEOUT="4")
    path = film(200)
    api = service.client()
    token = api.headers["authorization"]
    job = send(api, path)
    wait_for(lambda: api.get(f"jobs/{job['id']}").json()["progress"] > 0.2)
    assert service.stop() == 0
    assert list((service.folder / "tmp").iterdir()) == []
    service.start()
    with service.client(Authorization=token) as api:
        done = finished(api, job["id"])
        assert done["status"] == "done", done
        assert same_pictures(api.get(done["result"]).content, path)


def test_a_worker_that_is_lost_again_and_again_is_said(start_service, film, finished, wait_for):
    service = start_service(PHOTOCHROM_WORKER_TIMEOUT="2", PHOTOCHROM_MAX_ATTEMPTS="1")
    with service.client() as api:
        job = send(api, film(1200))
        wait_for(lambda: api.get(f"jobs/{job['id']}").json()["status"] == "running")
        for worker in service.workers():
            os.kill(worker, signal.SIGKILL)
        done = finished(api, job["id"])
        assert done["status"] == "failed"
        assert done["error_code"] == "service.worker_lost"
        assert "Market 1926.color.mp4" in done["error"]


def test_what_is_not_a_video_is_refused(api, film, photo_file, service):
    cut = film(60).read_bytes()[:3000]
    playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:1/a.ts\n#EXT-X-ENDLIST\n"
    script = b"ffconcat version 1.0\nfile /etc/passwd\n"
    for data in (cut, playlist, script, photo_file.read_bytes(), b""):
        answer = api.post("jobs", files={"file": ("film.mp4", data)})
        assert answer.status_code == 422, answer.text
        error = answer.json()["error"]
        # cut short, or not a video at all
        assert error["code"] == "service.not_a_video" or data == cut
        assert str(service.folder) not in str(error)
    assert api.get("jobs").json() == {"jobs": []}
    assert not list((service.folder / "store").glob("*/jobs/*/film"))


def test_bad_orders(api, photo, film):
    hints = '{"hints": [{"x":1,"y":1,"color":"#fff"}]}'
    data = film(60).read_bytes()
    wrong = [
        ({"json": {"photos": []}}, 422, "service.invalid_field"),
        (
            {"json": {"photos": [photo["id"]], "options": {photo["id"]: {"vividness": 9}}}},
            422,
            "service.invalid_field",
        ),
        (
            {"json": {"photos": [photo["id"]], "options": {photo["id"]: {"model": "/etc/passwd"}}}},
            422,
            "service.invalid_field",
        ),
        (
            {"json": {"photos": [photo["id"]], "options": {photo["id"]: {"model": "nothing"}}}},
            422,
            "service.unknown_model",
        ),
        ({"content": b"photos=1", "headers": {"Content-Type": "text/plain"}}, 415, "service.unknown_content_type"),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 422, "service.invalid_request"),
        ({"files": {"other": b"x"}}, 422, "service.unknown_field"),
        ({"files": {"file": (None, "x")}}, 422, "service.file_missing"),
        ({"files": {"file": data}, "data": {"options": hints}}, 422, "service.photo_option"),
        ({"files": {"file": data}, "data": {"container": "exe"}}, 422, "service.unknown_container"),
        ({"json": {"photos": ["A" * 22]}}, 404, "service.not_found"),
    ]
    for request, status, code in wrong:
        answer = api.post("jobs", **request)
        assert answer.status_code == status, answer.text
        assert answer.json()["error"]["code"] == code
    assert api.get("jobs").json() == {"jobs": []}
