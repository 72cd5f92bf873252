"""Every action on users by an operator or an API key: one function for each.

Pages, the API and bulk jobs call these functions, so the same rules hold for all of them, and every
action is audited with its actor. Invalid input raises ActionError. Users are given by id; ids of
other agents' users are ignored. Actions on several users take at most MAX_IDS ids.
"""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from frontdesk import audit
from frontdesk.agents.limits import Limits
from frontdesk.agents.models import Agent, Tag
from frontdesk.audit import Actor
from frontdesk.gate import blocks, user_limits
from frontdesk.ledger import assign, linking, profiles, tombstones
from frontdesk.ledger import erase as erasing
from frontdesk.ledger.events import Event, user_id
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
    """Block these users until a time or, with None, for good. Returns how many.

    A new block replaces the one in force. `note` is private; `text` is shown to the user in place
    of the agent's own text.
    """
    chosen = checks.ids(ids)
    reason = checks.line("reason", reason, checks.MAX_REASON, required=_("Enter a reason."))
    note = checks.text("note", note, checks.MAX_NOTE)
    text = checks.text("text", text, checks.MAX_TEXT)
    until = checks.until(until)
    changed = blocks.block(agent, chosen, reason, until, note, text, _name(actor))
    return _audited(changed, actor, "block", agent, chosen)


def unblock(actor: Actor, agent: Agent, ids: Sequence[uuid.UUID]) -> int:
    """End the blocks of these users. Returns how many were blocked."""
    chosen = checks.ids(ids)
    return _audited(blocks.unblock(agent, chosen, _name(actor)), actor, "unblock", agent, chosen)


def put_profile(actor: Actor, agent: Agent, event: Event) -> bool:
    """Take over the profile fields of an event, but no message. Returns whether the user is new.

    Raises EventError, as recording a message would.
    """
    is_new = profiles.put_profile(agent, event)
    user = user_id(agent.id, event.platform, event.external_id)
    audit.record(actor, "put_profile", agent.id, users=user, new=is_new)
    return is_new


def assign_plan(
    actor: Actor,
    agent: Agent,
    ids: Sequence[uuid.UUID],
    key: str,
    until: dt.datetime | None = None,
) -> int:
    """Assign a plan to these users until a time or, with None, for good. Returns how many changed.

    An empty key removes the assigned plan: the reported one applies again.
    """
    chosen = checks.ids(ids)
    key = checks.plan_key(agent, key)
    until = checks.until(until) if key else None
    changed = assign.assign_plan(agent.id, chosen, key, until)
    return _audited(changed, actor, "assign_plan", agent, chosen, plan=key)


def change_tags(
    actor: Actor,
    agent: Agent,
    ids: Sequence[uuid.UUID],
    add: Collection[str] = (),
    remove: Collection[str] = (),
) -> int:
    """Add tags to these users and remove others. Returns how many changed.

    A new name becomes a tag of the agent. Reported tags stay.
    """
    chosen = checks.ids(ids)
    added = checks.tag_names("add", add)
    removed = checks.tag_names("remove", remove, max_length=255)  # the limit of reported tags
    if both := set(added) & set(removed):
        message = _("“%(tag)s” is both added and removed.") % {"tag": min(both)}
        raise ActionError("remove", message)
    changed = assign.change_tags(agent.id, chosen, added, removed)
    if changed:
        new = [Tag(agent=agent, name=name) for name in added]
        Tag.objects.bulk_create(new, ignore_conflicts=True)
    return _audited(changed, actor, "change_tags", agent, chosen)


def set_limits(actor: Actor, agent: Agent, user_id: uuid.UUID, limits: Limits) -> bool:
    """Replace all limits of this user. Returns whether that changed any."""
    changed = user_limits.set_limits(agent, user_id, checks.limits(limits))
    return bool(_audited(int(changed), actor, "set_limits", agent, [user_id]))


def assign_attributes(
    actor: Actor, agent: Agent, user_id: uuid.UUID, attributes: dict[str, Any]
) -> bool:
    """Replace the attributes that operators assigned. Returns whether that changed any."""
    changed = assign.assign_attributes(agent.id, user_id, checks.attributes(attributes))
    return bool(_audited(int(changed), actor, "assign_attributes", agent, [user_id]))


