"""On the open internet: other clients, other sites, odd input, a proxy in front; and how it starts and ends."""

import importlib.util
import io
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def service(start_service):
    """A service that says what it was asked."""
    return start_service("--access-log")


def test_other_clients_find_nothing(service, api, photo):
    job = api.post("jobs", json={"photos": [photo["id"]]}).json()
    with service.client() as other:
        for method, path, body in (
            ("GET", f"photos/{photo['id']}", None),
            ("GET", f"photos/{photo['id']}/preview", None),
            ("POST", f"photos/{photo['id']}/colorize", {}),
            ("POST", f"photos/{photo['id']}/suggestions", {"x": 1, "y": 1}),
            ("POST", f"photos/{photo['id']}/variations", {}),
            ("POST", f"photos/{photo['id']}/confidence", {}),
            ("POST", f"photos/{photo['id']}/projects/export", {}),
            ("DELETE", f"photos/{photo['id']}", None),
            ("POST", "jobs", {"photos": [photo["id"]]}),
            ("GET", f"jobs/{job['id']}", None),
            ("GET", f"jobs/{job['id']}/events", None),
            ("GET", f"jobs/{job['id']}/result", None),
            ("POST", f"jobs/{job['id']}/cancel", None),
            ("DELETE", f"jobs/{job['id']}", None),
        ):
            answer = other.request(method, path, json=body)
            assert answer.status_code == 404, (method, path, answer.text)
            assert answer.json()["error"]["code"] == "service.not_found"
        mine = other.post("photos", files={"file": api.get(f"photos/{photo['id']}/preview").content}).json()
        stolen = {"options": {"reference": photo["id"]}}
        assert other.post(f"photos/{mine['id']}/colorize", json=stolen).status_code == 404
    assert api.get(f"photos/{photo['id']}").status_code == 200


