"""The values of a profile's sidebar: access, limits, plan, attributes, notes, identities."""

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

NOTES_PAGE_SIZE = 10
MAX_BLOCKS = 20
MAX_REACHABILITY_CHANGES = 20


class Attribute(NamedTuple):
    name: str
    value: str
    is_reported: bool
    user: EndUser

    @property
    def encoded_name(self) -> str:
        """The name, encoded for a query string."""
        return quote(self.name, safe="")


class RefusedRow(NamedTuple):
    """A reason for refusals with its title, and the number of messages refused for it."""

    reason: str
    title: str
    messages: int


class NoteEntry(NamedTuple):
    note: Note
    user: EndUser


class ChangeEntry(NamedTuple):
    change: ReachabilityChange
    user: EndUser


def sidebar(subject: Subject, notes_page: int) -> dict[str, Any]:
    """The template's values. Pages of notes count from 1. Actions apply to `subject.main`."""
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
            for change in reachability.changes(subject.ids, MAX_REACHABILITY_CHANGES)
        ],
        **_notes(subject, notes_page),
    }


def past_blocks(ids: Sequence[uuid.UUID], current: Block | None) -> list[Block]:
    """The latest blocks of these users that have ended, newest first."""
    found = Block.objects.filter(end_user_id__in=list(ids)).order_by("-created_at", "-id")
    return [block for block in found[:MAX_BLOCKS] if current is None or block.id != current.id]


def refused(ids: Sequence[uuid.UUID]) -> list[RefusedRow]:
    """The number of refused messages of these users by reason, most frequent first."""
    rows = RefusedTotal.objects.filter(end_user_id__in=list(ids), refused__gt=0)
    sums = rows.values("reason").annotate(messages=Sum("refused")).order_by("-messages", "reason")
    return [RefusedRow(row["reason"], reason_title(row["reason"]), row["messages"]) for row in sums]


def reason_title(reason: str) -> str:
    """The title of a verdict's reason."""
    if reason in OCCASIONS:
        return str(OCCASIONS[reason].title)
    return str(LIMITS[reason].title) if reason in LIMITS else reason.capitalize()


def plan_of(agent: Agent, user: EndUser) -> Plan | None:
    """The user's plan, if the agent has a plan with that key."""
    if not user.subscription:
        return None
    return Plan.objects.filter(agent=agent, key=user.subscription).first()


def tag_badges(agent: Agent, users: Sequence[EndUser]) -> list[TagBadge]:
    """All tags of these users, in order. A tag both assigned and reported counts as assigned."""
    assigned = {name for user in users for name in user.assigned_tags}
    reported = {name for user in users for name in user.tags} - assigned
    colors = dict(Tag.objects.filter(agent=agent, name__in=assigned).values_list("name", "color"))
    return [
        TagBadge(name, colors.get(name, "grey"), name in reported)
        for name in sorted(assigned | reported)
    ]


def attributes_of(user: EndUser) -> list[Attribute]:
    """The attributes that operators added, then the reported ones."""
    added = [Attribute(k, as_text(v), False, user) for k, v in user.assigned_attributes.items()]
    reported = [Attribute(k, as_text(v), True, user) for k, v in user.attributes.items()]
    return added + reported


def as_text(value: object) -> str:
    """An attribute's value for display: text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _notes(subject: Subject, page: int) -> dict[str, Any]:
    notes = Note.objects.filter(end_user_id__in=subject.ids).order_by("-created_at", "-id")
    first = (page - 1) * NOTES_PAGE_SIZE
    found = list(notes[first : first + NOTES_PAGE_SIZE + 1])
    return {
        "notes": [
            NoteEntry(note, subject.by_id[note.end_user_id]) for note in found[:NOTES_PAGE_SIZE]
        ],
        "newer_notes": page - 1,
        "older_notes": page + 1 if len(found) > NOTES_PAGE_SIZE else None,
    }
