"""Leases of answers in progress, and the base models of every channel's own tables."""

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.models import Agent
from frontdesk.ledger.models import EndUser, end_user_key

if TYPE_CHECKING:
    from frontdesk.ledger.events import Event


class Answering(models.Model):
    """Which process is answering a message now, so that no other process answers it too.

    The row is deleted when the answer is recorded. A row whose `until` has passed belongs to a dead
    process, and any other may take over.
    """

    pk = models.CompositePrimaryKey("end_user_id", "message_id")
    end_user = end_user_key()
    message_id = models.UUIDField(help_text=_("The ledger's id of the message that is answered."))
    owner = models.UUIDField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"answer to {self.message_id}"


class LeasedConnection(models.Model):
    """A connection of an agent that one worker at a time serves; see `connections.py`."""

    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, related_name="+")
    # The worker that serves it until `served_until`, unless it renews its lease.
    served_by = models.UUIDField(null=True)
    served_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class InboxItem(models.Model):
    """A message received by a channel, kept until it is processed; its id is kept for longer.

    `outbox.py` moves it through its states. Once it is done, its texts are removed.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ANSWERED = "answered", _("There is an answer, which is being sent")
        DONE = "done", _("Done")

    pk = models.CompositePrimaryKey("end_user_id", "key")
    end_user = models.ForeignKey(
        EndUser, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    key = models.CharField(max_length=64, help_text=_("The channel's own id of the item."))
    connection_id = models.UUIDField(
        help_text=_("The connection by which it came; no foreign key, for this is a hot table.")
    )
    number = models.BigIntegerField(help_text=_("The order of a connection's items."))
    chat = models.CharField(
        max_length=200,
        default="",
        help_text=_("The channel's id of the chat: one item of a chat is worked on at a time."),
    )
    is_urgent = models.BooleanField(
        default=False,
        db_default=False,
        help_text=_("Does not wait for earlier items of its chat; later ones wait for it."),
    )
    received_at = models.DateTimeField(default=timezone.now)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    answer = models.JSONField(default=dict, help_text=_("The reply, as long as it is not sent."))
    parts_sent = models.PositiveIntegerField(default=0)
    is_sending = models.BooleanField(
        default=False, help_text=_("The next part is on its way; whether it arrived is not known.")
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"item {self.key}"

    @property
    def attempt(self) -> int:
        """The number of the answer, of those to the same message."""
        return 1

    def event(self) -> "Event":
        """The message as the ledger keeps it."""
        raise NotImplementedError
