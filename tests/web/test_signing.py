"""A service whose settings name a certificate signs all that it hands out."""

import base64
import io
import os
import subprocess
import sys
import zipfile

import pytest

from photochrom.provenance import verify

pytest.importorskip("c2pa", reason="signing needs the provenance extra")


@pytest.fixture(scope="module")
def signing(start_service, authority):
    return start_service(PHOTOCHROM_SIGN_CERTIFICATE=str(authority.chain), PHOTOCHROM_SIGN_KEY=str(authority.key))


@pytest.fixture
def check(tmp_path, authority, photo_file):
    """Verify a result, and return what its manifest says."""

    def look(content, name="result.jpg", original=photo_file):
        path = tmp_path / name
        path.write_bytes(content)
        found = verify(path, original, trust=authority.root)
        assert found.holds, found.findings
        assert {"trusted", "intact", "parent"} <= {finding.name for finding in found.findings}
        return found.manifest

    return look


def test_one_call(signing, check, photo_file):
    with signing.client() as api:
        files = {"file": ("Collins 1999.jpg", photo_file.read_bytes())}
        said = check(api.post("colorize", files=files).content)
        assert (said.original, said.hints) == ("Collins 1999.jpg", False)
        answer = api.post("colorize", files=files, headers={"Accept": "application/json"}).json()
        check(base64.b64decode(answer["image"]))
        refused = api.post("colorize", files=files, data={"output": "bmp"})
        assert (refused.status_code, refused.json()["code"]) == (415, "provenance.form_not_signed")


def test_a_stored_photo_and_a_batch(signing, check, photo_file, finished):
    with signing.client() as api:
        photo = api.post("photos", files={"file": ("Collins 1999.jpg", photo_file.read_bytes())}).json()
        hints = [{"x": 310, "y": 200, "color": "#8a5a3c"}]
        order = {"output": "file", "options": {"hints": hints}}
        assert check(api.post(f"photos/{photo['id']}/colorize", json=order).content).hints
        assert api.post(f"photos/{photo['id']}/colorize", json={"max_size": 200}).status_code == 200
        job = api.post("jobs", json={"photos": [photo["id"]], "format": "png"}).json()
        assert finished(api, job["id"])["status"] == "done"
        with zipfile.ZipFile(io.BytesIO(api.get(f"jobs/{job['id']}/result").content)) as packed:
            assert packed.namelist() == ["Collins 1999.color.png"]
            assert check(packed.read(packed.namelist()[0]), "result.png").original == "Collins 1999.jpg"


@pytest.mark.parametrize("missing", ["PHOTOCHROM_SIGN_CERTIFICATE", "PHOTOCHROM_SIGN_KEY"])
def test_half_of_the_settings_is_wrong_usage(tmp_path, authority, missing):
    settings = {"PHOTOCHROM_SIGN_CERTIFICATE": str(authority.chain), "PHOTOCHROM_SIGN_KEY": str(authority.key)}
    settings.pop(missing)
    environment = os.environ | settings | {"PHOTOCHROM_STORAGE_URL": str(tmp_path / "store")}
    command = [sys.executable, "-m", "photochrom", "serve", "--port", "0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert missing in done.stderr
