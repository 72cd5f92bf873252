"""Signs requests to an operator's agent, following Standard Webhooks.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import secrets

_PREFIX = "whsec_"


def new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(secret: str, id_: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers by which the receiver verifies that a request is ours and recent.

    `at` is in seconds since 1970. Raises ValueError for an invalid secret.
    """
    key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    if not key:
        raise ValueError("there is no secret to sign with")
    digest = hmac.digest(key, f"{id_}.{at}.".encode() + body, hashlib.sha256)
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": id_, "webhook-timestamp": str(at), "webhook-signature": signature}
