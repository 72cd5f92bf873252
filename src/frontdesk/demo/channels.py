"""The demo's channels: a chat page with the built-in demo backend, and people who left Telegram.

They are created at each start if they are missing, so that homes of an older version get them too.
What exists already does not change.
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
"""One of this many people on Telegram has blocked the bot."""


def open_channels(agent: Agent, script: Script, people: list[Person]) -> None:
    """Let people talk to the agent here, and make some of the invented people unreachable."""
    Backend.objects.get_or_create(agent=agent, defaults={"kind": Backend.Kind.DEMO})
    WebChat.objects.get_or_create(agent=agent, defaults={"is_on": True, **script.chat})
    if not EndUser.objects.filter(agent=agent, unreachable_since__isnull=False).exists():
        _make_some_unreachable(agent, people)


def _make_some_unreachable(agent: Agent, people: list[Person]) -> None:
    """They blocked the bot some hours after their last message."""
    rng = random.Random(f"leavers of {agent.name}")  # noqa: S311  # not for cryptography
    on_telegram = [person for person in people if person.platform == "telegram"]
    for person in rng.sample(on_telegram, len(on_telegram) // ONE_LEFT_OF):
        id_ = user_id(agent.id, person.platform, person.external_id)
        for last in EndUser.objects.filter(id=id_).values_list("last_message_at", flat=True):
            at = min(last + dt.timedelta(hours=rng.uniform(1, 40)), timezone.now())
            set_reachable(agent, id_, reachable=False, at=at, cause="blocked the bot")
