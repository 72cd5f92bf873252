"""Authentication by API key: each is for one agent and has scopes. Cookies give no access."""

import datetime as dt
import logging
from collections.abc import Callable

from django.db import DatabaseError
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from ninja.security import HttpBearer

from frontdesk.agents.models import ApiKey
from frontdesk.api.errors import no_access
from frontdesk.core.http.errors import ApiError

logger = logging.getLogger(__name__)

USE_RECORDED_EVERY = dt.timedelta(minutes=1)


class ApiKeyAuth(HttpBearer):
    """Admits a key of the agent in the address that has this scope.

    The only place where the API authorizes: a view works with the key's own agent.
    """

    openapi_description = (
        "An API key of the agent, created by `frontdesk keys create --agent A` or in its settings."
    )

    def __init__(self, scope: ApiKey.Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        """The key. Raises ApiError: 401, 404 for another agent than the key's, 403."""
        key = ApiKey.objects.find(token.strip())
        if key is None or key.agent.deleting_since is not None:
            raise no_access("This API key is unknown or revoked.")
        match = request.resolver_match
        requested = match.kwargs["agent_id"] if match else ""
        if requested.lower() != str(key.agent_id):
            # The same answer whether or not that agent exists: a key reveals only its own.
            raise ApiError(404, "not_found", "This key's agent has another id.", "agent_id")
        if not key.allows(self.scope):
            has = " and ".join(key.scopes)
            message = f"This requires the scope “{self.scope.value}”; the key has {has}."
            raise ApiError(403, "missing_scope", message)
        return key


def key_of(request: HttpRequest) -> ApiKey:
    """The key that ApiKeyAuth admitted; its agent is the one in the address."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]  # django-ninja puts it there
    return key


def recording_use(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Record when a key was last used, to the minute, after the work is done."""

    def recorded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        key = getattr(request, "auth", None)
        if isinstance(key, ApiKey):
            _record_use(key)
        return response

    return recorded


def _record_use(key: ApiKey) -> None:
    now = timezone.now()
    before = now - USE_RECORDED_EVERY
    if key.last_used_at is not None and key.last_used_at > before:
        return
    unless_recorded = Q(last_used_at=None) | Q(last_used_at__lt=before)
    try:
        ApiKey.objects.filter(unless_recorded, id=key.id).update(last_used_at=now)
    except DatabaseError:  # the answer matters more
        logger.warning("could not record the use of key %s", key.id, exc_info=True)
