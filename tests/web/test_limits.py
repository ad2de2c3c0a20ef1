"""Every limit is told, is kept, and has its status and code; too much work at once is 503, and nothing of it stays."""

import io
import re
import socket
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from photochrom.errors import OptionError
from photochrom.web.limits import Limits


def picture(width, height, name="PNG"):
    stream = io.BytesIO()
    Image.new("L", (width, height), 128).save(stream, name)
    return stream.getvalue()


def told(answer, status, code):
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code
    for part in (error["message"], error["remedy"]):
        assert re.fullmatch(r"[A-Z0-9][^\n]{5,200}\.", part), error
        assert "/" not in part


@pytest.fixture(scope="module")
def service(start_service):
    """A small service."""
    return start_service(
        PHOTOCHROM_MAX_PHOTO_BYTES="2000000",
        PHOTOCHROM_MAX_VIDEO_BYTES="3000000",
        PHOTOCHROM_MAX_PIXELS="1000000",
        PHOTOCHROM_MAX_VIDEO_PIXELS="10000",
        PHOTOCHROM_MAX_VIDEO_SECONDS="3",
        PHOTOCHROM_MAX_HINTS="3",
        PHOTOCHROM_MAX_PHOTOS="2",
        PHOTOCHROM_MAX_JOBS="2",
        PHOTOCHROM_MAX_ACTIVE_JOBS="1",
        PHOTOCHROM_MAX_IDLE_SECONDS="1",
        PHOTOCHROM_MAX_WAITING="1",
        PHOTOCHROM_QUEUE_TIMEOUT="1",
        PHOTOCHROM_MAX_JOB_SECONDS="3",
    )


def test_they_are_told(api):
    known = api.get("limits").json()
    assert known["pixels"] == 1_000_000
    assert known["hints"] == 3
    assert known["photo_seconds"] == 3600


def test_pixels(api):
    told(api.post("photos", files={"file": picture(1001, 1000)}), 413, "service.photo_too_large")
    told(api.post("colorize", files={"file": picture(1001, 1000)}), 413, "service.photo_too_large")
    # told by the header alone, before anything is decoded
    bomb = bytearray(picture(10, 10))
    bomb[16:24] = (60000).to_bytes(4, "big") * 2
    answer = api.post("colorize", files={"file": bytes(bomb)})
    assert answer.status_code in (413, 422)


def test_bytes(api):
    long = b"\xff\xd8\xff" + bytes(4_000_000)

    def pieces():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for start in range(0, len(long), 65536):
            yield long[start : start + 65536]
        yield b"\r\n--x--\r\n"

    # a length that is not told beforehand is counted
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    told(api.post("photos", content=pieces(), headers=form), 413, "service.upload_too_large")


def raw(service, head, body=b"", wait=8.0):
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=wait) as line:
        line.sendall(head.encode() + body)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    return answer.decode()


def test_a_length_that_is_too_large_is_refused_before_the_body_comes(service):
    head = "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    answer = raw(service, f"{head}Content-Length: 99000000\r\n\r\n")
    assert answer.startswith("HTTP/1.1 413")
    assert "service.upload_too_large" in answer


def test_a_slow_upload_is_given_up(service):
    head = "POST /api/v1/photos HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    begin = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc'
    answer = raw(service, f"{head}Content-Length: 9000\r\n\r\n", begin)
    assert answer.startswith("HTTP/1.1 408")
    assert "service.upload_too_slow" in answer


