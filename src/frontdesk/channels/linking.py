"""A person links their identities with a one-time link: `/start link_…` or `?link=…`."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from frontdesk.agents.models import Agent
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import linking
from frontdesk.ledger.events import Event, user_id
from frontdesk.ledger.linking import TOKEN_PREFIX, LinkError
from frontdesk.ledger.record import record

__all__ = ["TOKEN_PREFIX", "LinkError", "redeem"]


def redeem(agent: Agent, platform: str, external_id: str, token: str) -> None:
    """Link this identity with the one the token was made for; it may be new.

    Raises LinkError; then nothing about the identity is recorded.
    """
    with_retries(_redeem)(agent, platform, external_id, token)


def _redeem(agent: Agent, platform: str, external_id: str, token: str) -> None:
    # The person who opens the link may be new: a system message records them and what they did. It
    # is rolled back if the link is invalid, even within a caller's transaction.
    opened = Event(
        platform=platform,
        external_id=external_id,
        role="system",
        time=timezone.now(),
        message_id=f"linked:{token[len(TOKEN_PREFIX) :][:8]}",
        text="Linked by a link of the person's own",
    )
    with transaction.atomic():
        (outcome,) = record(agent, [opened])
        if outcome.status == "rejected":
            raise LinkError(_("This link is not known."))
        linking.redeem(agent, token, user_id(agent.id, platform, external_id))
