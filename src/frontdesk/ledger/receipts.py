"""Signed receipts of erasures: what was removed, when, and by which operator or key.

A receipt does not name the erased person. It is JSON with a signature: HMAC-SHA256 over its
canonical form, with a key derived from the secret key. So this installation can verify that a
receipt is its own and unchanged.
"""

import hmac
import json
from typing import Any

from django.conf import settings

from frontdesk.ledger.models import Erasure

_FORMAT = "frontdesk-erasure-receipt/1"


def receipt(erasure: Erasure) -> bytes:
    """The receipt of an erasure that is done. Raises ValueError while it runs."""
    if erasure.state != Erasure.State.DONE or erasure.finished_at is None:
        raise ValueError("an erasure that is still running has no receipt")
    content: dict[str, Any] = {
        "format": _FORMAT,
        "erasure": str(erasure.id),
        "agent": str(erasure.agent_id),
        "kind": erasure.kind,
        "identity": erasure.digest,
        "textsKept": erasure.keep_texts,
        "requestedBy": erasure.requested_by,
        "requestedAt": erasure.requested_at.isoformat(),
        "finishedAt": erasure.finished_at.isoformat(),
        "rows": sum(erasure.tables.values()),
        "tables": dict(sorted(erasure.tables.items())),
    }
    content["signature"] = _sign(content)
    return json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n"


def verify_receipt(data: bytes) -> dict[str, Any]:
    """The content of a receipt, without its signature.

    Raises ValueError, with the reason, unless it is an unchanged receipt of this installation.
    """
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("this is no JSON that can be read") from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise ValueError("this is no receipt of an erasure")
    signature = content.pop("signature", None)
    if not isinstance(signature, str) or not hmac.compare_digest(
        signature.encode(errors="replace"), _sign(content).encode()
    ):
        raise ValueError("the signature is not ours, or the receipt was changed")
    return content


def _sign(content: dict[str, Any]) -> str:
    """Over sorted names without spaces, so that the file's layout does not matter."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    key = hmac.digest(settings.SECRET_KEY.encode(), b"frontdesk.ledger.receipts", "sha256")
    return hmac.digest(key, canonical.encode(), "sha256").hex()
