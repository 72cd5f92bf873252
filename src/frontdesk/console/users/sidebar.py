"""What stands beside a history: access, limits, plan, tags, attributes, notes, identities."""

import json
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from django.db.models import Sum

from frontdesk.agents.limits import LIMITS
from frontdesk.agents.models import Agent, Plan, Tag
from frontdesk.console.users.subject import Subject
from frontdesk.gate.limit_status import limit_status
from frontdesk.gate.models import Block, RefusedTotal
from frontdesk.gate.texts import OCCASIONS
from frontdesk.ledger import linking, reachability
from frontdesk.ledger.models import EndUser, ReachabilityChange
from frontdesk.people.models import Note
from frontdesk.people.table.rows import TagBadge

NOTES = 10
"""Notes of a page."""
BLOCKS = 20
CHANGES = 20
"""Changes of reachability."""


class Attribute(NamedTuple):
    name: str
    value: str
    is_told: bool
    user: EndUser

    @property
    def encoded_name(self) -> str:
        """The name as a part of an address."""
        return quote(self.name, safe="")


class RefusedRow(NamedTuple):
    """How many messages were refused for one reason, and what it is called."""

    reason: str
    word: str
    messages: int


class NoteEntry(NamedTuple):
    note: Note
    user: EndUser


class ChangeEntry(NamedTuple):
    change: ReachabilityChange
    user: EndUser


def sidebar(subject: Subject, notes_page: int) -> dict[str, Any]:
    """The template's values; notes page by page, from 1. Acts are about `subject.main`."""
    agent, main, users = subject.agent, subject.main, subject.users
    status_now = limit_status(agent, main)
    refusals = refused(subject.ids)
    identities = linking.identities(main) if main.person_id else [main]
    block = status_now.block
    return {
        "blocked": block,
        "blocked_user": next((u for u in identities if block and u.id == block.end_user_id), main),
        "past_blocks": past_blocks(subject.ids, block),
        "refused": refusals,
        "refused_while_blocked": sum(row.messages for row in refusals if row.reason == "blocked"),
        "limits": status_now.limits,
        "over_limit": status_now.used_up,
        "plan": plan_of(agent, main),
        "tags": tag_badges(agent, users),
        "attributes": [row for user in users for row in attributes_of(user)],
        "identities": identities,
        "reachability": [
            ChangeEntry(change, subject.by_id[change.end_user_id])
            for change in reachability.changes(subject.ids, CHANGES)
        ],
        **_notes(subject, notes_page),
    }


def past_blocks(ids: Sequence[uuid.UUID], current: Block | None) -> list[Block]:
    """The last blocks of these users that are over, the newest first."""
    found = Block.objects.filter(end_user_id__in=list(ids)).order_by("-created_at", "-id")
    return [block for block in found[:BLOCKS] if current is None or block.id != current.id]


def refused(ids: Sequence[uuid.UUID]) -> list[RefusedRow]:
    """How many messages of these users were refused, by reason, the most frequent first."""
    rows = RefusedTotal.objects.filter(end_user_id__in=list(ids), refused__gt=0)
    sums = rows.values("reason").annotate(messages=Sum("refused")).order_by("-messages", "reason")
    return [RefusedRow(row["reason"], reason_word(row["reason"]), row["messages"]) for row in sums]


def reason_word(reason: str) -> str:
    """A verdict's reason as people read it."""
    if reason in OCCASIONS:
        return str(OCCASIONS[reason].title)
    return str(LIMITS[reason].title) if reason in LIMITS else reason.capitalize()


def plan_of(agent: Agent, user: EndUser) -> Plan | None:
    """The user's plan, if the agent has one with that key."""
    if not user.subscription:
        return None
    return Plan.objects.filter(agent=agent, key=user.subscription).first()


def tag_badges(agent: Agent, users: Sequence[EndUser]) -> list[TagBadge]:
    """All tags of these users, in order; what both an operator and a reporter say is assigned."""
    assigned = {name for user in users for name in user.assigned_tags}
    told = {name for user in users for name in user.tags} - assigned
    colours = dict(Tag.objects.filter(agent=agent, name__in=assigned).values_list("name", "color"))
    return [
        TagBadge(name, colours.get(name, "grey"), name in told) for name in sorted(assigned | told)
    ]


def attributes_of(user: EndUser) -> list[Attribute]:
    """What operators added, then what reporters told."""
    added = [Attribute(k, as_text(v), False, user) for k, v in user.assigned_attributes.items()]
    told = [Attribute(k, as_text(v), True, user) for k, v in user.attributes.items()]
    return added + told


def as_text(value: object) -> str:
    """An attribute as people read it: texts as they are, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _notes(subject: Subject, page: int) -> dict[str, Any]:
    notes = Note.objects.filter(end_user_id__in=subject.ids).order_by("-created_at", "-id")
    first = (page - 1) * NOTES
    found = list(notes[first : first + NOTES + 1])
    return {
        "notes": [NoteEntry(note, subject.by_id[note.end_user_id]) for note in found[:NOTES]],
        "newer_notes": page - 1,
        "older_notes": page + 1 if len(found) > NOTES else None,
    }
