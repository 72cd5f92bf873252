"""Files that operators uploaded to import them."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent
from frontdesk.audit import Actor
from frontdesk.ledger.models import Import


class Upload(models.Model):
    """A file in the home, from its upload until it is imported, and what was found in it.

    `report` is of the check or, once it is imported, of the import. `total` is what `position`,
    the progress, will be at the end.
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("Checking")
        READY = "ready", _("Ready to import")
        FAILED = "failed", _("Needs you")
        IMPORTING = "importing", _("Importing")
        DONE = "done", _("Imported")

    RUNNING = (State.CHECKING, State.IMPORTING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="uploads")
    state = models.CharField(max_length=9, choices=State, default=State.CHECKING)
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    format = models.CharField(max_length=20, blank=True)
    options: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    position = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    problem = models.TextField(default="")
    report: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    record = models.ForeignKey(Import, null=True, on_delete=models.SET_NULL, related_name="uploads")
    requested_by = models.CharField(max_length=255)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-uploaded_at",)
        indexes: ClassVar = [models.Index(fields=("state", "changed_at"), name="upload_state")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def percent(self) -> int:
        return min(100, 100 * self.position // self.total) if self.total else 0

    @property
    def actor(self) -> Actor:
        return Actor(self.actor_kind, self.actor_id, self.requested_by)  # type: ignore[arg-type]
