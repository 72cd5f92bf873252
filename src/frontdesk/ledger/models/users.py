"""End users, their tags, their reachability, and the Persons they are linked to."""

import datetime as dt
import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.ledger.labels import stable_label

NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""`EndUser.last_message_at` of users who have not written: the oldest on every database."""

MAX_ID = 255
MAX_CAUSE = 200
"""Longest cause of a change of reachability."""


class Facet(models.TextChoices):
    """What users are counted by: `FacetCount` stores how many have each value."""

    PLATFORM = "platform"
    LANGUAGE = "language"
    PLAN = "plan"
    TAG = "tag"
    HABIT = "habit"


FACET_COLUMNS = {
    Facet.PLATFORM.value: "platform",
    Facet.LANGUAGE.value: "base_language",
    Facet.PLAN.value: "subscription",
}
"""The facets that are a column of EndUser, with that column. The others have their own rows."""


def json_value(value: object) -> models.Value:
    """The database default of a JSON column."""
    return models.Value(value, models.JSONField())


def agent_key() -> "models.ForeignKey[Agent, Agent]":
    """A key to the agent that the database does not enforce."""
    return models.ForeignKey(
        Agent, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )


def end_user_key() -> "models.ForeignKey[EndUser, EndUser]":
    """A key to the end user that the table is sharded by, without an index of its own.

    The primary key begins with it, and no database-level key may leave the shard.
    """
    return models.ForeignKey(
        "ledger.EndUser",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )


class EndUser(models.Model):
    """One identity that wrote to one agent: (agent, platform, external id). Pages say "User".

    Totals are kept at write time, never counted at read time. Money is micro-dollars.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    agent = agent_key()
    platform = models.CharField(max_length=32)
    external_id = models.CharField(max_length=MAX_ID)

    name = models.CharField(max_length=255, blank=True)
    username = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=320, blank=True)
    language = models.CharField(max_length=35, blank=True)
    base_language = models.CharField(
        max_length=35, blank=True, db_default="", help_text="The language without its region."
    )
    avatar_url = models.CharField(max_length=1000, blank=True)
    plan = models.CharField(max_length=100, blank=True)
    tags = models.JSONField(default=list)
    attributes = models.JSONField(default=dict)
    field_times = models.JSONField(
        default=dict,
        help_text="Per profile field, the event time (µs since 1970) of the value that is kept.",
    )

    # Assigned by operators, in addition to what is reported; never overwritten by a report.
    assigned_plan = models.CharField(
        max_length=100, blank=True, db_default="", help_text="Key of a plan."
    )
    plan_until = models.DateTimeField(null=True, help_text="End of the assigned plan.")
    assigned_tags = models.JSONField(default=list, db_default=json_value([]))
    assigned_attributes = models.JSONField(default=dict, db_default=json_value({}))
    subscription = models.GeneratedField(
        expression=NullIf(
            Coalesce(NullIf("assigned_plan", models.Value("")), "plan"), models.Value("")
        ),
        output_field=models.CharField(max_length=100, null=True),
        db_persist=True,
    )
    person_id = models.UUIDField(null=True, help_text="The Person whose identity this is.")

    # As of a channel's last attempt to write to the user; set by `ledger.reachability`.
    unreachable_since = models.DateTimeField(
        null=True,
        help_text="When messages stopped reaching the user; null: reachable, as far as is known.",
    )
    unreachable_cause = models.CharField(
        max_length=MAX_CAUSE, blank=True, db_default="", help_text="Such as: blocked the bot."
    )

    search_key = models.TextField(blank=True)
    sort_name = models.CharField(max_length=100)

    known_at = models.DateTimeField(
        null=True, help_text="When the first profile without a message was reported; null: none."
    )
    first_seen_at = models.DateTimeField(
        help_text="Time of the first message of any role, or `known_at` if that is earlier."
    )
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
        default=0, help_text="Total length of the sessions that the user started."
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
                fields=("agent", "base_language", "last_message_at", "id"),
                name="enduser_base_language",
            ),
            models.Index(
                fields=("agent", "subscription", "last_message_at", "id"),
                name="enduser_subscription",
                condition=models.Q(subscription__isnull=False),
            ),
            models.Index(
                fields=("agent", "first_active_on", "id"),
                name="enduser_first_active",
                condition=models.Q(first_active_on__isnull=False),
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
            models.Index(
                fields=("agent", "unreachable_since", "id"),
                name="enduser_unreachable",
                condition=models.Q(unreachable_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The user's display name: the name, else the username, else a readable stable label."""
        return self.name or (f"@{self.username}" if self.username else stable_label(self.id))

    @property
    def is_anonymous_person(self) -> bool:
        """Whether the label is generated, because the user has no name."""
        return not (self.name or self.username)

    @property
    def has_written(self) -> bool:
        return self.last_message_at > NEVER

    @property
    def all_tags(self) -> list[str]:
        """Assigned and reported tags together, in order."""
        return sorted({*self.assigned_tags, *self.tags})


class UserTag(models.Model):
    """A tag that one end user has, assigned or reported: the index for the filter."""

    pk = models.CompositePrimaryKey("end_user_id", "name")
    end_user = end_user_key()
    name = models.CharField(max_length=255)
    agent = agent_key()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("agent", "name", "end_user"), name="usertag_name")
        ]

    def __str__(self) -> str:
        return self.name


class ReachabilityChange(models.Model):
    """At `at`, one end user became reachable or unreachable on the platform."""

    pk = models.CompositePrimaryKey("end_user_id", "at")
    end_user = end_user_key()
    at = models.DateTimeField()
    reachable = models.BooleanField()
    cause = models.CharField(max_length=MAX_CAUSE)

    def __str__(self) -> str:
        return f"{self.cause} at {self.at:%Y-%m-%d %H:%M} UTC"


class Person(models.Model):
    """End users of one agent that were linked as the same human; `EndUser.person_id` names it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=255)

    def __str__(self) -> str:
        return f"person {self.id}"


class LinkToken(models.Model):
    """Lets its holder, once, link the identity they write from with this end user."""

    pk = models.CompositePrimaryKey("end_user_id", "digest")
    end_user = end_user_key()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("digest",), name="linktoken_digest")]

    def __str__(self) -> str:
        return f"link token until {self.expires_at:%Y-%m-%d %H:%M} UTC"