def test_a_browser_gets_a_cookie_that_scripts_and_other_sites_do_not(service, photo_file):
    with httpx.Client(base_url=service.url) as browser:
        first = browser.post("/api/v1/photos", files={"file": photo_file.read_bytes()})
        cookie = first.headers["set-cookie"]
        assert re.match(r"photochrom_client=[0-9a-f]{64};", cookie)
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Secure" not in cookie
        again = browser.get("/api/v1/photos")
        assert "set-cookie" not in again.headers
        assert [each["id"] for each in again.json()["photos"]] == [first.json()["id"]]
        # the store does not hold the secret
        secret = browser.cookies["photochrom_client"]
        assert not [path for path in (service.folder / "store").rglob("*") if secret in str(path)]
    assert httpx.get(f"{service.url}/api/v1/photos", headers={"Authorization": "Bearer short"}).status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/static/index.html", "/api/v1/photos", "/api/v1/photos/no", "/nothing", "/metrics"]
)
def test_headers(service, path):
    answer = httpx.get(service.url + path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "server" not in answer.headers
    if path.startswith("/api"):
        assert "no-store" in answer.headers["cache-control"]


def test_pages_of_other_sites_change_nothing(service, photo_file):
    data = {"file": photo_file.read_bytes()}
    for headers in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = httpx.post(f"{service.url}/api/v1/photos", files=data, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "service.foreign_origin"
    own = httpx.post(f"{service.url}/api/v1/photos", files=data, headers={"Origin": service.url})
    assert own.status_code == 201
    assert "access-control-allow-origin" not in own.headers


def test_files_of_the_machine_are_out_of_reach(api, service, photo):
    for name in ("/etc/passwd", "../weights/photochrom_fast.onnx", "nothing"):
        answer = api.post(f"photos/{photo['id']}/colorize", json={"options": {"model": name}})
        assert answer.status_code == 422
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/api/v1/photos/..%2f..%2fqueue.sqlite"):
        assert httpx.get(service.url + path).status_code == 404


def test_options_that_cannot_be_used(api, photo):
    wrong = [
        {"vividness": 9},
        {"vividness": "much"},
        {"strength": -1},
        {"input_size": 5},
        {"hints": [{"x": 1, "y": 2, "color": "red"}]},
        {"hints": [{"x": -1, "y": 2, "color": "#ff0000"}]},
        {"palette": ["#ff0000"] * 17},
        {"variation": {"index": 12}},
        {"reference": "../../x"},
        {"brightness": 1},
    ]
    for options in wrong:
        answer = api.post(f"photos/{photo['id']}/colorize", json={"options": options})
        assert answer.status_code == 422, answer.text
        error = answer.json()["error"]
        assert error["code"] == ("service.unknown_field" if "brightness" in options else "service.invalid_field")
        assert "\n" not in error["message"] + error["remedy"]
    assert "brightness" in error["message"]
    broken = api.post(f"photos/{photo['id']}/colorize", content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 422
    assert api.post("colorize", files={"file": b"x"}, data={"options": "{"}).status_code == 422


def test_the_log_names_no_photo(service, api, photo):
    api.get(f"photos/{photo['id']}/preview")
    log = service.errors()
    assert "GET /photos/{id}/preview 200" in log.replace("/api/v1", "")
    assert photo["id"] not in log
    assert "Collins" not in log


def test_five_hundred_damaged_photos(service):
    spec = importlib.util.spec_from_file_location("mutations", ROOT / "tests" / "cli" / "test_mutations.py")
    mutations = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mutations)
    rng, sources = random.Random(11), list(mutations.whole_files())
    damaged = [mutations.damage(sources[number % len(sources)][1], rng) for number in range(500)]

    def send(piece):
        with service.client() as api:
            return [api.post("colorize", files={"file": data}) for data in piece]

    with ThreadPoolExecutor(4) as pool:
        answers = [answer for found in pool.map(send, [damaged[n::4] for n in range(4)]) for answer in found]
    codes = {answer.status_code for answer in answers}
    assert codes <= {200, 413, 415, 422}, codes
    assert {200, 422} <= codes
    for answer in answers:
        if answer.status_code != 200:
            error = answer.json()["error"]
            assert error["code"]
            assert error["message"]
            assert "\n" not in error["message"] + error["remedy"]
            assert str(service.folder) not in str(error)
    assert "Traceback" not in service.errors()


def test_schemathesis_finds_no_fault(service):
    pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{service.url}/api/v1/openapi.json"]
    # that a body fits its schema does not make it a photo: such a refusal is not a fault
    # and who sends no token is a new client, who gets a cookie
    command += ["--checks", "all", "--exclude-checks", "positive_data_acceptance,ignored_auth"]
    command += ["--phases", "examples,coverage,fuzzing", "--max-examples", "4", "--seed", "3"]
    command += ["--header", f"Authorization: Bearer {'ab' * 16}", "--generation-database", "none", "--no-color"]
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, cwd=service.folder, env=environment)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "Traceback" not in service.errors()


def test_the_openapi_page_describes_what_is_there(service):
    page = httpx.get(f"{service.url}/api/v1/openapi.json").json()
    paths = set(page["paths"])
    for path in (
        "/colorize",
        "/photos/{id}/colorize",
        "/photos/{id}/projects/import",
        "/jobs/{id}/events",
        "/jobs",
        "/ready",
        "/limits",
    ):
        assert f"/api/v1{path}" in paths
    assert set(page["paths"]["/api/v1/jobs"]["post"]["requestBody"]["content"]) == {
        "multipart/form-data",
        "application/json",
    }
    led_to = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(page)))
    assert led_to <= set(page["components"]["schemas"])
    for path, methods in page["paths"].items():
        for method, described in methods.items():
            assert described["summary"], (path, method)
            assert described["description"], (path, method)
            assert "4XX" in described["responses"], (path, method)
    assert "ErrorResponse" in page["components"]["schemas"]
    fields = page["components"]["schemas"]["PhotoInfo"]["properties"]
    assert "size_bytes" in fields
    assert "bytes" not in fields


