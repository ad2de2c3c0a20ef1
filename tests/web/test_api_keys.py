"""API keys: who gets in, what each may do, and that the file of keys may be changed while the service runs."""

import io
import re
import subprocess
import sys

import httpx
import pytest
from PIL import Image

from photochrom.errors import OptionError
from photochrom.web.middleware.api_keys import ApiKeys, create_key, hash_key
from photochrom.web.middleware.rate_limit import RateLimiter
from photochrom.web.storage.store import Storage

ARCHIVE, SMALL, SECOND = create_key(), create_key(), create_key()


def entry(name, key, **more):
    rest = "".join(f"{field} = {value}\n" for field, value in more.items())
    return f'[[keys]]\nname = "{name}"\nhash = "{hash_key(key)}"\n{rest}'


@pytest.fixture(scope="module")
def keys_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "keys.toml"
    path.write_text(entry("archive", ARCHIVE) + entry("small", SMALL, photos=1, jobs=1, models='["photochrom_fast"]'))
    return path


@pytest.fixture(scope="module")
def service(start_service, keys_file):
    return start_service(PHOTOCHROM_API_KEYS=str(keys_file), PHOTOCHROM_MAX_PHOTOS="7")


@pytest.fixture
def ask(service):
    """A client with a key."""
    return lambda key: service.client(Authorization=f"Bearer {key}")


def picture():
    stream = io.BytesIO()
    Image.effect_mandelbrot((40, 30), (-2, -1, 1, 1), 20).save(stream, "PNG")
    return {"file": ("a.png", stream.getvalue())}


def test_without_a_key_nobody_is_answered(service, ask):
    for headers, code, fault in (
        ({}, "service.key_required", False),
        ({"Authorization": f"Bearer {'ab' * 20}"}, "service.key_required", False),
        ({"Authorization": f"Bearer {create_key()}"}, "service.unknown_key", True),
        ({"Authorization": "Bearer photochrom_1"}, "service.invalid_token", True),
        ({"Cookie": f"photochrom_client={'ab' * 32}"}, "service.key_required", False),
        ({"Cookie": f"photochrom_client={create_key()}"}, "service.unknown_key", True),
    ):
        for method, path in (("GET", "photos"), ("POST", "colorize"), ("GET", "limits"), ("POST", "tokens")):
            answer = httpx.request(method, f"{service.url}/api/v1/{path}", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, code), (headers, path)
            asked = answer.headers["www-authenticate"]
            assert asked.startswith('Bearer realm="')
            assert ("error=" in asked) == fault
    for path in ("", "api/v1/health", "api/v1/ready", "api/v1/openapi.json", "static/texts/languages.json"):
        assert httpx.get(f"{service.url}/{path}").status_code == 200, path
    assert ask(ARCHIVE).get("photos").json() == {"photos": []}


def test_each_key_has_its_limits(ask):
    archive, small = ask(ARCHIVE), ask(SMALL)
    kept = small.post("photos", files=picture()).json()
    refused = small.post("photos", files=picture())
    assert (refused.status_code, refused.json()["code"]) == (429, "service.too_many_photos")
    assert archive.post("photos", files=picture()).status_code == 201
    assert archive.post("photos", files=picture()).status_code == 201
    assert archive.get(f"photos/{kept['id']}").status_code == 404
    assert (small.get("limits").json()["photos"], archive.get("limits").json()["photos"]) == (1, 7)
    too_many = small.post("jobs", json={"photos": [kept["id"], kept["id"]]})
    assert too_many.json()["code"] == "service.batch_too_large"


def test_each_key_has_its_networks(ask, finished):
    archive, small = ask(ARCHIVE), ask(SMALL)
    assert {"photochrom", "photochrom_fast"} <= {model["name"] for model in archive.get("models").json()}
    (only,) = small.get("models").json()
    assert (only["name"], only["default"]) == ("photochrom_fast", True)
    made = small.post("colorize", files=picture())
    assert made.headers["x-photochrom-model"] == "photochrom_fast"
    other = '{"model": "photochrom"}'
    refused = small.post("colorize", files=picture(), data={"options": other})
    assert (refused.status_code, refused.json()["code"]) == (403, "service.model_not_allowed")
    (kept,) = small.get("photos").json()["photos"]
    refused = small.post(f"photos/{kept['id']}/colorize", json={"options": {"model": "photochrom"}})
    assert refused.json()["code"] == "service.model_not_allowed"
    order = {"photos": [kept["id"]], "options": {kept["id"]: {"model": "photochrom"}}}
    assert small.post("jobs", json=order).json()["code"] == "service.model_not_allowed"
    assert finished(small, small.post("jobs", json={"photos": [kept["id"]]}).json()["id"])["status"] == "done"


