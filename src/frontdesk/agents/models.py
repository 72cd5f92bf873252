"""Agents and the API keys that may report for them."""

import hashlib
import secrets
import uuid
import zoneinfo
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare

DEFAULT_SESSION_TIMEOUT = 30 * 60


def validate_zone(name: str) -> None:
    """Refuse what is not a key of the IANA time zone database."""
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise ValidationError(
            "“%(name)s” is not a time zone; use a name such as Europe/Berlin.",
            params={"name": name},
        ) from None


class AgentQuerySet(models.QuerySet["Agent"]):
    def active(self) -> Self:
        """Agents that are not archived."""
        return self.filter(archived_at=None)

    def by_reference(self, reference: str) -> "Agent":
        """The agent with this id or, failing that, this exact name.

        Raises Agent.DoesNotExist, or Agent.MultipleObjectsReturned for a name that two agents
        share.
        """
        try:
            return self.get(id=uuid.UUID(reference))
        except (ValueError, Agent.DoesNotExist):
            return self.get(name=reference)


class Agent(models.Model):
    """One AI agent, with its channels, access rules, limits and people."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    avatar = models.CharField(
        max_length=16, blank=True, help_text="One emoji; the first letters of the name otherwise."
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    session_timeout = models.PositiveIntegerField(
        default=DEFAULT_SESSION_TIMEOUT,
        validators=[MinValueValidator(60), MaxValueValidator(7 * 24 * 3600)],
        help_text="Seconds of silence that end a session.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    rebuilding_since = models.DateTimeField(
        null=True,
        editable=False,
        help_text="Derived numbers are being rebuilt, after a change of zone or session timeout.",
    )

    objects = AgentQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone in which this agent's days begin and end."""
        return zoneinfo.ZoneInfo(self.time_zone)


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def find(self, token: str) -> "ApiKey | None":
        """The unrevoked key that this token opens, or None."""
        digest = _digest(token)
        key = self.select_related("agent").filter(digest=digest, revoked_at=None).first()
        return key if key and constant_time_compare(key.digest, digest) else None


class ApiKey(models.Model):
    """Lets a program report for, or read from, one agent. Only a digest of the token is kept.

    The token is 32 random bytes, so a plain SHA-256 cannot be searched backwards.
    """

    class Scope(models.TextChoices):
        INGEST = "ingest", "Report messages"
        READ = "read", "Read users and messages"

    PREFIX = "fd_"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    hint = models.CharField(max_length=12, help_text="First characters of the token.")
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @classmethod
    def issue(cls, agent: Agent, name: str, scopes: list[str]) -> tuple["ApiKey", str]:
        """Make a key; return it with its token, which can never be shown again."""
        unknown = set(scopes) - set(cls.Scope.values)
        if unknown or not scopes:
            raise ValueError(f"scopes must be of {', '.join(cls.Scope.values)}; got {scopes}")
        token = cls.PREFIX + secrets.token_urlsafe(32)
        key = cls.objects.create(
            agent=agent, name=name, hint=token[:8], digest=_digest(token), scopes=sorted(scopes)
        )
        return key, token

    def revoke(self) -> None:
        """End the key at once; a second call keeps the first time."""
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])

    def allows(self, scope: str) -> bool:
        return self.revoked_at is None and scope in self.scopes


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