def test_behind_a_proxy(start_service, photo_file):
    service = start_service("--root-path", "/color", "--proxy-headers", "--allowed-host", "photos.example")
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "photos.example", "Origin": "https://photos.example"}
    root = service.url.removesuffix("/color")
    # whether or not the proxy takes the prefix off
    for base in (service.url, root):
        answer = httpx.post(f"{base}/api/v1/photos", files={"file": photo_file.read_bytes()}, headers=forwarded)
        assert answer.status_code == 201, answer.text
        assert "; Secure" in answer.headers["set-cookie"]
        assert "Path=/color;" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"]
    assert httpx.get(f"{service.url}/", headers=forwarded).text.lstrip().lower().startswith("<!doctype html")
    moved = httpx.get(f"{root}/api/v1/photos", headers=forwarded | {"X-Forwarded-Prefix": "/elsewhere"})
    assert "Path=/elsewhere;" in moved.headers["set-cookie"]
    assert httpx.get(f"{root}/api/v1/openapi.json", headers=forwarded).json()["servers"] == [{"url": "/color"}]
    assert httpx.get(f"{root}/api/v1/photos", headers={"Host": "evil.example"}).status_code == 421
    # health is asked for by machines that do not know the name
    assert httpx.get(f"{root}/api/v1/health").status_code == 200


def test_several_processes_are_one_service(start_service, photo_file):
    service = start_service("--workers", "2")
    token = {"Authorization": f"Bearer {'cd' * 16}"}
    kept = httpx.post(f"{service.url}/api/v1/photos", files={"file": photo_file.read_bytes()}, headers=token).json()
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(lambda _: httpx.get(f"{service.url}/api/v1/photos/{kept['id']}", headers=token).json(), range(40))
        )
    assert {each["sha256"] for each in found} == {kept["sha256"]}
    figures = httpx.get(f"{service.url}/metrics").text
    counted = re.search(
        r'photochrom_requests_total\{method="GET",route="[^"]*/photos/\{id\}",status="200"\} (\d+)', figures
    )
    assert int(counted[1]) == 40


def test_ending_it_leaves_nothing_behind(start_service):
    service = start_service("--workers", "2")
    workers = service.workers()
    assert workers
    assert service.stop(signal.SIGINT) == 0
    for process in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    assert list((service.folder / "tmp").iterdir()) == []
    assert service.errors() == ""


def test_children_do_not_outlive_a_killed_parent(start_service, wait_for):
    service = start_service("--workers", "2")
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(service.process.pid)], capture_output=True, text=True)
    children = [int(line) for line in done.stdout.split()]
    assert len(children) >= 2
    service.stop(signal.SIGKILL)

    def all_gone():
        return not [child for child in children if Path(f"/proc/{child}").exists()]

    wait_for(all_gone, 20)


def run(*arguments, **environment):
    known = {key: value for key, value in os.environ.items() if not key.startswith("PHOTOCHROM_")}
    command = [sys.executable, "-m", "photochrom", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=known | environment)


def one_line(done, code):
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert re.fullmatch(r"photochrom: [^\n]+\n", done.stderr), done.stderr
    return done.stderr


def test_wrong_starts_are_told_in_one_line_each(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"Port {port}" in one_line(run("serve", "--port", port), 2)
    one_line(run("serve", "--port", "70000"), 2)
    one_line(run("serve", "--workers", "0"), 2)
    assert "nothing" in one_line(run("serve", "--model", "nothing"), 1)
    assert "PHOTOCHROM_MAX_PIXELS" in one_line(run("serve", PHOTOCHROM_MAX_PIXELS="many"), 2)
    (tmp_path / "file").write_text("")
    store = {"PHOTOCHROM_STORAGE_URL": str(tmp_path / "file" / "store")}
    assert "PHOTOCHROM_STORAGE_URL" in one_line(run("serve", "--port", "0", **store), 2)
    queue = {"PHOTOCHROM_QUEUE_URL": "amqp://x", "PHOTOCHROM_STORAGE_URL": str(tmp_path / "store")}
    assert "PHOTOCHROM_QUEUE_URL" in one_line(run("serve", "--port", "0", **queue), 2)


def test_without_the_extra_it_says_how_to_get_it():
    for missing, verb in (("fastapi", "serve"), ("huey", "worker")):
        code = f"import sys; sys.modules[{missing!r}] = None; from photochrom.cli.main import main; "
        code += f"sys.exit(main([{verb!r}]))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1
        assert "pip install 'photochrom[web]'" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_worker_ends_when_it_is_told(tmp_path):
    environment = os.environ | {"PHOTOCHROM_STORAGE_URL": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "photochrom", "worker"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    assert b"waiting for jobs" in process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    rest = io.BytesIO(process.communicate(timeout=30)[1])
    assert (process.returncode, rest.read()) == (0, b"")
