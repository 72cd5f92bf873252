"""Operators' actions on the backend of an agent. Forms have validated the input."""

from django.utils import timezone

from frontdesk import audit
from frontdesk.audit import Actor
from frontdesk.backends import signing
from frontdesk.backends.models import Backend
from frontdesk.core.encryption import encrypt


def save_backend(actor: Actor, backend: Backend) -> str:
    """Use this backend from the next message on.

    Returns the secret that was created for signing requests, which is never shown again, or "".
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
    """Sign with a new secret from now on. Returns it, because it is never shown again."""
    secret = signing.new_secret()
    backend.secret = encrypt(secret)
    backend.updated_at = timezone.now()
    backend.save(update_fields=["secret", "updated_at"])
    audit.record(actor, "renew_backend_secret", backend.agent_id)
    return secret


def remove_backend(actor: Actor, backend: Backend) -> None:
    """Delete the backend and its key."""
    agent_id = backend.agent_id
    backend.delete()
    audit.record(actor, "remove_backend", agent_id)
