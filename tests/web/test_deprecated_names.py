"""Clients and set-ups of version 0.1: old paths, fields and variables still work, and are told to be old."""

import json
import re

import pytest

from photochrom.deprecations import ENVIRONMENT, REST_FIELDS, REST_PATHS
from photochrom.web.jobs.repository import RECORD, JobRepository
from photochrom.web.limits import Limits
from photochrom.web.storage.photos import PhotoStore
from photochrom.web.storage.store import Storage, find_storage_url

HINT = {"x": 250, "y": 60, "color": "#3a5fa0"}


def answered(answer, *, old=True):
    """The answer's JSON; its header says whether the request had old names."""
    assert answer.status_code in (200, 201, 202), answer.text
    assert ("deprecation" in answer.headers) is old
    if old:
        assert re.fullmatch(r"@\d+", answer.headers["deprecation"])
    return answer.json() if "json" in answer.headers["content-type"] else answer.content


def test_old_fields_of_requests(api, photo):
    place = f"photos/{photo['id']}/colorize"
    old = {"size": 64, "restore_contrast": True, "alternative": {"seed": 1}, "hints": [HINT]}
    new = {"input_size": 64, "auto_contrast": True, "variation": {"seed": 1}, "hints": [HINT]}
    was = answered(api.post(place, json={"settings": old, "side": 64}))
    assert was == answered(api.post(place, json={"options": new, "max_size": 64}), old=False)
    # one renamed field among new ones is marked too
    assert was == answered(api.post(place, json={"options": old, "max_size": 64}))
    found = answered(api.post(f"photos/{photo['id']}/suggestions", json={"x": 250, "y": 60, "k": 2, "settings": {}}))
    assert len(found["suggestions"]) == 2


def test_a_field_under_both_names_is_refused(api, photo):
    asked = {"settings": {}, "options": {"vividness": 1.2}}
    answer = api.post(f"photos/{photo['id']}/colorize", json=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "service.unknown_field")


def test_old_parameters_and_form_fields(api, photo, photo_file, opened):
    place = f"photos/{photo['id']}/preview"
    small = api.get(place, params={"side": 64})
    assert opened(small).size == (64, 64)
    assert answered(small) == answered(api.get(place, params={"max_size": 64}), old=False)
    data = photo_file.read_bytes()
    gray = api.post("colorize", files={"file": data}, data={"settings": '{"strength": 0, "size": 64}'})
    assert answered(gray) == answered(
        api.post("colorize", files={"file": data}, data={"options": '{"strength": 0, "input_size": 64}'}), old=False
    )


def test_old_paths(api, photo):
    place = f"photos/{photo['id']}"
    assert len(answered(api.post("clients"))["token"]) == 64
    made = answered(api.post(f"{place}/alternatives", json={"n": 2, "seed": 3, "side": 64}))["alternatives"]
    assert [(each["seed"], each["index"]) for each in made] == [(3, 0), (3, 1)]
    old = {"restore_contrast": True, "alternative": {"seed": 3, "index": 1}}
    project = api.post(f"{place}/project", json={"settings": old})
    assert "deprecation" in project.headers
    back = answered(api.post(f"{place}/open", files={"project": project.content}))
    # to be sent again as it is, with old names alone
    assert back["settings"].items() > old.items()
    assert not {"input_size", "auto_contrast", "variation"} & set(back["settings"])
    assert back["options"]["auto_contrast"] is True


def test_every_old_path_has_its_new_one(service, api):
    known = api.get("openapi.json").json()["paths"]
    for old, new in REST_PATHS.items():
        assert f"/api/v1{new}" in known
        assert f"/api/v1{old}" not in known


def test_answers_have_old_fields_too(api, photo, finished):
    assert photo["bytes"] == photo["size_bytes"]
    known = answered(api.get("limits"), old=False)
    assert (known["side"], known["film_bytes"]) == (known["max_size"], known["video_bytes"])
    model, *_ = answered(api.get("models"), old=False)
    assert model["alternatives"] == model["variations"]
    order = {"photos": [photo["id"]], "settings": {photo["id"]: {"size": 64}}}
    job = answered(api.post("jobs", json=order))
    assert (job["type"], job["kind"]) == ("batch", "photos")
    with api.stream("GET", f"jobs/{job['id']}/events") as events:
        told = [json.loads(line.removeprefix("data: ")) for line in events.iter_lines() if line.startswith("data: ")]
    assert {each["kind"] for each in told} == {"photos"}
    done = finished(api, job["id"])
    assert done["bytes"] == done["size_bytes"] > 0


def test_new_answers_that_are_asked_for_have_new_fields_alone(api, photo):
    place = f"photos/{photo['id']}"
    made = answered(api.post(f"{place}/variations", json={"count": 1, "max_size": 64}), old=False)
    assert set(made) == {"variations"}


def test_an_api_without_old_names_has_no_old_fields(service, api):
    schemas = api.get("openapi.json").json()["components"]["schemas"]
    fields = {name for schema in schemas.values() for name in schema.get("properties", {})}
    assert not fields & set(REST_FIELDS)


def test_records_that_version_0_1_stored_are_read(tmp_path):
    storage, limits = Storage(str(tmp_path)), Limits()
    job = {"id": "j" * 22, "client": "c", "kind": "film", "name": "a.mp4", "created": 1.0, "heard": 1.0, "bytes": 7}
    storage.write_json(f"c/jobs/{job['id']}/{RECORD}", job)
    found = JobRepository(storage, None, limits).read("c", job["id"])
    assert (found.type, found.size_bytes) == ("video", 7)
    photo = {"id": "p" * 22, "name": "a.png", "width": 4, "height": 3, "format": "PNG", "bits": 8, "pages": 1}
    photo |= {"sha256": "", "bytes": 9, "has_color": False, "pixels": 12, "expires": 1e12}
    storage.write_json(f"c/photos/{photo['id']}/{RECORD}", photo)
    assert PhotoStore(storage, limits).find("c", photo["id"]).size_bytes == 9


@pytest.mark.parametrize("new", [name for name in ENVIRONMENT if re.search("_MAX_|_TIMEOUT$", name)])
def test_old_variables_of_limits(monkeypatch, new):
    monkeypatch.setenv(ENVIRONMENT[new], "3")
    field = new.removeprefix("PHOTOCHROM_").removeprefix("MAX_").lower()
    with pytest.warns(DeprecationWarning, match=new):
        assert getattr(Limits.from_environment(), field) == 3


def test_old_variables_of_places(monkeypatch, tmp_path):
    from photochrom.registry import _locate
    from photochrom.web.jobs.queue import find_queue_url

    for name in ("PHOTOCHROM_STORAGE_URL", "PHOTOCHROM_QUEUE_URL", "PHOTOCHROM_MODEL_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PHOTOCHROM_STORE", str(tmp_path))
    with pytest.warns(DeprecationWarning, match="PHOTOCHROM_STORAGE_URL"):
        assert find_storage_url() == str(tmp_path)
    monkeypatch.setenv("PHOTOCHROM_QUEUE", "redis://host:1/0")
    with pytest.warns(DeprecationWarning, match="PHOTOCHROM_QUEUE_URL"):
        assert find_queue_url(Storage(str(tmp_path))) == "redis://host:1/0"
    (tmp_path / "own.onnx").write_bytes(b"")
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(tmp_path))
    with pytest.warns(DeprecationWarning, match="PHOTOCHROM_MODEL_DIR"):
        assert _locate("own.onnx") == tmp_path / "own.onnx"
