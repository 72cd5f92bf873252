"""The demo's channels: a chat page that the built-in demo answers, and people who left Telegram.

Looked after at each start, for homes that an older version has made have them, too; whatever is
there already is left as it is.
"""

import datetime as dt
import random

from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.backends.models import Backend
from frontdesk.channels.web.models import WebChat
from frontdesk.demo.people import Person
from frontdesk.demo.script import Script
from frontdesk.ledger.events import user_id
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.reachability import set_reachable

ONE_LEFT_OF = 60
"""Of so many people in Telegram one has blocked the bot."""


def open_channels(agent: Agent, script: Script, people: list[Person]) -> None:
    """Let people talk to the agent here, and have a few who do not want to any more."""
    Backend.objects.get_or_create(agent=agent, defaults={"kind": Backend.Kind.DEMO})
    WebChat.objects.get_or_create(agent=agent, defaults={"is_on": True, **script.chat})
    if not EndUser.objects.filter(agent=agent, unreachable_since__isnull=False).exists():
        _lose_some(agent, people)


def _lose_some(agent: Agent, people: list[Person]) -> None:
    """They blocked the bot some hours after their last words."""
    rng = random.Random(f"leavers of {agent.name}")  # noqa: S311  # invented people are no secret
    there = [person for person in people if person.platform == "telegram"]
    for person in rng.sample(there, len(there) // ONE_LEFT_OF):
        id_ = user_id(agent.id, person.platform, person.external_id)
        for last in EndUser.objects.filter(id=id_).values_list("last_message_at", flat=True):
            at = min(last + dt.timedelta(hours=rng.uniform(1, 40)), timezone.now())
            set_reachable(agent, id_, reachable=False, at=at, cause="blocked the bot")
