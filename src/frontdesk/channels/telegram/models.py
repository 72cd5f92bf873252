"""Bots, and the updates that Telegram has sent for them."""

import uuid
from typing import ClassVar

import msgspec
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent
from frontdesk.channels.models import InboxItem, LeasedConnection
from frontdesk.channels.telegram.updates import Incoming
from frontdesk.ledger.events import Event
from frontdesk.ledger.models import end_user_key

API_URL = "https://api.telegram.org"


class TelegramBot(LeasedConnection):
    """The bot of one agent."""

    class Mode(models.TextChoices):
        POLLING = "polling", _("Polling")
        WEBHOOK = "webhook", _("Webhook")

    class State(models.TextChoices):
        STARTING = "starting", _("Starting")
        RUNNING = "running", _("Running")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    bot_id = models.BigIntegerField(unique=True, help_text=_("Telegram's id of the bot."))
    username = models.CharField(max_length=64)
    name = models.CharField(max_length=255, blank=True)
    token = models.TextField(help_text=_("Encrypted."))
    api_url = models.CharField(max_length=500, default=API_URL)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.POLLING)
    webhook_secret = models.TextField(
        help_text=_("Encrypted: what Telegram sends with each update.")
    )
    state = models.CharField(max_length=8, choices=State, default=State.STARTING)
    last_error = models.CharField(max_length=500, blank=True)
    last_error_at = models.DateTimeField(null=True)
    last_update_at = models.DateTimeField(null=True)
    clock_ahead = models.PositiveBigIntegerField(
        default=0,
        db_default=0,
        help_text=_("Seconds by which Telegram's clock is ahead, if its times cannot be used."),
    )
    unnamed_messages = models.PositiveBigIntegerField(
        default=0,
        db_default=0,
        help_text=_("Messages to the bot by anonymous admins or channels, which it cannot answer."),
    )
    answers_edits = models.BooleanField(
        default=False, db_default=False, help_text=_("Edited messages are answered again.")
    )
    connected_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"@{self.username}"


class MigratedGroup(models.Model):
    """A group that has become a supergroup, with a new id. Its dialogues keep the old one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    new_id = models.BigIntegerField()
    old_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("agent", "new_id"), name="telegram_migrated_group")
        ]

    def __str__(self) -> str:
        return f"group {self.old_id}, now {self.new_id}"


class SentMessage(models.Model):
    """A part of an answer to a user, as Telegram knows it. `answer_id` is the ledger's id."""

    pk = models.CompositePrimaryKey("end_user_id", "bot_id", "chat", "number")
    end_user = end_user_key()
    bot_id = models.BigIntegerField()
    chat = models.BigIntegerField()
    number = models.BigIntegerField()
    thread = models.BigIntegerField(null=True)
    answer_id = models.UUIDField()
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("sent_at",), name="telegram_sent"),
            models.Index(fields=("bot_id", "chat", "number"), name="telegram_sent_place"),
        ]

    def __str__(self) -> str:
        return f"message {self.number} in {self.chat}"


class TelegramUpdate(InboxItem):
    """A received update. Its key is <Telegram's id of the bot>:<id of the update>:<digest>."""

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=("connection_id", "number"),
                name="telegram_pending",
                condition=~models.Q(state="done"),
            ),
            models.Index(fields=("received_at",), name="telegram_received"),
        ]

    def __str__(self) -> str:
        return f"update {self.key}"

    @property
    def incoming(self) -> Incoming:
        return msgspec.convert(self.payload, Incoming)

    @property
    def bot_id(self) -> int:
        """Telegram's id of the bot that got it."""
        return int(self.key.partition(":")[0])

    @property
    def may_be_part(self) -> bool:
        """Whether it may be a part of a thought; `thoughts.waiting` asks the database the same."""
        return not self.is_urgent and self.incoming.kind == "message"

    def event(self) -> Event:
        return self.incoming.event()

    @property
    def attempt(self) -> int:
        return self.incoming.attempt
