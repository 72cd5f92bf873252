"""Answers that are being given at this moment."""

from django.db import models

from frontdesk.ledger.models import end_user_key


class Answering(models.Model):
    """Who gives the answer to a message now, so that nobody else gives a second one.

    The row goes when the answer is recorded. One whose `until` has passed belongs to a process that
    is gone: whoever is asked for the answer then may take over.
    """

    pk = models.CompositePrimaryKey("end_user_id", "message_id")
    end_user = end_user_key()
    message_id = models.UUIDField(help_text="The ledger's id of the message that is answered.")
    owner = models.UUIDField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"answer to {self.message_id}"
