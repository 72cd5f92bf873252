"""What Frontdesk knows of the people and what they said; written by `frontdesk.ledger` alone.

EndUser, Session, Message and DailyActivity are made to be sharded by end user: each key starts with
(or is) the end user's id, and no foreign key is enforced by the database. The tables of an agent's
rollups (AgentDay, ReturnGap, Cohort, FacetCount) are small, and sums over the hot ones.
"""

import datetime as dt
import uuid
from typing import ClassVar

from django.db import models

from frontdesk.agents.models import Agent
from frontdesk.ledger.labels import stable_label

NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""`EndUser.last_message_at` of who has not written: sorts as the oldest on every database."""

NO_DAY = dt.date.min
"""`ReturnGap.previous_day` of a first active day: smaller than any, so ranges just work."""

MAX_ID = 255


class EndUser(models.Model):
    """One identity that wrote to one agent: (agent, platform, external id). Pages say "User".

    Totals are kept at write time, never counted at read time. Money is micro-dollars.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    agent = models.ForeignKey(
        Agent, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    platform = models.CharField(max_length=32)
    external_id = models.CharField(max_length=MAX_ID)

    name = models.CharField(max_length=255, blank=True)
    username = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=320, blank=True)
    language = models.CharField(max_length=35, blank=True)
    avatar_url = models.CharField(max_length=1000, blank=True)
    plan = models.CharField(max_length=100, blank=True)
    tags = models.JSONField(default=list)
    attributes = models.JSONField(default=dict)
    field_times = models.JSONField(
        default=dict,
        help_text="Per profile field, the event time (µs since 1970) of the value that is kept.",
    )

    search_key = models.TextField(blank=True)
    sort_name = models.CharField(max_length=100)

    first_seen_at = models.DateTimeField(help_text="Time of the first message of any role.")
    last_message_at = models.DateTimeField(default=NEVER, help_text="Last message FROM the user.")
    first_active_on = models.DateField(
        null=True, help_text="First day (agent's zone) on which the user sent a message."
    )
    total_sessions = models.BigIntegerField(default=0)
    total_chat_messages = models.BigIntegerField(default=0)
    total_messages_sent = models.BigIntegerField(default=0)
    user_cost = models.BigIntegerField(default=0)
    unpriced_messages = models.BigIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("agent", column, "id"), name=f"enduser_{short}")
            for column, short in (
                ("sort_name", "name"),
                ("last_message_at", "last"),
                ("first_seen_at", "first"),
                ("total_sessions", "sessions"),
                ("total_chat_messages", "chat"),
                ("total_messages_sent", "sent"),
                ("user_cost", "cost"),
            )
        ] + [
            models.Index(
                fields=("agent", "platform", "last_message_at", "id"), name="enduser_platform"
            ),
            models.Index(
                fields=("agent", "language", "last_message_at", "id"), name="enduser_language"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What to call this user: the name, else the username, else a readable stable label."""
        return self.name or (f"@{self.username}" if self.username else stable_label(self.id))

    @property
    def is_anonymous_person(self) -> bool:
        """Whether the label is one that Frontdesk made up."""
        return not (self.name or self.username)

    @property
    def has_written(self) -> bool:
        return self.last_message_at > NEVER


class Session(models.Model):
    """One dialogue: a gap session (a range of time in one chat) or one explicit session id.

    A gap session's id says nothing: ranges join and split as late messages arrive.
    """

    pk = models.CompositePrimaryKey("end_user_id", "id")
    end_user = models.ForeignKey(
        EndUser, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    id = models.UUIDField(default=uuid.uuid4)
    chat = models.CharField(max_length=MAX_ID, blank=True)
    external_id = models.CharField(
        max_length=MAX_ID, blank=True, help_text="The explicit session id; empty for a gap session."
    )
    boundary = models.BooleanField(
        default=False,
        help_text="A gap session that starts at a boundary: never joined to an earlier.",
    )
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    messages = models.BigIntegerField(default=0)
    chat_messages = models.BigIntegerField(default=0)
    messages_sent = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    unpriced_messages = models.BigIntegerField(default=0)

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
    """One entry of a dialogue. Its id is made of the reporter's id, so a repeat is known as one."""

    class Role(models.TextChoices):
        USER = "user"
        AGENT = "agent"
        TOOL = "tool"
        SYSTEM = "system"

    pk = models.CompositePrimaryKey("end_user_id", "id")
    end_user = models.ForeignKey(
        EndUser, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    id = models.UUIDField()
    sent_at = models.DateTimeField()
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
    cost_given = models.BooleanField(default=False, help_text="The event itself told the cost.")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("end_user", "sent_at", "id"), name="message_time")
        ]

    def __str__(self) -> str:
        return f"{self.role} at {self.sent_at:%Y-%m-%d %H:%M:%S} UTC"


class DailyActivity(models.Model):
    """What one end user did on one day of the agent's zone; active = sent at least one message."""

    pk = models.CompositePrimaryKey("end_user_id", "day")
    end_user = models.ForeignKey(
        EndUser, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    day = models.DateField()
    sessions = models.BigIntegerField(default=0, help_text="Started by the user on this day.")
    chat_messages = models.BigIntegerField(default=0)
    messages_sent = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    unpriced_messages = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day}"


class AgentDay(models.Model):
    """Sums over the end users of one agent on one platform and day."""

    pk = models.CompositePrimaryKey("agent_id", "platform", "day")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    platform = models.CharField(max_length=32)
    day = models.DateField()
    new_users = models.BigIntegerField(default=0, help_text="Users whose first active day this is.")
    sessions = models.BigIntegerField(default=0)
    chat_messages = models.BigIntegerField(default=0)
    messages_sent = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    unpriced_messages = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.platform} on {self.day}"


class ReturnGap(models.Model):
    """How many users were active on `day` and, before it, last on `previous_day`.

    The exact number of distinct users active in [a, b] is the sum of `users` over the rows with
    a <= day <= b and previous_day < a.
    """

    pk = models.CompositePrimaryKey("agent_id", "platform", "day", "previous_day")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    platform = models.CharField(max_length=32)
    day = models.DateField()
    previous_day = models.DateField(default=NO_DAY)
    users = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.platform}: {self.previous_day} → {self.day}"


class Cohort(models.Model):
    """How many users whose first active week is `first_week` were active in `week` (Mondays)."""

    pk = models.CompositePrimaryKey("agent_id", "platform", "first_week", "week")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    platform = models.CharField(max_length=32)
    first_week = models.DateField()
    week = models.DateField()
    users = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.platform}: {self.first_week} in {self.week}"


class FacetCount(models.Model):
    """How many end users of an agent have this value of a facet, active or not."""

    class Facet(models.TextChoices):
        PLATFORM = "platform"
        LANGUAGE = "language"

    pk = models.CompositePrimaryKey("agent_id", "facet", "value")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    facet = models.CharField(max_length=16, choices=Facet)
    value = models.CharField(max_length=35)
    users = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.facet} {self.value}"
