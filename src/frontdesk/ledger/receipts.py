"""Receipts of erasures: what was removed, when and by whom, signed; they name no erased person.

A receipt is JSON with a signature, HMAC-SHA256 over its canonical form by a key made of the secret
key: this installation can tell whether a receipt is its own, and unchanged.
"""

import hmac
import json
from typing import Any

from django.conf import settings

from frontdesk.ledger.models import Erasure

_FORMAT = "frontdesk-erasure-receipt/1"


def receipt(erasure: Erasure) -> bytes:
    """The receipt of an erasure that is done. Raises ValueError while it goes on."""
    if erasure.state != Erasure.State.DONE or erasure.finished_at is None:
        raise ValueError("an erasure that goes on has no receipt yet")
    told: dict[str, Any] = {
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
    told["signature"] = _sign(told)
    return json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"


def verify_receipt(data: bytes) -> dict[str, Any]:
    """What a receipt says, without its signature.

    Raises ValueError, with the reason, for what is no receipt of this installation as it was made.
    """
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("this is no JSON that can be read") from None
    if not isinstance(told, dict) or told.get("format") != _FORMAT:
        raise ValueError("this is no receipt of an erasure")
    signature = told.pop("signature", None)
    if not isinstance(signature, str) or not hmac.compare_digest(
        signature.encode(errors="replace"), _sign(told).encode()
    ):
        raise ValueError("the signature is not ours, or the receipt was changed")
    return told


def _sign(told: dict[str, Any]) -> str:
    """Over sorted names without spaces, so that the layout of the file does not matter."""
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"))
    key = hmac.digest(settings.SECRET_KEY.encode(), b"frontdesk.ledger.receipts", "sha256")
    return hmac.digest(key, canonical.encode(), "sha256").hex()
