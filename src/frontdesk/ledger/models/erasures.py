"""What is kept of erased users: tombstones that prevent their return, and receipts."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent


class Tombstone(models.Model):
    """Keeps late reports from restoring an erased identity. Holds a keyed hash of it only."""

    pk = models.CompositePrimaryKey("agent_id", "digest")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="+")
    digest = models.CharField(max_length=64)
    erased_at = models.DateTimeField()
    may_return = models.BooleanField(
        default=False, help_text="Messages sent after the erasure are recorded."
    )

    def __str__(self) -> str:
        return f"erased at {self.erased_at:%Y-%m-%d %H:%M} UTC"


class Erasure(models.Model):
    """An erasure or anonymization while it runs, and its receipt later. It names no one."""

    class Kind(models.TextChoices):
        ERASE = "erase", _("Erased")
        ANONYMIZE = "anonymise", _("Anonymized")

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="erasures")
    kind = models.CharField(max_length=9, choices=Kind)
    keep_texts = models.BooleanField(default=False, help_text="Anonymized, but the texts are kept.")
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    digest = models.CharField(max_length=64, help_text="The tombstone's digest.")
    former_id = models.UUIDField(
        null=True, help_text="The user whose rows are being removed; null when done."
    )
    requested_by = models.CharField(max_length=255)
    requested_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    total = models.BigIntegerField(default=0, help_text="Rows of the user at the start.")
    tables = models.JSONField(default=dict, help_text="Rows removed (or moved), by table.")

    class Meta:
        ordering = ("-requested_at",)
        indexes: ClassVar = [
            models.Index(fields=("agent", "-requested_at"), name="erasure_requested")
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.requested_at:%Y-%m-%d %H:%M} UTC"
