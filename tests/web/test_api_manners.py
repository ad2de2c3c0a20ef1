"""What other programs build on: descriptions, problem details, addresses, methods, and requests that are sent again."""

import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

import photochrom.options
from photochrom.options import range_of
from photochrom.user_study.server import listen

DESCRIPTION = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"


def test_the_committed_description_is_what_the_service_gives(service):
    given = httpx.get(f"{service.url}/api/v1/openapi.json").json()
    given["info"]["version"] = "0"
    text = json.dumps(given, indent=1, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        DESCRIPTION.write_text(text)
    assert DESCRIPTION.read_text() == text, "run  make snapshots  if the change is meant, and say it in CHANGELOG.md"


def test_operations_have_names_and_say_who_may_ask(service):
    page = httpx.get(f"{service.url}/api/v1/openapi.json").json()
    operations = [operation for methods in page["paths"].values() for operation in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert {"create_photo", "colorize_photo", "create_job", "get_result", "colorize"} <= set(names)
    assert set(page["components"]["securitySchemes"]) == {"token", "browser"}
    assert all(operation["security"] for operation in operations)
    options = page["components"]["schemas"]["ColorizeOptions"]["properties"]
    for name in ("vividness", "strength"):
        bounds = range_of(photochrom.options.ColorizeOptions, name)
        assert (options[name]["minimum"], options[name]["maximum"]) == (bounds.low, bounds.high)


def test_refusals_are_problem_details(api):
    answer = api.post("photos", files={"file": b"nothing"})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == answer.status_code == 422
    assert problem["type"] == f"urn:photochrom:error:{problem['code']}"
    assert problem["title"]
    assert problem["error"] == {"code": problem["code"], "message": problem["detail"], "remedy": problem["remedy"]}


def test_a_wrong_method_is_told_the_right_ones(api, photo):
    for path, allowed in (
        (f"photos/{photo['id']}", "DELETE, GET, HEAD"),
        ("photos", "GET, HEAD, POST"),
        ("tokens", "POST"),
        ("limits", "GET, HEAD"),
    ):
        answer = api.request("PATCH", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_a_wrong_token_is_told_what_is_asked_for(service):
    with service.client(Authorization="Bearer no") as api:
        answer = api.get("photos")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_head_has_the_headers_of_get(service, api, photo):
    for path in ("limits", "photos", f"photos/{photo['id']}/preview", "nothing"):
        got, headed = api.get(path), api.head(path)
        assert headed.status_code == got.status_code
        assert headed.content == b""
        assert headed.headers["content-type"] == got.headers["content-type"]
    assert httpx.head(f"{service.url}/").status_code == 200
    # the connection stays usable
    assert api.get("limits").status_code == 200


@pytest.mark.parametrize("name", ["png", "PNG", "Png", "tif", "TIFF", "Jpg", "webp"])
def test_formats_in_any_case(api, photo, photo_file, name):
    answer = api.post(f"photos/{photo['id']}/colorize", json={"output": "file", "format": name})
    assert answer.status_code == 200, answer.text
    known = {"JPG": "JPEG", "TIF": "TIFF"}.get(name.upper(), name.upper())
    assert Image.open(io.BytesIO(answer.content)).format == known
    other = api.post("colorize", files={"file": photo_file.read_bytes()}, data={"output": name})
    assert Image.open(io.BytesIO(other.content)).format == known


def test_a_format_that_is_not_one_is_refused(api, photo):
    for wrong in ("exe", 5, ""):
        answer = api.post(f"photos/{photo['id']}/colorize", json={"output": "file", "format": wrong})
        assert answer.json()["code"] == "service.invalid_field"


def test_a_quality_makes_files_larger_or_smaller(api, photo, photo_file, finished):
    sizes = []
    for quality in (30, 90):
        asked = {"output": "file", "format": "webp", "quality": quality}
        sizes.append(len(api.post(f"photos/{photo['id']}/colorize", json=asked).content))
        form = {"file": photo_file.read_bytes()}
        sizes.append(len(api.post("colorize", files=form, data={"output": "jpg", "quality": str(quality)}).content))
        job = api.post("jobs", json={"photos": [photo["id"]], "quality": quality}).json()
        sizes.append(finished(api, job["id"])["size_bytes"])
    assert all(2 * small < large for small, large in zip(sizes[:3], sizes[3:], strict=True))
    for asked, code in (
        ({"format": "png", "quality": 90}, "service.no_quality"),
        ({"format": "jpg", "quality": 0}, "service.invalid_field"),
        ({"format": "jpg", "quality": 101}, "service.invalid_field"),
    ):
        answer = api.post(f"photos/{photo['id']}/colorize", json=asked | {"output": "file"})
        assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_addresses_are_absolute(service, api, photo_file, finished):
    answer = api.post("photos", files={"file": photo_file.read_bytes()})
    place = answer.headers["location"]
    assert place == f"{service.url}/api/v1/photos/{answer.json()['id']}"
    assert api.get(place).status_code == 200
    answer = api.post("jobs", json={"photos": [answer.json()["id"]]})
    job = answer.json()
    assert answer.headers["location"] == job["url"] == f"{service.url}/api/v1/jobs/{job['id']}"
    assert job["result_url"] is None
    done = finished(api, job["id"])
    assert done["result_url"] == f"{job['url']}/result"
    assert api.get(done["result_url"]).content == api.get(done["result"]).content


def test_addresses_and_redirects_keep_the_root_path(start_service, photo_file):
    service = start_service("--root-path", "/color", "--proxy-headers", "--allowed-host", "photos.example")
    root = service.url.removesuffix("/color")
    seen = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "photos.example"}
    for base in (service.url, root):
        made = httpx.post(f"{base}/api/v1/photos", files={"file": photo_file.read_bytes()}, headers=seen)
        assert made.headers["location"].startswith("https://photos.example/color/api/v1/photos/")
        moved = httpx.get(f"{base}/api/v1/limits/?a=1", headers=seen)
        assert moved.status_code == 308
        assert moved.headers["location"] == "https://photos.example/color/api/v1/limits?a=1"
    assert httpx.get(f"{root}/api/v1/nothing/", headers=seen).status_code == 404


def test_a_name_that_leads_here_does_not_reach_a_local_service(service):
    for host, status in (
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("photos.localhost", 200),
    ):
        assert httpx.get(f"{service.url}/api/v1/limits", headers={"Host": host}).status_code == status, host


def send(api, path, data, key):
    return api.post(path, files={"file": ("a.jpg", data)}, headers={"Idempotency-Key": key})


def test_a_request_that_is_sent_again_is_taken_once(service, api, photo_file):
    data = photo_file.read_bytes()
    first, again = send(api, "photos", data, "key-12345"), send(api, "photos", data, "key-12345")
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    assert len(api.get("photos").json()["photos"]) == 1
    assert send(api, "photos", data, "key-12346").json()["id"] != first.json()["id"]
    with service.client() as other:
        assert send(other, "photos", data, "key-12345").json()["id"] != first.json()["id"]
    refused = api.post("jobs", json={"photos": [first.json()["id"]]}, headers={"Idempotency-Key": "key-12345"})
    assert (refused.status_code, refused.json()["code"]) == (422, "service.key_reused")
    order = {"json": {"photos": [first.json()["id"]]}, "headers": {"Idempotency-Key": "a job's key"[2:]}}
    assert api.post("jobs", **order).json()["code"] == "service.invalid_key"
    order["headers"]["Idempotency-Key"] = "the-jobs-key"
    assert api.post("jobs", **order).json()["id"] == api.post("jobs", **order).json()["id"]
    assert len(api.get("jobs").json()["jobs"]) == 1


def test_a_key_of_a_refused_request_may_be_used_again(api, photo_file):
    assert send(api, "photos", b"nothing", "key-of-refused").status_code == 422
    assert send(api, "photos", photo_file.read_bytes(), "key-of-refused").status_code == 201


def test_one_key_at_once_makes_one_photo(service, photo_file):
    token, answers = f"Bearer {'ef' * 16}", []

    def ask():
        with service.client(Authorization=token) as api:
            answers.append(send(api, "photos", photo_file.read_bytes(), "key-at-once"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    with service.client(Authorization=token) as api:
        assert len(api.get("photos").json()["photos"]) == 1


def test_event_streams_are_told_of_the_end(start_service, photo_file):
    service = start_service()
    workers = service.workers()
    # nobody works, so that the job waits
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        with service.client() as api:
            kept = api.post("photos", files={"file": photo_file.read_bytes()}).json()
            job = api.post("jobs", json={"photos": [kept["id"]]}).json()
            place = urlsplit(job["url"])
            line = http.client.HTTPConnection(place.hostname, place.port, timeout=20)
            line.request("GET", f"{place.path}/events", headers={"Authorization": api.headers["authorization"]})
            events = line.getresponse()
            assert b"progress" in events.readline()
            begun = time.monotonic()
            service.process.send_signal(signal.SIGTERM)
            rest = events.read().decode()
            assert time.monotonic() - begun < 2
            assert "event: shutdown" in rest
            line.close()
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)


def test_a_key_whose_process_was_killed_may_be_used_again(tmp_path):
    from photochrom.web.errors import ApiError
    from photochrom.web.storage.idempotency import Once
    from photochrom.web.storage.store import Storage

    # a process begins a request and lives until it is killed
    script = """
import sys, time
from photochrom.web.storage.idempotency import Once
from photochrom.web.storage.store import Storage
print(Once(Storage(sys.argv[1]), "client", "key-in-work", "photo", 900).begin(), flush=True)
time.sleep(600)
"""
    first = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "None\n"
    once = Once(Storage(str(tmp_path)), "client", "key-in-work", "photo", 900)
    with pytest.raises(ApiError) as caught:
        once.begin()
    assert caught.value.code == "service.key_in_work"
    first.kill()
    first.communicate()
    assert once.begin() is None
    # this process lives, and another request of it is in work
    with pytest.raises(ApiError):
        Once(Storage(str(tmp_path)), "client", "key-in-work", "photo", 900).begin()
    once.done("a-photo")
    assert once.begin() == "a-photo"


def test_answers_on_a_kept_connection_do_not_wait_for_a_confirmation():
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