def erase(actor: Actor, agent: Agent, user_id: uuid.UUID, *, may_return: bool = False) -> Erasure:
    """Remove this user everywhere. Returns the receipt, which may still be in progress.

    With `may_return`, new messages of the person are recorded again.
    """
    erasure = erasing.erase(agent, user_id, _name(actor), may_return)
    audit.record(actor, "erase", agent.id, users=user_id, erasure=erasure.id)
    return erasure


def anonymize(
    actor: Actor,
    agent: Agent,
    user_id: uuid.UUID,
    *,
    keep_texts: bool,
    may_return: bool = False,
) -> Erasure:
    """Keep this user's statistics and history, and remove their identity."""
    erasure = erasing.anonymize(agent, user_id, _name(actor), may_return, keep_texts)
    audit.record(actor, "anonymise", agent.id, users=user_id, erasure=erasure.id)
    return erasure


def allow_return(actor: Actor, agent: Agent, erasure: Erasure) -> None:
    """Allow messages of this identity that were sent after the erasure to be recorded."""
    tombstones.allow_return(agent, erasure.digest)
    audit.record(actor, "allow_return", agent.id, erasure=erasure.id)


def link(actor: Actor, agent: Agent, user_id: uuid.UUID, other_id: uuid.UUID) -> Person:
    """Link two users as the same person. Nothing else of either changes."""
    try:
        person = linking.link(agent, user_id, other_id, _name(actor))
    except LinkError as error:
        raise ActionError("other", str(error)) from None
    audit.record(actor, "link", agent.id, users=f"{user_id},{other_id}", person=person.id)
    return person


def unlink(actor: Actor, agent: Agent, user_id: uuid.UUID) -> None:
    """Remove this user from the Person. Nothing is lost."""
    linking.unlink(agent, user_id)
    audit.record(actor, "unlink", agent.id, users=user_id)


def issue_link_token(actor: Actor, agent: Agent, user: EndUser) -> str:
    """A token with which the user can link another identity, once, within 24 hours."""
    token = linking.issue_token(user)
    audit.record(actor, "issue_link_token", agent.id, users=user.id)
    return token


def export_users(
    actor: Actor,
    agent: Agent,
    who: export.Users,
    form: str,
    columns: Sequence[str],
    zone: zoneinfo.ZoneInfo,
) -> Iterator[bytes]:
    """Stream users as a file; see `export.stream`."""
    audit.record(actor, "export_users", agent.id, format=form)
    return export.stream(agent, who, form, columns, zone)


def export_data(actor: Actor, agent: Agent, user: EndUser) -> Iterator[bytes]:
    """Stream all data of one user as a zip."""
    audit.record(actor, "export_data", agent.id, users=user.id)
    return archive.stream(agent, user)


def add_note(actor: Actor, agent: Agent, user: EndUser, text: str) -> Note:
    """Write a note on this user.

    Raises EndUser.DoesNotExist if the user was erased in the meantime.
    """
    clean = _note_text(text)
    author = int(actor.id) if actor.kind == "operator" else None
    note = notes.add(user, author, _name(actor), clean)
    audit.record(actor, "add_note", agent.id, users=user.id, note=note.id)
    return note


def edit_note(actor: Actor, agent: Agent, user: EndUser, note: Note, text: str) -> None:
    """Change the text of a note. Only its author may."""
    _require_author(actor, note)
    notes.edit(user, note.id, _note_text(text))
    audit.record(actor, "edit_note", agent.id, users=user.id, note=note.id)


def delete_note(actor: Actor, agent: Agent, user: EndUser, note: Note) -> None:
    """Delete a note. Only its author may."""
    _require_author(actor, note)
    notes.delete(user, note.id)
    audit.record(actor, "delete_note", agent.id, users=user.id, note=note.id)


def _note_text(text: str) -> str:
    return checks.text("text", text, checks.MAX_REMARK, required=_("Write something."))


def _require_author(actor: Actor, note: Note) -> None:
    if actor.kind != "operator" or str(note.author_id) != actor.id:
        raise ActionError("note", _("Only the author may change a note."))


def _name(actor: Actor) -> str:
    return actor.name[:255]


def _audited(
    changed: int,
    actor: Actor,
    action: str,
    agent: Agent,
    ids: Sequence[uuid.UUID],
    **details: object,
) -> int:
    """Audit the action, unless it changed nothing."""
    if changed:
        users = ",".join(map(str, ids))
        audit.record(actor, action, agent.id, changed=changed, users=users, **details)
    return changed
