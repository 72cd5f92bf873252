"""Agents with their access rules, plans, tags and texts, and their API keys."""

import hashlib
import secrets
import uuid
import zoneinfo
from decimal import Decimal
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.colors import Color
from frontdesk.agents.limits import Limits, validate_limits
from frontdesk.agents.prices import StoredPrice
from frontdesk.core.zones import validate_zone

DEFAULT_SESSION_TIMEOUT = 30 * 60


def _price() -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("Dollars per million tokens, in place of the price list."),
    )


class AgentQuerySet(models.QuerySet["Agent"]):
    def active(self) -> Self:
        """Agents that are neither archived nor being deleted."""
        return self.filter(archived_at=None, deleting_since=None)

    def by_reference(self, reference: str) -> "Agent":
        """The agent with this id or, failing that, this exact name.

        Raises Agent.DoesNotExist, or Agent.MultipleObjectsReturned if several agents have the
        name.
        """
        try:
            return self.get(id=uuid.UUID(reference))
        except (ValueError, Agent.DoesNotExist):
            return self.get(name=reference)


class Agent(models.Model):
    """One AI agent, with its channels, access rules, limits and people."""

    class Access(models.TextChoices):
        OPEN = "open", _("Everyone")
        VERIFIED = "verified", _("Verified people only")
        INVITED = "invited", _("Invited people only")
        CLOSED = "closed", _("No one")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    avatar = models.CharField(
        max_length=16,
        blank=True,
        help_text=_("One emoji. If empty, the first letters of the name are shown."),
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    session_timeout = models.PositiveIntegerField(
        default=DEFAULT_SESSION_TIMEOUT,
        validators=[MinValueValidator(60), MaxValueValidator(7 * 24 * 3600)],
        help_text=_("Seconds of silence that end a session."),
    )
    access = models.CharField(
        max_length=8,
        choices=Access,
        default=Access.OPEN,
        help_text=_("Who may write to the agent."),
    )
    language = models.CharField(
        max_length=35,
        default="en",
        help_text=_("People whose own language has no text are answered in this one."),
    )
    limits: "models.JSONField[Limits, Limits]" = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_limits],
        help_text=_("For users without another limit of their plan or of their own."),
    )
    input_price = _price()
    cached_price = _price()
    output_price = _price()
    model_prices: "models.JSONField[list[StoredPrice], list[StoredPrice]]" = models.JSONField(
        default=list,
        blank=True,
        db_default=models.Value([], models.JSONField()),
        help_text=_("The prices of single models; the others have the agent's own prices."),
    )
    keep_texts = models.BooleanField(
        default=True, help_text=_("Off: texts are not kept, only the counts.")
    )
    keep_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36_500)],
        help_text=_("Days for which texts are kept; empty: for as long as the agent exists."),
    )
    texts_gone_before = models.DateTimeField(
        null=True, editable=False, help_text=_("Texts of messages before this have been removed.")
    )
    organization = models.CharField(
        max_length=100, blank=True, db_default="", help_text=_("Who runs the agent.")
    )
    tells_ai = models.BooleanField(
        default=True, db_default=True, help_text=_("People are told that an AI answers.")
    )
    privacy_contact = models.CharField(
        max_length=200,
        blank=True,
        db_default="",
        help_text=_("Where people ask for their data: an e-mail address, a phone number, a form."),
    )
    privacy_url = models.URLField(
        max_length=500,
        blank=True,
        db_default="",
        help_text=_("Your own privacy policy, in place of the text made from the settings."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    paused_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("No one is answered until the agent is resumed."),
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleting_since = models.DateTimeField(
        null=True, editable=False, help_text=_("Being deleted, with all that belongs to it.")
    )
    rebuilding_since = models.DateTimeField(
        null=True,
        editable=False,
        help_text=_("Numbers are being rebuilt after a change of zone or session timeout."),
    )

    objects = AgentQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone of this agent's days."""
        return zoneinfo.ZoneInfo(self.time_zone)


class Plan(models.Model):
    """A subscription that users of one agent may have. Reports refer to it by its key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="plans")
    key = models.CharField(
        max_length=100, help_text=_("Its key in reports and the API. It never changes.")
    )
    name = models.CharField(max_length=100)
    color = models.CharField(max_length=8, choices=Color, default=Color.GREY)
    price = models.CharField(max_length=60, blank=True, help_text=_("As text, such as $9 a month."))
    limits: "models.JSONField[Limits, Limits]" = models.JSONField(
        default=dict, blank=True, validators=[validate_limits]
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("created_at", "id")
        constraints = (models.UniqueConstraint(fields=("agent", "key"), name="plan_key"),)

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A label that operators assign to users of one agent. Tags may also be reported."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=255)
    color = models.CharField(max_length=8, choices=Color, default=Color.GREY)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint(fields=("agent", "name"), name="tag_name"),)

    def __str__(self) -> str:
        return self.name


class AgentText(models.Model):
    """An agent's own text for an occasion in one language, which replaces the built-in text."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="texts")
    occasion = models.CharField(max_length=32)
    language = models.CharField(max_length=35)
    text = models.CharField(max_length=1000)

    class Meta:
        ordering = ("occasion", "language")
        constraints = (
            models.UniqueConstraint(fields=("agent", "occasion", "language"), name="agent_text"),
        )

    def __str__(self) -> str:
        return f"{self.occasion} ({self.language})"


class Invitee(models.Model):
    """A person on an agent's list of invited people."""

    class Kind(models.TextChoices):
        ID = "id", _("Platform and id")
        USERNAME = "username", _("Username")
        EMAIL = "email", _("E-mail")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="invitees")
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(
        max_length=320,
        help_text=_("platform:id as it is; a username (without @) or an e-mail in lowercase."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("kind", "value")
        constraints = (
            models.UniqueConstraint(fields=("agent", "kind", "value"), name="invitee_value"),
        )

    def __str__(self) -> str:
        return f"@{self.value}" if self.kind == self.Kind.USERNAME else self.value


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def find(self, token: str) -> "ApiKey | None":
        """The key with this token, if it is not revoked."""
        digest = _digest(token)
        key = self.select_related("agent").filter(digest=digest, revoked_at=None).first()
        return key if key and constant_time_compare(key.digest, digest) else None


class ApiKey(models.Model):
    """Lets a program use the API for one agent. Only a digest of the token is stored.

    The token is 32 random bytes, so a plain SHA-256 cannot be reversed by guessing.
    """

    class Scope(models.TextChoices):
        INGEST = "ingest", _("Report messages")
        READ = "read", _("Read users and messages")
        MANAGE = "manage", _("Block, change, export and erase users")

    PREFIX = "fd_"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    hint = models.CharField(max_length=12, help_text=_("First characters of the token."))
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
        """Create a key; returns it with its token, which can never be shown again."""
        unknown = set(scopes) - set(cls.Scope.values)
        if unknown or not scopes:
            raise ValueError(f"scopes must be among {', '.join(cls.Scope.values)}; got {scopes}")
        token = cls.PREFIX + secrets.token_urlsafe(32)
        key = cls.objects.create(
            agent=agent, name=name, hint=token[:8], digest=_digest(token), scopes=sorted(scopes)
        )
        return key, token

    def revoke(self) -> None:
        """Revoke the key. A second call keeps the first time."""
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])

    def allows(self, scope: str) -> bool:
        return self.revoked_at is None and scope in self.scopes


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
