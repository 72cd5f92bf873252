"""Conversations: sessions, messages, and the daily activity of each end user."""

import uuid
from typing import ClassVar

from django.db import models

from frontdesk.ledger.models.users import MAX_ID, end_user_key, json_value

MAX_REACTION = 200


class Session(models.Model):
    """One dialogue: a gap session (a range of time in one chat) or one explicit session id.

    A gap session's id is not stable: ranges join and split as late messages arrive.
    """

    pk = models.CompositePrimaryKey("end_user_id", "id")
    end_user = end_user_key()
    id = models.UUIDField(default=uuid.uuid4)
    chat = models.CharField(max_length=MAX_ID, blank=True)
    external_id = models.CharField(
        max_length=MAX_ID, blank=True, help_text="The explicit session id; empty for a gap session."
    )
    boundary = models.BooleanField(
        default=False,
        help_text="A gap session that starts at a boundary; never joined to an earlier one.",
    )
    first_at = models.DateTimeField()
    first_position = models.BigIntegerField(
        default=0, db_default=0, help_text="Of a gap session's first message."
    )
    last_at = models.DateTimeField()
    messages = models.BigIntegerField(default=0)
    chat_messages = models.BigIntegerField(default=0)
    messages_sent = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    unpriced_messages = models.BigIntegerField(default=0)
    failed_messages = models.BigIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=("end_user", "external_id", "chat", "first_at"), name="session_gap"
            ),
            models.Index(fields=("end_user", "first_at"), name="session_first"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id or 'session'} from {self.first_at:%Y-%m-%d %H:%M} UTC"


class Message(models.Model):
    """One entry of a dialogue. Its id is derived from the reported one, to recognize repeats."""

    class Role(models.TextChoices):
        USER = "user"
        AGENT = "agent"
        TOOL = "tool"
        SYSTEM = "system"

    pk = models.CompositePrimaryKey("end_user_id", "id")
    end_user = end_user_key()
    id = models.UUIDField()
    sent_at = models.DateTimeField()
    position = models.BigIntegerField(
        default=0, db_default=0, help_text="Orders messages of the same time: events.position_of."
    )
    role = models.CharField(max_length=6, choices=Role)
    chat = models.CharField(max_length=MAX_ID, blank=True)
    session_id = models.CharField(
        max_length=MAX_ID, blank=True, help_text="The explicit session id; empty for a gap session."
    )
    new_session = models.BooleanField(default=False, help_text="A boundary: a session starts here.")
    text = models.TextField(blank=True)
    edited_at = models.DateTimeField(null=True)
    model = models.CharField(max_length=200, blank=True)
    input_tokens = models.BigIntegerField(null=True)
    output_tokens = models.BigIntegerField(null=True)
    cached_tokens = models.BigIntegerField(null=True)
    cost = models.BigIntegerField(
        null=True, help_text="Micro-dollars; null when there is no price."
    )
    cost_given = models.BooleanField(default=False, help_text="The event reported the cost.")
    latency_ms = models.BigIntegerField(
        null=True, help_text="Milliseconds from the question to the whole answer."
    )
    failed = models.BooleanField(default=False, help_text="The agent could not answer.")
    error = models.CharField(max_length=500, blank=True, help_text="Why it failed.")
    redacted = models.BooleanField(default=False, help_text="Text and error are not kept.")
    edited_fields = models.JSONField(
        null=True, help_text="By field of the usage: when the edit was made that it is from, in µs."
    )
    reaction = models.CharField(
        max_length=MAX_REACTION,
        blank=True,
        default="",
        db_default="",
        help_text="The user's emoji below an answer.",
    )
    reacted_at = models.DateTimeField(
        null=True, help_text="When the reaction was last set or taken back."
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("end_user", "sent_at", "position", "id"), name="message_order")
        ]

    def __str__(self) -> str:
        return f"{self.role} at {self.sent_at:%Y-%m-%d %H:%M:%S} UTC"


class MemberReaction(models.Model):
    """The emoji that a member of a group shows below an answer to another member, `owner_id`."""

    pk = models.CompositePrimaryKey("end_user_id", "owner_id", "answer_id")
    end_user = end_user_key()
    owner_id = models.UUIDField(help_text="The user who got the answer.")
    answer_id = models.UUIDField()
    reaction = models.CharField(max_length=MAX_REACTION, blank=True)
    reacted_at = models.DateTimeField(help_text="When it was last set or taken back.")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("owner_id", "answer_id"), name="memberreaction_answer")
        ]

    def __str__(self) -> str:
        return f"{self.reaction} at {self.reacted_at:%Y-%m-%d %H:%M} UTC"


class DailyActivity(models.Model):
    """One end user on one day of the agent's zone; active means: sent at least one message."""

    pk = models.CompositePrimaryKey("end_user_id", "day")
    end_user = end_user_key()
    day = models.DateField()
    sessions = models.BigIntegerField(default=0, help_text="Started by the user on this day.")
    chat_messages = models.BigIntegerField(default=0)
    messages_sent = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    unpriced_messages = models.BigIntegerField(default=0)
    failed_messages = models.BigIntegerField(default=0)
    session_seconds = models.BigIntegerField(
        default=0, help_text="Total length of the sessions; each counts entirely on its first day."
    )
    hours: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(
        default=dict,
        db_default=json_value({}),
        help_text="Messages sent by hour (agent's zone), without 0s.",
    )
    usage: "models.JSONField[dict[str, list[int]], dict[str, list[int]]]" = models.JSONField(
        default=dict,
        db_default=json_value({}),
        help_text="By model: messages with usage, cost, and those without a known price.",
    )

    class Meta:
        indexes: ClassVar = [
            # For lists of users who were active on some days.
            models.Index(
                fields=("day", "end_user"),
                name="dailyactivity_active",
                condition=models.Q(messages_sent__gt=0),
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}"
