"""Everything that an operator, or a key, may do to users: one function for each action.

Pages, the API and bulk jobs come through here, so the same rules hold for all of them, and every
action is audited with its actor. What cannot be done as asked raises ActionError. Users are named
by ids of this agent (others are passed over); bulk actions take at most MAX_IDS of them.
"""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from frontdesk import audit
from frontdesk.agents.limits import Limits
from frontdesk.agents.models import Agent, Tag
from frontdesk.audit import Actor
from frontdesk.gate import blocks, user_limits
from frontdesk.ledger import assign, linking, tombstones
from frontdesk.ledger import erase as erasing
from frontdesk.ledger.linking import LinkError
from frontdesk.ledger.models import EndUser, Erasure, Person
from frontdesk.people import notes
from frontdesk.people import validation as checks
from frontdesk.people.exports import archive, export
from frontdesk.people.models import Note
from frontdesk.people.validation import MAX_IDS, ActionError

__all__ = ["MAX_IDS", "ActionError"]


def block(
    actor: Actor,
    agent: Agent,
    ids: Sequence[uuid.UUID],
    *,
    reason: str,
    until: dt.datetime | None,
    note: str = "",
    text: str = "",
) -> int:
    """Block these users, until a time or (None) for good; says how many.

    A new block takes the place of one that is in force. `note` is private; `text` is what the
    person is shown, or empty for the agent's own.
    """
    chosen = checks.ids(ids)
    reason = checks.line("reason", reason, checks.MAX_REASON, required="Say why.")
    note = checks.text("note", note, checks.MAX_NOTE)
    text = checks.text("text", text, checks.MAX_TEXT)
    until = checks.until(until)
    done = blocks.block(agent, chosen, reason, until, note, text, _name(actor))
    return _told(done, actor, "block", agent, chosen)


def unblock(actor: Actor, agent: Agent, ids: Sequence[uuid.UUID]) -> int:
    """End the blocks of these users; who is not blocked stays so. Says how many were."""
    chosen = checks.ids(ids)
    return _told(blocks.unblock(agent, chosen, _name(actor)), actor, "unblock", agent, chosen)


def assign_plan(
    actor: Actor,
    agent: Agent,
    ids: Sequence[uuid.UUID],
    key: str,
    until: dt.datetime | None = None,
) -> int:
    """Give these users a plan, until a time or (None) without end; says for how many it changed.

    An empty key takes the assigned plan away: what reporters tell counts again.
    """
    chosen = checks.ids(ids)
    key = checks.plan_key(agent, key)
    until = checks.until(until) if key else None
    done = assign.assign_plan(agent.id, chosen, key, until)
    return _told(done, actor, "assign_plan", agent, chosen, plan=key)


def change_tags(
    actor: Actor,
    agent: Agent,
    ids: Sequence[uuid.UUID],
    add: Collection[str] = (),
    remove: Collection[str] = (),
) -> int:
    """Put tags on these users and take others off; says for how many that changed something.

    A new name becomes a tag of the agent. Tags that reporters told stay.
    """
    chosen = checks.ids(ids)
    added = checks.tag_names("add", add)
    removed = checks.tag_names("remove", remove, most=255)  # as long as a reporter's may be
    if both := set(added) & set(removed):
        raise ActionError("remove", f"“{min(both)}” is both to be added and to be removed.")
    done = assign.change_tags(agent.id, chosen, added, removed)
    if done:
        new = [Tag(agent=agent, name=name) for name in added]
        Tag.objects.bulk_create(new, ignore_conflicts=True)
    return _told(done, actor, "change_tags", agent, chosen)


def set_limits(actor: Actor, agent: Agent, user_id: uuid.UUID, limits: Limits) -> bool:
    """Set the limits of this user alone, all of them anew; says whether that changed any."""
    done = user_limits.set_limits(agent, user_id, checks.limits(limits))
    return bool(_told(int(done), actor, "set_limits", agent, [user_id]))


def assign_attributes(
    actor: Actor, agent: Agent, user_id: uuid.UUID, attributes: dict[str, Any]
) -> bool:
    """Replace the attributes that operators gave; those of reporters stay. Says if any changed."""
    done = assign.assign_attributes(agent.id, user_id, checks.attributes(attributes))
    return bool(_told(int(done), actor, "assign_attributes", agent, [user_id]))


