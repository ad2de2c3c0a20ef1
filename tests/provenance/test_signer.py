"""Signed results: valid by the library's own validator, and one changed byte is found."""

import builtins
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import MissingDependencyError, OptionError, UnsupportedPictureError
from photochrom.image_io import read_picture
from photochrom.image_io.metadata.xmp import COMPOSITE
from photochrom.provenance import Signer, load_signer, verify
from photochrom.provenance.manifest import MEDIA_TYPES, Claim
from photochrom.provenance.signer import check_signable, hash_file

c2pa = pytest.importorskip("c2pa", reason="signing needs the provenance extra")

KINDS = {
    "jpeg": "JPEG", "jpeg-progressive": "JPEG", "png-8": "PNG", "png-16": "PNG", "tiff-8": "TIFF", "tiff-16": "TIFF",
    "webp": "WEBP", "webp-lossless": "WEBP", "avif": "AVIF", "gif": "GIF",
}  # fmt: skip


def claim(files: Any, **changes: Any) -> Claim:
    usual = {"title": files.result.name, "model": "tiny", "hints": True, "reference": False}
    return Claim(**{**usual, "original": files.original.name, "sha256": hash_file(files.original), **changes})


def sign(files: Any, authority: Any, kind: str, **changes: Any) -> None:
    load_signer(authority.chain, authority.key).sign(
        files.result, claim(files, **changes), files.original, media_type=MEDIA_TYPES[kind]
    )


def says(found: Any) -> dict[str, bool | None]:
    return {finding.name: finding.holds for finding in found.findings}


@pytest.mark.parametrize("form", sorted(KINDS))
def test_a_signed_result(pair: Any, authority: Any, form: str) -> None:
    files = pair(form)
    before = [page.pixels for page in read_picture(files.result).pages]
    sign(files, authority, KINDS[form])
    after = [page.pixels for page in read_picture(files.result).pages]
    assert all(np.array_equal(*both) for both in zip(before, after, strict=True))

    # the library's own words
    settings = {"verify": {"verify_trust": True}, "trust": {"trust_anchors": authority.root.read_text()}}
    with (
        c2pa.Context(c2pa.Settings.from_dict(settings)) as context,
        files.result.open("rb") as stream,
        c2pa.Reader(MEDIA_TYPES[KINDS[form]], stream, context=context) as reader,
    ):
        assert reader.get_validation_state() == "Trusted"
        manifest = reader.get_active_manifest()
    parent = manifest["ingredients"][0]
    assert (parent["relationship"], parent["title"]) == ("parentOf", files.original.name)
    actions = next(each for each in manifest["assertions"] if each["label"].startswith("c2pa.actions"))
    assert [action["action"] for action in actions["data"]["actions"]] == ["c2pa.opened", "c2pa.color_adjustments"]
    assert actions["data"]["actions"][1]["digitalSourceType"] == COMPOSITE

    found = verify(files.result, files.original, trust=authority.root)
    assert found.holds, found.findings
    told = says(found)
    assert {"marked", "intact", "trusted", "parent"} <= {name for name, holds in told.items() if holds}
    assert found.manifest is not None
    assert (found.manifest.model, found.manifest.hints, found.manifest.reference) == ("tiny", True, False)
    assert found.manifest.sha256 == hash_file(files.original)
    assert found.manifest.signer == "Scan room"
    assert found.manifest.issuer == "Archive of Ålesund"
    json.dumps(found.to_json())


@pytest.mark.parametrize("form", ["jpeg", "png-8", "tiff-8", "webp-lossless", "avif", "gif"])
@pytest.mark.parametrize("place", [0.1, 0.5, 0.9, -40])
def test_one_changed_byte_is_found(pair: Any, authority: Any, form: str, place: float) -> None:
    files = pair(form)
    sign(files, authority, KINDS[form])
    content = bytearray(files.result.read_bytes())
    content[int(place * len(content)) if place > 0 else int(place)] ^= 1
    files.result.write_bytes(content)
    found = verify(files.result)
    assert not found.holds, found.findings
    assert "intact" not in says(found)


def test_another_original_and_another_authority(pair: Any, authority: Any, tmp_path: Path, chain: Any) -> None:
    files = pair("png-8")
    sign(files, authority, "PNG")
    other = chain(tmp_path / "other")
    assert says(verify(files.result, trust=other.root))["untrusted"] is False
    copy = tmp_path / "copy.png"
    with Image.open(files.original) as image:
        image.save(copy, compress_level=1)
    told = says(verify(files.result, copy))
    assert told["other_parent"] is False
    assert told["exact"] is True