def test_a_client_that_goes_in_the_middle_leaves_nothing(service, api, wait_for):
    host, port = service.url.removeprefix("http://").split(":")
    for path in ("photos", "jobs", "colorize"):
        with socket.create_connection((host, int(port))) as line:
            head = (
                f"POST /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            )
            begin = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + bytes(1_500_000)
            line.sendall(f"{head}Content-Length: 1900000\r\n\r\n".encode() + begin)
    assert api.get("health").status_code == 200

    def is_empty():
        return not [path for path in (service.folder / "tmp").iterdir() if "metrics" not in path.name]

    wait_for(is_empty)
    assert api.get("photos").json() == {"photos": []}
    wait_for(lambda: not list((service.folder / "store").glob("*/jobs/*/*")))
    assert service.errors() == ""


def test_photos_and_hints(api):
    first = api.post("photos", files={"file": picture(40, 30)}).json()
    api.post("photos", files={"file": picture(40, 30)})
    told(api.post("photos", files={"file": picture(40, 30)}), 429, "service.too_many_photos")
    hints = [{"x": 1, "y": 1, "color": "#ff0000"}] * 4
    told(api.post(f"photos/{first['id']}/colorize", json={"options": {"hints": hints}}), 422, "service.too_many_hints")
    outside = [{"x": 100, "y": 1, "color": "#ff0000"}]
    refused = api.post(f"photos/{first['id']}/colorize", json={"options": {"hints": outside}})
    assert refused.status_code == 422


def film(seconds, width=64):
    av = pytest.importorskip("av", reason="films need the video extra")
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as output:
        picture_stream = output.add_stream("libx264", rate=10)
        picture_stream.width, picture_stream.height, picture_stream.pix_fmt = width, 64, "yuv420p"
        for number in range(seconds * 10):
            image = Image.new("RGB", (width, 64), (number % 200, 90, 90))
            output.mux(picture_stream.encode(av.VideoFrame.from_image(image)))
        output.mux(picture_stream.encode(None))
    return stream.getvalue()


def test_films_and_jobs(api, service, finished, wait_for):
    told(api.post("jobs", files={"file": film(1, 200)}), 413, "service.video_too_large")
    told(api.post("jobs", files={"file": film(4)}), 413, "service.video_too_long")
    assert not list((service.folder / "store").glob("*/jobs/*/*"))
    first = api.post("jobs", files={"file": film(2)})
    assert first.status_code == 202
    told(api.post("jobs", files={"file": film(2)}), 429, "service.too_many_active_jobs")
    assert finished(api, first.json()["id"])["status"] == "done"
    # after its time the job is gone, files and all
    wait_for(lambda: not list((service.folder / "store").glob("*/jobs/*")))
    assert api.get(f"jobs/{first.json()['id']}").status_code == 404


def test_too_much_at_once_is_503_and_passes(service, photo_file):
    data, answers = photo_file.read_bytes(), []

    def ask():
        with service.client() as api:
            answers.extend(api.post("colorize", files={"file": data}) for _ in range(3))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [answer for answer in answers if answer.status_code != 200]
    assert {answer.status_code for answer in refused} == {503}
    assert len(refused) < len(answers)
    for answer in refused:
        assert answer.json()["error"]["code"] == "service.busy"
        assert int(answer.headers["retry-after"]) >= 1
    with service.client() as api:
        assert api.post("colorize", files={"file": data}).status_code == 200
        figures = api.get(f"{service.url}/metrics").text
    counted = re.search(r'photochrom_rejected_total{status="503"} (\d+)', figures)
    assert int(counted[1]) == len(refused)


def test_photos_expire(start_service, wait_for):
    service = start_service(PHOTOCHROM_MAX_PHOTO_SECONDS="2")
    with service.client() as api:
        kept = api.post("photos", files={"file": picture(40, 30)}).json()
        for _ in range(4):
            # what is used stays
            time.sleep(0.8)
            assert api.get(f"photos/{kept['id']}").status_code == 200
        time.sleep(2.2)
        assert api.get(f"photos/{kept['id']}/preview").status_code == 404
        wait_for(lambda: not list((service.folder / "store").glob("*/photos/*")))


def test_a_full_disk_is_507_and_leaves_nothing(start_service, finished):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # no file of the service may be longer than this
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        service = start_service()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    stream = io.BytesIO()
    Image.effect_noise((900, 600), 60).save(stream, "PNG")
    with service.client() as api:
        told(api.post("photos", files={"file": stream.getvalue()}), 507, "service.disk_full")
        stream = io.BytesIO()
        Image.effect_noise((500, 400), 60).save(stream, "JPEG")
        kept = api.post("photos", files={"file": stream.getvalue()}).json()
        # its colours do not fit
        wanted = {"output": "file", "format": "BMP"}
        told(api.post(f"photos/{kept['id']}/colorize", json=wanted), 507, "service.disk_full")
        job = api.post("jobs", json={"photos": [kept["id"]], "format": "tiff"}).json()
        done = finished(api, job["id"])
        assert done["status"] == "failed"
        assert done["error_code"] == "service.disk_full"
        assert [each["id"] for each in api.get("photos").json()["photos"]] == [kept["id"]]
    left = {path.name for path in Path(service.folder / "store").rglob("*") if path.is_file()}
    assert not {name for name in left if name.endswith(".part")}
    assert not [path for path in (service.folder / "tmp").iterdir() if "metrics" not in path.name]


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("PHOTOCHROM_MAX_PIXELS", "-1", "service.invalid_limit"),
        ("PHOTOCHROM_MAX_PIXELS", "0", "service.invalid_limit"),
        ("PHOTOCHROM_QUEUE_TIMEOUT", "soon", "service.invalid_limit"),
        ("PHOTOCHROM_MAX_PIXLES", "5", "service.unknown_limit"),
    ],
)
def test_a_wrong_limit_is_refused(monkeypatch, variable, value, code):
    monkeypatch.setenv(variable, value)
    with pytest.raises(OptionError, check=lambda error: error.code == code):
        Limits.from_environment()


def test_limits_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("PHOTOCHROM_MAX_PIXELS", "5")
    monkeypatch.setenv("PHOTOCHROM_WORKER_TIMEOUT", "7")
    assert (Limits.from_environment().pixels, Limits.from_environment().worker_timeout) == (5, 7)
