"""Sums over the end users of one agent."""

import datetime as dt

from django.db import models

from frontdesk.agents.models import Agent
from frontdesk.ledger.models.users import Facet, json_value

NO_DAY = dt.date.min
"""`ReturnGap.previous_day` of a first active day: before any other, so ranges just work."""


class AgentDay(models.Model):
    """Sums over the end users of one agent on one platform and day."""

    pk = models.CompositePrimaryKey("agent_id", "platform", "day")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    platform = models.CharField(max_length=32)
    day = models.DateField()
    new_users = models.BigIntegerField(default=0, help_text="Users whose first active day this is.")
    active_users = models.BigIntegerField(
        default=0, db_default=0, help_text="Users who sent a message."
    )
    sessions = models.BigIntegerField(default=0)
    chat_messages = models.BigIntegerField(default=0)
    messages_sent = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    unpriced_messages = models.BigIntegerField(default=0)
    failed_messages = models.BigIntegerField(default=0)
    session_seconds = models.BigIntegerField(
        default=0, help_text="Total length of the sessions; each counts entirely on its first day."
    )

    def __str__(self) -> str:
        return f"{self.platform} on {self.day}"


class AgentHour(models.Model):
    """Messages that users of one agent sent on one platform, by day and hour of its zone."""

    pk = models.CompositePrimaryKey("agent_id", "platform", "day", "hour")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    platform = models.CharField(max_length=32)
    day = models.DateField()
    hour = models.SmallIntegerField()
    messages_sent = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.platform} on {self.day}, {self.hour}:00"


class ModelDay(models.Model):
    """The usage of one model by the users of one agent on one platform and day."""

    pk = models.CompositePrimaryKey("agent_id", "platform", "day", "model")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    platform = models.CharField(max_length=32)
    day = models.DateField()
    model = models.CharField(max_length=200, help_text="Empty: usage whose model was not reported.")
    messages = models.BigIntegerField(default=0, help_text="Messages with usage.")
    cost = models.BigIntegerField(default=0)
    unpriced_messages = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.model} on {self.day}"


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

    Facet = Facet

    pk = models.CompositePrimaryKey("agent_id", "facet", "value")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    facet = models.CharField(max_length=16, choices=Facet)
    value = models.CharField(max_length=255)
    users = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.facet} {self.value}"


class ErasedContribution(models.Model):
    """What erased users added to the agent's rollups, without their identity.

    Rollups are the sum over the present users, plus this. `kind` is "day" (the figures, hours and
    usage, at `day`), "gap" (`users` at `day` and `other_day` = previous day) or "cohort" (`users`
    at `day` = first week and `other_day` = week).
    """

    pk = models.CompositePrimaryKey("agent_id", "kind", "platform", "day", "other_day")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(max_length=6)
    platform = models.CharField(max_length=32)
    day = models.DateField()
    other_day = models.DateField(default=NO_DAY)
    users = models.BigIntegerField(default=0)
    new_users = models.BigIntegerField(default=0)
    active_users = models.BigIntegerField(default=0, db_default=0)
    sessions = models.BigIntegerField(default=0)
    chat_messages = models.BigIntegerField(default=0)
    messages_sent = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    unpriced_messages = models.BigIntegerField(default=0)
    failed_messages = models.BigIntegerField(default=0)
    session_seconds = models.BigIntegerField(default=0)
    hours: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(
        default=dict, db_default=json_value({})
    )
    usage: "models.JSONField[dict[str, list[int]], dict[str, list[int]]]" = models.JSONField(
        default=dict, db_default=json_value({})
    )

    def __str__(self) -> str:
        return f"erased: {self.kind} of {self.platform} on {self.day}"