def erase(actor: Actor, agent: Agent, user_id: uuid.UUID, *, may_return: bool = False) -> Erasure:
    """Remove this user everywhere; the answer is the receipt, or its beginning.

    With `may_return`, what the person writes afterwards is recorded again.
    """
    erasure = erasing.erase(agent, user_id, _name(actor), may_return)
    audit.record(actor, "erase", agent.id, users=user_id, erasure=erasure.id)
    return erasure


def anonymise(
    actor: Actor,
    agent: Agent,
    user_id: uuid.UUID,
    *,
    keep_texts: bool,
    may_return: bool = False,
) -> Erasure:
    """Keep this user's statistics and history, and forget who it was."""
    erasure = erasing.anonymise(agent, user_id, _name(actor), may_return, keep_texts)
    audit.record(actor, "anonymise", agent.id, users=user_id, erasure=erasure.id)
    return erasure


def allow_return(actor: Actor, agent: Agent, erasure: Erasure) -> None:
    """Let the identity of this erasure be recorded again, from what is written after it on."""
    tombstones.allow_return(agent, erasure.digest)
    audit.record(actor, "allow_return", agent.id, erasure=erasure.id)


def link(actor: Actor, agent: Agent, user_id: uuid.UUID, other_id: uuid.UUID) -> Person:
    """Say that two users are the same human. Nothing of either is changed otherwise."""
    try:
        person = linking.link(agent, user_id, other_id, _name(actor))
    except LinkError as error:
        raise ActionError("other", str(error)) from None
    audit.record(actor, "link", agent.id, users=f"{user_id},{other_id}", person=person.id)
    return person


def unlink(actor: Actor, agent: Agent, user_id: uuid.UUID) -> None:
    """Take this user out of the Person; nothing is lost."""
    linking.unlink(agent, user_id)
    audit.record(actor, "unlink", agent.id, users=user_id)


def issue_link_token(actor: Actor, agent: Agent, user: EndUser) -> str:
    """A token with which the person himself can link another identity, once, within 24 hours."""
    token = linking.issue_token(user)
    audit.record(actor, "issue_link_token", agent.id, users=user.id)
    return token


def export_users(
    actor: Actor,
    agent: Agent,
    who: export.Who,
    form: str,
    columns: Sequence[str],
    zone: zoneinfo.ZoneInfo,
) -> Iterator[bytes]:
    """Take users along as a file, streamed; the values are those of `export.stream`."""
    audit.record(actor, "export_users", agent.id, format=form)
    return export.stream(agent, who, form, columns, zone)


def export_data(actor: Actor, agent: Agent, user: EndUser) -> Iterator[bytes]:
    """Take one person's data along as a zip, streamed."""
    audit.record(actor, "export_data", agent.id, users=user.id)
    return archive.stream(agent, user)


def add_note(actor: Actor, agent: Agent, user: EndUser, text: str) -> Note:
    """Write a note about this user.

    Raises EndUser.DoesNotExist for a user who has been erased meanwhile.
    """
    clean = _note_text(text)
    author = int(actor.id) if actor.kind == "operator" else None
    note = notes.add(user, author, _name(actor), clean)
    audit.record(actor, "add_note", agent.id, users=user.id, note=note.id)
    return note


def edit_note(actor: Actor, agent: Agent, user: EndUser, note: Note, text: str) -> None:
    """Change what a note says; only its author may."""
    _require_author(actor, note)
    notes.edit(user, note.id, _note_text(text))
    audit.record(actor, "edit_note", agent.id, users=user.id, note=note.id)


def delete_note(actor: Actor, agent: Agent, user: EndUser, note: Note) -> None:
    """Remove a note; only its author may."""
    _require_author(actor, note)
    notes.delete(user, note.id)
    audit.record(actor, "delete_note", agent.id, users=user.id, note=note.id)


def _note_text(text: str) -> str:
    return checks.text("text", text, checks.MAX_REMARK, required="Write something.")


def _require_author(actor: Actor, note: Note) -> None:
    if actor.kind != "operator" or str(note.author_id) != actor.id:
        raise ActionError("note", "Only the author may change a note.")


def _name(actor: Actor) -> str:
    return actor.name[:255]


def _told(
    done: int, actor: Actor, act: str, agent: Agent, ids: Sequence[uuid.UUID], **details: object
) -> int:
    """Note the act, unless it changed nothing."""
    if done:
        audit.record(actor, act, agent.id, changed=done, users=",".join(map(str, ids)), **details)
    return done
