"""Bots, and the updates that Telegram has sent for them."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import end_user_key

API_URL = "https://api.telegram.org"


class TelegramBot(models.Model):
    """The bot of one agent."""

    class Mode(models.TextChoices):
        POLLING = "polling", "Polling"
        WEBHOOK = "webhook", "Webhook"

    class State(models.TextChoices):
        STARTING = "starting", "Starting"
        RUNNING = "running", "Running"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, related_name="telegram_bot")
    bot_id = models.BigIntegerField(unique=True, help_text="Telegram's id of the bot.")
    username = models.CharField(max_length=64)
    name = models.CharField(max_length=255, blank=True)
    token = models.TextField(help_text="Sealed.")
    api_url = models.CharField(max_length=500, default=API_URL)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.POLLING)
    webhook_secret = models.TextField(help_text="Sealed: what Telegram sends with each update.")
    state = models.CharField(max_length=8, choices=State, default=State.STARTING)
    last_error = models.CharField(max_length=500, blank=True)
    last_error_at = models.DateTimeField(null=True)
    last_update_at = models.DateTimeField(null=True)
    connected_at = models.DateTimeField(default=timezone.now)
    # The worker that serves the bot, until then unless it says so again.
    served_by = models.UUIDField(null=True)
    served_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"@{self.username}"


class TelegramUpdate(models.Model):
    """An update that is taken in: kept until it is dealt with, its id for some days longer.

    Once it is done nothing of what was said is left in it.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        ANSWERED = "answered", "There is an answer, which is being sent"
        DONE = "done"

    pk = models.CompositePrimaryKey("end_user_id", "key")
    end_user = end_user_key()
    key = models.CharField(max_length=64, help_text="Telegram's ids: <bot>:<update>.")
    bot_id = models.UUIDField(help_text="Our bot's id; no foreign key, for this is a hot table.")
    number = models.BigIntegerField(help_text="Telegram's id of the update: their order.")
    chat = models.BigIntegerField(
        default=0,
        help_text="Telegram's id of the chat: one update of a chat is worked on at a time.",
    )
    received_at = models.DateTimeField(default=timezone.now)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    answer = models.JSONField(default=dict, help_text="The answer, as long as it is not sent.")
    parts_sent = models.PositiveIntegerField(default=0)
    is_sending = models.BooleanField(
        default=False, help_text="The next part is on its way; whether it arrived is not known."
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=("bot_id", "number"),
                name="telegram_pending",
                condition=~models.Q(state="done"),
            ),
            models.Index(fields=("received_at",), name="telegram_received"),
        ]

    def __str__(self) -> str:
        return f"update {self.key}"
