"""Which texts an agent keeps: all, those of some days, or none.

If a text is not kept, its message (time, role, usage) stays, so that totals and repeats stay
correct. `Agent.texts_gone_before` is how far texts have been removed, see `ledger.retention`.
"""

import copy
import datetime as dt

from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.ledger.messages import ChangedMessages

ALL = dt.datetime.max.replace(tzinfo=dt.UTC)


def kept_from(agent: Agent, now: dt.datetime) -> dt.datetime | None:
    """The time before which texts are not kept. None: all are kept; `ALL`: none is."""
    if not agent.keep_texts:
        return ALL
    return now - dt.timedelta(days=agent.keep_days) if agent.keep_days else None


def redact(changed: ChangedMessages, agent: Agent) -> ChangedMessages:
    """The messages as they will be stored: new ones without the texts that are not kept."""
    start = kept_from(agent, timezone.now())
    if start is None:
        return changed
    stored = {}
    for user, states in changed.items():
        # Copies: a batch that is retried starts from its original messages.
        stored[user] = [copy.copy(state) for state in states]
        for state in stored[user]:
            if state.is_new and state.sent_at < start:
                state.text, state.error, state.redacted = "", "", True
    return stored


def reset_watermark(changed: ChangedMessages, agent: Agent) -> None:
    """Let retention process all texts again if a text from before the watermark is kept."""
    mark = agent.texts_gone_before
    if mark is None:
        return
    states = (state for states in changed.values() for state in states)
    if any(state.sent_at < mark and not state.redacted for state in states):
        Agent.objects.filter(id=agent.id).update(texts_gone_before=None)
