"""What Frontdesk knows of the people and what they said; written by `frontdesk.ledger` alone.

EndUser, Session, Message and DailyActivity are made to be sharded by end user: each key starts with
(or is) the end user's id, and no foreign key is enforced by the database. The tables of an agent's
rollups (AgentDay, ReturnGap, Cohort, FacetCount) are small, and sums over the hot ones.
"""

import datetime as dt
import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.ledger.labels import stable_label

NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""`EndUser.last_message_at` of who has not written: sorts as the oldest on every database."""

NO_DAY = dt.date.min
"""`ReturnGap.previous_day` of a first active day: smaller than any, so ranges just work."""

MAX_ID = 255


def _json(value: object) -> models.Value:
    return models.Value(value, models.JSONField())


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

    # What operators say beside what reporters told; never overwritten by a report.
    assigned_plan = models.CharField(
        max_length=100, blank=True, db_default="", help_text="Key of a plan."
    )
    plan_until = models.DateTimeField(null=True, help_text="End of the assigned plan.")
    assigned_tags = models.JSONField(default=list, db_default=_json([]))
    assigned_attributes = models.JSONField(default=dict, db_default=_json({}))
    subscription = models.GeneratedField(
        expression=NullIf(
            Coalesce(NullIf("assigned_plan", models.Value("")), "plan"), models.Value("")
        ),
        output_field=models.CharField(max_length=100, null=True),
        db_persist=True,
    )
    person_id = models.UUIDField(null=True, help_text="The Person whose identity this is.")

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
    failed_messages = models.BigIntegerField(default=0, help_text="Answers that failed.")
    session_seconds = models.BigIntegerField(
        default=0, help_text="Length of the sessions that the user started, together."
    )
    active_days = models.BigIntegerField(
        default=0, help_text="Days (agent's zone) on which the user sent a message."
    )
    week_hours = models.JSONField(
        default=dict,
        help_text="Messages sent by hour of the week (agent's zone; 0 = Monday 0:00), without 0s.",
    )

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
            models.Index(
                fields=("agent", "subscription", "last_message_at", "id"),
                name="enduser_subscription",
                condition=models.Q(subscription__isnull=False),
            ),
            models.Index(
                fields=("person_id",),
                name="enduser_person",
                condition=models.Q(person_id__isnull=False),
            ),
            models.Index(
                fields=("plan_until",),
                name="enduser_plan_until",
                condition=models.Q(plan_until__isnull=False),
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

    @property
    def all_tags(self) -> list[str]:
        """Tags of operators and of reporters together, in order."""
        return sorted({*self.assigned_tags, *self.tags})


class UserTag(models.Model):
    """A tag that one end user has, from an operator or a reporter: the index behind the filter."""

    pk = models.CompositePrimaryKey("end_user_id", "name")
    end_user = models.ForeignKey(
        EndUser, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    name = models.CharField(max_length=255)
    agent = models.ForeignKey(
        Agent, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("agent", "name", "end_user"), name="usertag_name")
        ]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """End users of one agent that were linked as the same human; `EndUser.person_id` names it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=255)

    def __str__(self) -> str:
        return f"person {self.id}"


class LinkToken(models.Model):
    """Lets whoever brings it, once, link the identity he writes from with this end user."""

    pk = models.CompositePrimaryKey("end_user_id", "digest")
    end_user = models.ForeignKey(
        EndUser, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("digest",), name="linktoken_digest")]

    def __str__(self) -> str:
        return f"link token until {self.expires_at:%Y-%m-%d %H:%M} UTC"


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
    latency_ms = models.BigIntegerField(
        null=True, help_text="Milliseconds from the question to the whole answer."
    )
    failed = models.BooleanField(default=False, help_text="The agent could not answer.")
    error = models.CharField(max_length=500, blank=True, help_text="Why it failed.")
    blanked = models.BooleanField(default=False, help_text="Text and error are not kept.")

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
    failed_messages = models.BigIntegerField(default=0)
    session_seconds = models.BigIntegerField(
        default=0, help_text="Length of the sessions counted here; each wholly on its first day."
    )

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
    failed_messages = models.BigIntegerField(default=0)
    session_seconds = models.BigIntegerField(
        default=0, help_text="Length of the sessions counted here; each wholly on its first day."
    )

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
        PLAN = "plan"
        TAG = "tag"

    pk = models.CompositePrimaryKey("agent_id", "facet", "value")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    facet = models.CharField(max_length=16, choices=Facet)
    value = models.CharField(max_length=255)
    users = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.facet} {self.value}"


class ErasedContribution(models.Model):
    """What erased users had added to the agent's rollups, and still does: without who.

    Rollups are the sum over the users there are, plus this. `kind` is "day" (the figures, at
    `day`), "gap" (`users` at `day` and `other_day` = previous day) or "cohort" (`users` at `day` =
    first week and `other_day` = week).
    """

    pk = models.CompositePrimaryKey("agent_id", "kind", "platform", "day", "other_day")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(max_length=6)
    platform = models.CharField(max_length=32)
    day = models.DateField()
    other_day = models.DateField(default=NO_DAY)
    users = models.BigIntegerField(default=0)
    new_users = models.BigIntegerField(default=0)
    sessions = models.BigIntegerField(default=0)
    chat_messages = models.BigIntegerField(default=0)
    messages_sent = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    unpriced_messages = models.BigIntegerField(default=0)
    failed_messages = models.BigIntegerField(default=0)
    session_seconds = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"erased: {self.kind} of {self.platform} on {self.day}"


class Tombstone(models.Model):
    """Keeps late reports from bringing an erased identity back; a keyed hash, not the identity."""

    pk = models.CompositePrimaryKey("agent_id", "digest")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    digest = models.CharField(max_length=64)
    erased_at = models.DateTimeField()
    may_return = models.BooleanField(
        default=False, help_text="What is written after the erasure is recorded again."
    )

    def __str__(self) -> str:
        return f"erased at {self.erased_at:%Y-%m-%d %H:%M} UTC"


class Erasure(models.Model):
    """An erasure or anonymisation as it goes on, and its receipt afterwards. It names nobody."""

    class Kind(models.TextChoices):
        ERASE = "erase", "Erased"
        ANONYMISE = "anonymise", "Anonymised"

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="erasures")
    kind = models.CharField(max_length=9, choices=Kind)
    keep_texts = models.BooleanField(default=False, help_text="Anonymised, but not the texts.")
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    digest = models.CharField(max_length=64, help_text="The tombstone's.")
    former_id = models.UUIDField(
        null=True, help_text="Whose rows are still to go; emptied when it is done."
    )
    requested_by = models.CharField(max_length=255)
    requested_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    total = models.BigIntegerField(default=0, help_text="Rows that were there when it began.")
    tables = models.JSONField(default=dict, help_text="Rows removed (or moved), by table.")

    class Meta:
        ordering = ("-requested_at",)
        indexes: ClassVar = [
            models.Index(fields=("agent", "-requested_at"), name="erasure_requested")
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.requested_at:%Y-%m-%d %H:%M} UTC"
