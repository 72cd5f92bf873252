"""The backend of an agent. An agent without one runs elsewhere and reports its messages."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent


class Backend(models.Model):
    """The backend of one agent. Each kind uses its own fields."""

    class Kind(models.TextChoices):
        DEMO = "demo", _("Demo")
        OPENAI = "openai", _("OpenAI-compatible model")
        HTTP = "http", _("Your own agent, by HTTP")

    class KeyHeader(models.TextChoices):
        BEARER = "authorization", "Authorization: Bearer …"
        API_KEY = "api-key", "api-key: …"

    agent = models.OneToOneField(
        Agent, on_delete=models.CASCADE, primary_key=True, related_name="backend"
    )
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.OPENAI)
    url = models.CharField(
        max_length=1000,
        blank=True,
        help_text=_("Base URL of the API, or the address of the agent."),
    )
    secret = models.TextField(
        blank=True,
        help_text=_("Encrypted: the API's key, or the secret that requests are signed with."),
    )
    key_header = models.CharField(max_length=16, choices=KeyHeader, default=KeyHeader.BEARER)
    model = models.CharField(max_length=200, blank=True)
    system_prompt = models.TextField(blank=True, max_length=50_000)
    temperature = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(2)]
    )
    max_tokens = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    history_length = models.PositiveSmallIntegerField(
        default=20,
        validators=[MaxValueValidator(200)],
        help_text=_("Earlier messages of the conversation that are sent along."),
    )
    timeout = models.PositiveSmallIntegerField(
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
        help_text=_("Seconds of silence after which an answer counts as failed."),
    )
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.get_kind_display()
