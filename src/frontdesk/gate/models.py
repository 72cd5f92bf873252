"""What the gate stores: blocks, users' own limits, reservations, refusals.

Every table with an end user is sharded by it, as in `ledger.models`. How much a user has used is
not stored, but read from the ledger's days and messages.
"""

import datetime as dt
import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.limits import Limits, validate_limits
from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser, agent_key, end_user_key

FOREVER = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
"""`Block.until` of a block without an end."""


class Block(models.Model):
    """One block of one end user, in force until it is ended or `until` passes.

    These rows alone determine who is blocked, and are the history of blocks. At most one block of a
    user is not ended.
    """

    pk = models.CompositePrimaryKey("end_user_id", "id")
    end_user = end_user_key()
    id = models.UUIDField(default=uuid.uuid4)
    agent = agent_key()
    reason = models.CharField(max_length=200, help_text=_("For operators."))
    note = models.TextField(max_length=2000, blank=True, help_text=_("Private, for operators."))
    text = models.CharField(
        max_length=1000,
        blank=True,
        help_text=_("What the person is shown; empty: the agent's text."),
    )
    until = models.DateTimeField(default=FOREVER)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=255)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=255, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=("agent", "until", "end_user"),
                name="block_open",
                condition=models.Q(ended_at__isnull=True),
            ),
            models.Index(fields=("end_user", "created_at"), name="block_history"),
        ]

    def __str__(self) -> str:
        return f"blocked: {self.reason}"

    @property
    def is_for_good(self) -> bool:
        return self.until >= FOREVER


class UserLimits(models.Model):
    """One end user's own limits, which override those of the plan and the agent."""

    end_user = models.OneToOneField(
        EndUser,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    agent = agent_key()
    limits: "models.JSONField[Limits, Limits]" = models.JSONField(
        default=dict, validators=[validate_limits]
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=("agent", "end_user"), name="userlimits_agent")]

    def __str__(self) -> str:
        return ", ".join(self.limits) or "no own limits"


class Reservation(models.Model):
    """What `check` reserves in the limits for an admitted message, until it is reported.

    Its id is the message's id: once the message is recorded, the reservation no longer counts.
    """

    pk = models.CompositePrimaryKey("end_user_id", "id")
    end_user = end_user_key()
    id = models.UUIDField()
    agent = agent_key()
    reserved_at = models.DateTimeField()
    position = models.BigIntegerField(
        db_default=0, default=0, help_text=_("Orders messages of the same time, as in the history.")
    )
    new_session = models.BooleanField(db_default=False, default=False)
    expires_at = models.DateTimeField()
    starts_session = models.BooleanField(default=False)
    session = models.UUIDField(
        help_text=_("Identifies the chat or the explicit session that the next message may join.")
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=("expires_at",), name="reservation_expires")]

    def __str__(self) -> str:
        return f"reserved until {self.expires_at:%H:%M:%S} UTC"


class Refusal(models.Model):
    """The id of a refused message, so that a repeat is not counted again.

    Rows are removed after some days; their counts stay in the two tables below.
    """

    pk = models.CompositePrimaryKey("end_user_id", "id")
    end_user = end_user_key()
    id = models.UUIDField()
    refused_at = models.DateTimeField()
    reason = models.CharField(max_length=32)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("refused_at",), name="refusal_at")]

    def __str__(self) -> str:
        return f"refused: {self.reason}"


class RefusedTotal(models.Model):
    """How many messages of one end user were refused, by reason."""

    pk = models.CompositePrimaryKey("end_user_id", "reason")
    end_user = end_user_key()
    reason = models.CharField(max_length=32)
    refused = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.refused} refused: {self.reason}"


class RefusedDay(models.Model):
    """How many messages to an agent were refused on one day of its zone, without the senders."""

    pk = models.CompositePrimaryKey("agent_id", "platform", "day", "reason")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    platform = models.CharField(max_length=32)
    day = models.DateField()
    reason = models.CharField(max_length=32)
    refused = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.refused} refused on {self.day}: {self.reason}"


class NearLimit(models.Model):
    """A user who had used 80 % of a limit or more at the last check."""

    end_user = models.OneToOneField(
        EndUser,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    agent = agent_key()
    limit = models.CharField(max_length=32, help_text=_("The limit that is used most."))
    percent = models.BigIntegerField()
    as_of = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=("agent", "end_user"), name="nearlimit_agent")]

    def __str__(self) -> str:
        return f"{self.percent} % of {self.limit}"
