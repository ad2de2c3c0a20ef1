"""Signs and checks webhooks by the Standard Webhooks specification (https://www.standardwebhooks.com), version v1."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping

__all__ = ["SECRET_PATTERN", "check_signature", "new_secret", "sign_webhook"]

#: a secret: ``whsec_`` and 24 to 64 bytes in Base64
SECRET_PATTERN = r"^whsec_[A-Za-z0-9+/]{32,86}={0,2}$"
_PREFIX = "whsec_"


def new_secret() -> str:
    """Returns a secret for a webhook: 256 random bits."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign_webhook(secret: str, id_: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Returns the headers that prove a webhook.

    Args:
        secret: as :data:`SECRET_PATTERN` has it.
        id_: of the message, the same at each attempt.
        timestamp: of this attempt, seconds since 1970.
        body: as it is sent.

    Raises:
        ValueError: the secret is not Base64.
    """
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{_sign(secret, id_, str(timestamp), body)}",
    }


def check_signature(secret: str, headers: Mapping[str, str], body: bytes, *, tolerance: int = 300) -> bool:
    """Returns whether a webhook comes from the service that a secret was given to, and is not an old one sent again.

    Args:
        secret: that the job was ordered with.
        headers: of the request, in any case.
        body: of the request, byte for byte.
        tolerance: seconds that the clocks of both may differ, the way included.

    Raises:
        ValueError: the secret is not Base64.
    """
    given = {name.lower(): value for name, value in headers.items()}
    id_, timestamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(time.time() - int(timestamp)) > tolerance:
        return False
    expected = f"v1,{_sign(secret, id_, timestamp, body)}".encode()
    found = [each.encode("utf-8", "replace") for each in given.get("webhook-signature", "").split(" ")]
    return any(hmac.compare_digest(expected, each) for each in found)


def _sign(secret: str, id_: str, timestamp: str, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("the secret is not Base64") from error
    signed = f"{id_}.{timestamp}.".encode("utf-8", "replace") + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
