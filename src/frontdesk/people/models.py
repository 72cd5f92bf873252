"""Operators' notes on users, saved views, bulk jobs, and an agent's medians."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frontdesk.accounts.models import Operator
from frontdesk.agents.models import Agent
from frontdesk.ledger.models import end_user_key


class Note(models.Model):
    """An operator's note on a user. The user never sees it."""

    pk = models.CompositePrimaryKey("end_user_id", "id")
    end_user = end_user_key()
    id = models.UUIDField(default=uuid.uuid4)
    author = models.ForeignKey(
        Operator, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    author_name = models.CharField(max_length=255)
    text = models.TextField(max_length=5000)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("end_user", "created_at"), name="note_created")]

    def __str__(self) -> str:
        return self.text[:60]


class SavedView(models.Model):
    """A named list of users: search, filters and sort as a query string, and the columns."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="saved_views")
    owner = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    is_shared = models.BooleanField(
        default=False, help_text=_("Every operator of the agent has it.")
    )
    query = models.TextField(max_length=4000, blank=True)
    columns = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class BulkJob(models.Model):
    """One action on many users: the users, the progress, and the result.

    Users are taken in the order of their ids, so an interrupted job resumes after `last_id`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    class Action(models.TextChoices):
        TAGS = "tags", _("Changing tags")
        PLAN = "plan", _("Assigning a plan")
        BLOCK = "block", _("Blocking")
        UNBLOCK = "unblock", _("Unblocking")
        ERASE = "erase", _("Erasing")

    UNFINISHED = (State.WAITING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="bulk_jobs")
    action = models.CharField(max_length=32, choices=Action)
    params = models.JSONField(default=dict)
    is_query = models.BooleanField(
        default=False, help_text=_("The users that match `query`, not `ids`.")
    )
    query = models.TextField(blank=True, help_text=_("Query string; emptied when it is done."))
    zone = models.CharField(
        max_length=64, default="UTC", help_text=_("Time zone of the query's dates.")
    )
    ids = models.JSONField(default=list, help_text=_("The remaining users."))
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    total = models.BigIntegerField(default=0, help_text=_("Number of users; 0: not counted."))
    seen = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    last_id = models.UUIDField(null=True)
    problem = models.CharField(max_length=500, blank=True)
    requested_by = models.CharField(max_length=255)
    actor_kind = models.CharField(max_length=8, default="operator")
    actor_id = models.CharField(max_length=64, blank=True)
    requested_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-requested_at",)
        indexes: ClassVar = [
            models.Index(fields=("agent", "-requested_at"), name="bulkjob_requested")
        ]

    def __str__(self) -> str:
        return f"{self.action} of {self.total} users"

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED


class Medians(models.Model):
    """The agent's medians that a user's figures are compared with, as of the last update."""

    agent = models.OneToOneField(
        Agent, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    figures = models.JSONField(default=dict)
    users = models.BigIntegerField(
        default=0, help_text=_("Number of users they were computed from.")
    )
    is_sample = models.BooleanField(default=False)
    as_of = models.DateTimeField()

    def __str__(self) -> str:
        return f"medians of {self.users} users"
