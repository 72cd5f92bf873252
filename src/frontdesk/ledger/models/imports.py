"""Imports, and what each of them brought, so that it can be taken back."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.ledger.models.users import end_user_key


class Import(models.Model):
    """One import of a file. An interrupted one is continued by importing the file again."""

    class State(models.TextChoices):
        RUNNING = "running"
        STOPPED = "stopped"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="imports")
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    format = models.CharField(max_length=20)
    file_name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, help_text="SHA-256; empty for standard input.")
    started_by = models.CharField(max_length=255)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    recorded = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    conflicts = models.BigIntegerField(default=0)
    skipped = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    reasons: "models.JSONField[dict[str, dict[str, int]], dict[str, dict[str, int]]]" = (
        models.JSONField(default=dict, help_text="By outcome: messages by reason.")
    )
    problem = models.TextField(default="", help_text="Why it stopped.")
    removed_messages = models.BigIntegerField(default=0)
    removed_users = models.BigIntegerField(default=0)
    kept_messages = models.BigIntegerField(
        default=0, help_text="Not taken back: another import brought them too."
    )
    kept_users = models.BigIntegerField(
        default=0, help_text="Left without messages: something else refers to them."
    )

    class Meta:
        ordering = ("-started_at",)
        indexes: ClassVar = [models.Index(fields=("agent", "-started_at"), name="import_started")]

    def __str__(self) -> str:
        return f"{self.file_name} at {self.started_at:%Y-%m-%d %H:%M} UTC"


class ImportClaim(models.Model):
    """An import, and nothing but imports, reported this message."""

    pk = models.CompositePrimaryKey("end_user_id", "id", "import_id")
    end_user = end_user_key()
    id = models.UUIDField(help_text="The message's id.")
    import_id = models.UUIDField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("import_id", "end_user"), name="importclaim_import")
        ]

    def __str__(self) -> str:
        return f"message {self.id} of import {self.import_id}"


class ImportedProfile(models.Model):
    """The newest profile values of a user that one import reported.

    `import_id` is `REPORTED` in the row with the values of everything that is not an import.
    `fields` maps each field to its [time in µs, value]; those of attributes are "attributes.name".
    `known_at` has the time since when the user is known from there without a message.
    """

    REPORTED = uuid.UUID(int=0)

    pk = models.CompositePrimaryKey("end_user_id", "import_id")
    end_user = end_user_key()
    import_id = models.UUIDField()
    fields: "models.JSONField[dict[str, list[object]], dict[str, list[object]]]" = models.JSONField(
        default=dict
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=("import_id",), name="importedprofile_import")]

    def __str__(self) -> str:
        return f"profile of {self.end_user_id} in import {self.import_id}"