def test_a_self_made_certificate_is_valid_where_nobody_is_asked(pair: Any, authority: Any) -> None:
    files = pair("png-8")
    sign(files, authority, "PNG")
    found = verify(files.result)
    assert found.holds
    assert says(found)["trust_unasked"] is None


def test_a_chain_of_results(pair: Any, authority: Any, tmp_path: Path, color: Any) -> None:
    """A signed original keeps its manifest as the parent's."""
    files = pair("png-8")
    sign(files, authority, "PNG")
    again = tmp_path / "again.png"
    color(read_picture(files.result)).save(again)
    second = replace(files, original=files.result, result=again)
    sign(second, authority, "PNG")
    assert verify(again, files.result).holds
    with again.open("rb") as stream, c2pa.Reader("image/png", stream) as reader:
        assert len(json.loads(reader.json())["manifests"]) == 2


def test_an_original_that_c2pa_does_not_know(pair: Any, authority: Any) -> None:
    files = pair("bmp", ".png")
    sign(files, authority, "PNG")
    told = says(verify(files.result, files.original))
    assert told["parent"] is told["intact"] is told["exact"] is True


def test_a_function_that_signs(pair: Any, authority: Any) -> None:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    key = serialization.load_pem_private_key(authority.key.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)

    def answer(data: bytes) -> bytes:
        first, second = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return first.to_bytes(32, "big") + second.to_bytes(32, "big")

    files = pair("jpeg")
    signer = Signer(certificates=authority.chain.read_bytes(), algorithm="es256", callback=answer)
    signer.sign(files.result, claim(files), files.original, media_type="image/jpeg")
    assert verify(files.result).holds


@pytest.mark.parametrize("what", ["swapped", "no key", "no certificate", "other key", "expired", "missing", "password"])
def test_what_cannot_sign_is_said_at_once(authority: Any, tmp_path: Path, what: str, chain: Any) -> None:
    certificates, key = authority.chain, authority.key
    if what == "swapped":
        certificates, key = key, certificates
    elif what in ("no key", "no certificate"):
        empty = tmp_path / "empty.pem"
        empty.write_text("nothing")
        certificates, key = (certificates, empty) if what == "no key" else (empty, key)
    elif what == "other key":
        key = chain(tmp_path / "other").key
    elif what == "expired":
        old = chain(tmp_path / "old", valid_days=-5)
        certificates, key = old.chain, old.key
    elif what == "missing":
        key = tmp_path / "missing.pem"
    else:
        from cryptography.hazmat.primitives import serialization as form

        loaded = form.load_pem_private_key(key.read_bytes(), None)
        locked = form.BestAvailableEncryption(b"secret")
        key = tmp_path / "locked.pem"
        key.write_bytes(loaded.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, locked))
    with pytest.raises(OptionError) as caught:
        load_signer(certificates, key)
    expected = {
        "swapped": "trust_unreadable", "no key": "key_form", "no certificate": "trust_unreadable",
        "other key": "signer_unfit", "expired": "signer_unfit", "missing": "key_unreadable", "password": "key_form",
    }  # fmt: skip
    assert caught.value.code == f"provenance.{expected[what]}"


@pytest.mark.parametrize("kind", ["BMP", "PNM", "TGA", "JPEG2000", ".mkv", ".webm"])
def test_forms_that_cannot_be_signed(kind: str) -> None:
    with pytest.raises(UnsupportedPictureError) as caught:
        check_signable(kind)
    assert caught.value.code == "provenance.form_not_signed"


def test_a_tiff_of_several_pages_cannot_be_signed() -> None:
    check_signable("TIFF")
    with pytest.raises(UnsupportedPictureError) as caught:
        check_signable("TIFF", 2)
    assert caught.value.code == "provenance.pages_not_signed"


def test_padding_that_no_hash_covers(pair: Any, authority: Any) -> None:
    files = pair("png-8")
    sign(files, authority, "PNG")
    content = bytearray(files.result.read_bytes())
    content[content.index(b"\x63pad", content.index(b"c2pa.signature")) + 50] = 1
    files.result.write_bytes(content)
    assert says(verify(files.result))["changed"] is False


def test_without_the_library(pair: Any, authority: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files = pair("png-8")
    sign(files, authority, "PNG")
    real = builtins.__import__

    def lack(name: str, *args: Any, **options: Any) -> Any:
        if name == "c2pa":
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", lack)
    with pytest.raises(MissingDependencyError) as caught:
        load_signer(authority.chain, authority.key)
    assert caught.value.details["extra"] == "provenance"
    found = verify(files.result)
    assert not found.holds
    assert says(found) == {"marked": True, "unread": False}
