"""Signs results with C2PA: a certificate chain and its key, or a function that signs, such as that of a key store."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from photochrom.errors import OptionError, PhotochromError, UnsupportedPictureError, WriteError
from photochrom.image_io.film_starts import START_BYTES, is_film_start
from photochrom.image_io.formats import sniff
from photochrom.provenance.manifest import MEDIA_TYPES, Claim, build_manifest, build_parent, load_c2pa

__all__ = ["Signer", "check_signable", "hash_file", "load_signer"]

_BEGIN_CERTIFICATE, _BEGIN_KEY = b"-----BEGIN CERTIFICATE-----", b"-----BEGIN PRIVATE KEY-----"
#: object identifiers in a PKCS#8 key, DER, and C2PA's name of the algorithm that fits
_ALGORITHMS = (
    (bytes.fromhex("06082a8648ce3d030107"), "es256"),
    (bytes.fromhex("06052b81040022"), "es384"),
    (bytes.fromhex("06052b81040023"), "es512"),
    (bytes.fromhex("06032b6570"), "ed25519"),
    (bytes.fromhex("06092a864886f70d010101"), "ps256"),
)
_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Signs files; safe between threads.

    Attributes:
        certificates: the signer's certificate and those above it, PEM.
        algorithm: ``es256``, ``es384``, ``es512``, ``ed25519`` or ``ps256``.
        key: the private key, PKCS#8 in PEM; empty with ``callback``.
        callback: returns the signature of bytes, for keys that must not leave their store.
    """

    certificates: bytes
    algorithm: str
    key: bytes = field(default=b"", repr=False)
    callback: Callable[[bytes], bytes] | None = None

    def sign(self, path: Path, claim: Claim, original: Path, *, media_type: str) -> None:
        """Writes a manifest into a file, which is replaced in one step.

        Args:
            path: a result, complete.
            claim: what the manifest says.
            original: the parent ingredient; a manifest of its own goes along.
            media_type: of ``path``, one of :data:`~photochrom.provenance.manifest.MEDIA_TYPES`.

        Raises:
            MissingDependencyError: the library is not installed.
            WriteError: it cannot be signed.
        """
        c2pa = load_c2pa()
        signed = path.with_name(f"{path.name}.signed")
        try:
            settings = c2pa.Settings.from_dict(
                {"builder": {"thumbnail": {"enabled": False}}, "verify": {"verify_after_sign": False}}
            )
            with (
                c2pa.Context(settings) as context,
                c2pa.Builder(build_manifest(claim), context) as builder,
                self._open(c2pa) as signer,
            ):
                with original.open("rb") as stream:
                    builder.add_ingredient(build_parent(claim), _find_media_type(original), stream)
                with path.open("rb") as source, signed.open("wb+") as target:
                    builder.sign(signer, media_type, source, target)
            signed.chmod(path.stat().st_mode & 0o777)
            signed.replace(path)
        except c2pa.C2paError as error:
            raise WriteError("provenance.not_signed", path=claim.title, reason=_shorten(error)) from error
        finally:
            signed.unlink(missing_ok=True)

    def _open(self, c2pa: Any) -> Any:
        if self.callback is not None:
            algorithm = c2pa.C2paSigningAlg[self.algorithm.upper()]
            return c2pa.Signer.from_callback(self.callback, algorithm, self.certificates.decode("ascii"))
        info = c2pa.C2paSignerInfo(
            alg=self.algorithm.encode(), sign_cert=self.certificates, private_key=self.key, ta_url=None
        )
        return c2pa.Signer.from_info(info)


def load_signer(certificates: str | Path, key: str | Path) -> Signer:
    """Reads a certificate chain and its key, and tries them.

    Args:
        certificates: a file with the signer's certificate and those above it, PEM.
        key: a file with the private key, PKCS#8 in PEM, without a password.

    Raises:
        OptionError: they cannot be read, do not belong together, or are not fit to sign with.
        MissingDependencyError: the library is not installed.
    """
    c2pa = load_c2pa()
    chain, secret = _read(Path(certificates)), _read(Path(key))
    if _BEGIN_CERTIFICATE not in chain:
        raise OptionError("provenance.trust_unreadable", path=certificates)
    signer = Signer(certificates=chain, algorithm=_find_algorithm(secret, Path(key)), key=secret)
    try:
        _try(c2pa, signer)
    except c2pa.C2paError as error:
        raise OptionError("provenance.signer_unfit", path=certificates, key=key, reason=_shorten(error)) from error
    return signer


def check_signable(kind: str, pages: int = 1) -> None:
    """Refuses a format, or a film's suffix, that C2PA cannot sign, and a file of several pages, which it would break.

    Raises:
        UnsupportedPictureError: it is one.
    """
    if kind not in MEDIA_TYPES:
        known = ", ".join(MEDIA_TYPES)
        raise UnsupportedPictureError("provenance.form_not_signed", format=kind, known=known)
    if kind in ("TIFF", "JPEG") and pages > 1:
        raise UnsupportedPictureError("provenance.pages_not_signed", pages=pages)


def hash_file(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OptionError("provenance.key_unreadable", path=path, reason=error.strerror or str(error)) from None


def _find_algorithm(key: bytes, path: Path) -> str:
    import base64
    import binascii

    _, _, rest = key.partition(_BEGIN_KEY)
    body, end, _ = rest.partition(b"-----END PRIVATE KEY-----")
    try:
        der = base64.b64decode(b"".join(body.split()), validate=True) if end else b""
    except binascii.Error:
        der = b""
    found = next((name for mark, name in _ALGORITHMS if mark in der[:64]), None)
    if found is None:
        raise OptionError("provenance.key_form", path=path)
    return found


def _try(c2pa: Any, signer: Signer) -> None:
    """Signs a picture of one pixel and has it validated, so that no photo is coloured in vain."""
    import json
    from io import BytesIO

    from PIL import Image

    plain, signed = BytesIO(), BytesIO()
    Image.new("L", (1, 1)).save(plain, "PNG")
    plain.seek(0)
    settings = c2pa.Settings.from_dict({"verify": {"verify_trust": False}})
    created = {"action": "c2pa.created", "digitalSourceType": "http://c2pa.org/digitalsourcetype/empty"}
    manifest = {"assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}]}
    with (
        c2pa.Context(settings) as context,
        c2pa.Builder(manifest, context) as builder,
        signer._open(c2pa) as opened,
    ):
        builder.sign(opened, "image/png", plain, signed)
        signed.seek(0)
        with c2pa.Reader("image/png", signed, context=context) as reader:
            failures = json.loads(reader.json())["validation_results"]["activeManifest"]["failure"]
    wrong = [entry["code"] for entry in failures if entry["code"] != "signingCredential.untrusted"]
    if wrong:
        raise c2pa.C2paError(", ".join(wrong))


def _find_media_type(path: Path) -> str:
    with path.open("rb") as stream:
        start = stream.read(START_BYTES)
    try:
        kind = sniff(start, path.name)
    except PhotochromError:
        kind = path.suffix.lower() if is_film_start(start) else ""
    # of other forms a manifest can say the name and the hash
    return MEDIA_TYPES.get(kind, "application/octet-stream")


def _shorten(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__.lstrip("_")