def test_a_browser_keeps_a_key_in_its_cookie(service):
    with httpx.Client(base_url=f"{service.url}/api/v1/") as browser:
        assert browser.post("session", json={"key": create_key()}).json()["code"] == "service.unknown_key"
        answer = browser.post("session", json={"key": ARCHIVE})
        assert answer.status_code == 204
        assert {"HttpOnly", "SameSite=Strict"} <= set(answer.headers["set-cookie"].split("; "))
        assert browser.get("photos").status_code == 200
        browser.delete("session")
        assert browser.get("photos").status_code == 401
        foreign = browser.post("session", json={"key": ARCHIVE}, headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403


def test_the_file_may_be_changed(service, ask, keys_file):
    before = keys_file.read_text()
    photos = ask(ARCHIVE).get("photos").json()
    try:
        # a new key of the same name finds what the old one had; a name's rate is counted
        keys_file.write_text(entry("archive", SECOND, requests_per_minute=3))
        assert ask(ARCHIVE).get("photos").json()["code"] == "service.unknown_key"
        assert ask(SECOND).get("photos").json() == photos
        assert ask(SECOND).get("limits").json()["requests_per_minute"] == 3
        answers = [ask(SECOND).get("photos") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429]
        assert 1 <= int(answers[1].headers["retry-after"]) <= 20
        assert answers[1].json()["code"] == "service.too_many_requests"
        assert ask(SECOND).get("ready").status_code == 200
        # a slip of the pen changes nothing
        keys_file.write_text("[[keys]")
        assert ask(SECOND).get("health").status_code == 200
        assert ask(ARCHIVE).get("photos").status_code == 401
        assert "the keys stay as they were" in service.errors()
        keys_file.write_text(f"required = false\n{entry('archive', SECOND)}")
        assert ask("ab" * 20).get("photos").status_code == 200
        assert ask(ARCHIVE).get("photos").json()["code"] == "service.unknown_key"
    finally:
        keys_file.write_text(before)


def test_a_rate_is_counted_over_processes(tmp_path):
    storage = Storage(str(tmp_path))
    first, second = RateLimiter(storage), RateLimiter(storage)
    taken = [limiter.take("a" * 40, 4) for limiter in (first, second, first, second, first)]
    assert taken[:4] == [0, 0, 0, 0]
    assert 0 < taken[4] <= 15
    assert first.take("b" * 40, 4) == 0


@pytest.mark.parametrize(
    "text",
    [
        "[[keys]",
        'colour = "blue"',
        '[[keys]]\nname = "a"\nhash = "sha256:1"',
        entry("a", ARCHIVE, photos=0),
        entry("a", ARCHIVE, photos="true"),
        entry("a", ARCHIVE, models='["other"]'),
        entry("a", ARCHIVE) + entry("a", SMALL),
        entry("a", ARCHIVE) + entry("b", ARCHIVE),
        b"\xff\xfe",
        None,
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path, text):
    path = tmp_path / "keys.toml"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(OptionError, check=lambda error: error.code == "service.keys_unreadable"):
        ApiKeys(path, ["photochrom"])


def test_the_command_makes_a_key_and_its_hash(tmp_path):
    command = [sys.executable, "-m", "photochrom", "key", "archive"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    secret = done.stderr.strip()
    assert re.fullmatch("photochrom_[0-9a-f]{64}", secret)
    path = tmp_path / "keys.toml"
    path.write_text(done.stdout)
    found = ApiKeys(path, []).find(secret)
    assert found is not None
    assert found.name == "archive"
    assert secret not in done.stdout
    assert subprocess.run([*command[:-1], 'a"b'], capture_output=True).returncode == 2
