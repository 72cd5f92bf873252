"""The web chat of an agent, and the visitors who have signed in."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.colors import Color
from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser


class WebChat(models.Model):
    """The hosted chat page and the widget of one agent."""

    agent = models.OneToOneField(
        Agent, on_delete=models.CASCADE, primary_key=True, related_name="web_chat"
    )
    is_on = models.BooleanField(default=False)
    origins = models.JSONField(
        default=list,
        blank=True,
        help_text=_("Sites that may embed the widget: https://example.com."),
    )
    greeting = models.CharField(max_length=1000, blank=True)
    suggestions = models.JSONField(
        default=list, blank=True, help_text=_("Questions that are offered at the beginning.")
    )
    color = models.CharField(max_length=8, choices=Color, default=Color.BLUE)
    secret = models.TextField(
        blank=True,
        help_text=_("Encrypted: the secret that the operator's site signs its visitors with."),
    )

    def __str__(self) -> str:
        return f"web chat of {self.agent_id}"


class SignedIn(models.Model):
    """An anonymous visitor who has signed in. Their token has ended.

    The known visitor who is linked with them reads what they wrote.
    """

    end_user = models.OneToOneField(
        EndUser,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"signed in at {self.at:%Y-%m-%d %H:%M} UTC"
