"""What operators do to what answers for an agent. The forms have checked what is asked for."""

from django.utils import timezone

from frontdesk import audit
from frontdesk.audit import Actor
from frontdesk.backends import signing
from frontdesk.backends.models import Backend
from frontdesk.core.encryption import encrypt


def save_backend(actor: Actor, backend: Backend) -> str:
    """Let this answer from the next message on.

    Returns the secret that was made for signing requests, which can never be shown again, or "".
    """
    secret = ""
    if backend.kind == Backend.Kind.HTTP and not backend.secret:
        secret = signing.new_secret()
        backend.secret = encrypt(secret)
    backend.updated_at = timezone.now()
    backend.save()
    audit.record(actor, "save_backend", backend.agent_id, kind=backend.kind)
    return secret


def renew_secret(actor: Actor, backend: Backend) -> str:
    """Sign with another secret at once; returns it, for it can never be shown again."""
    secret = signing.new_secret()
    backend.secret = encrypt(secret)
    backend.updated_at = timezone.now()
    backend.save(update_fields=["secret", "updated_at"])
    audit.record(actor, "renew_backend_secret", backend.agent_id)
    return secret


def remove_backend(actor: Actor, backend: Backend) -> None:
    """Let nothing answer here any more; its key goes with it."""
    agent_id = backend.agent_id
    backend.delete()
    audit.record(actor, "remove_backend", agent_id)
