"""A visitor who signs in: the anonymous one they were and the known one become one Person.

Both are proven in one request, by our token and by the site's signature. What they wrote before
stays part of their dialogue. From then on the anonymous token is worth nothing: whoever kept a copy
of it can neither read nor write, and after signing out the browser has a new anonymous visitor.
"""

import logging
import uuid

from frontdesk import audit
from frontdesk.agents.models import Agent
from frontdesk.audit import Actor
from frontdesk.channels.web import visitors
from frontdesk.channels.web.channel import PLATFORM
from frontdesk.channels.web.models import SignedIn, WebChat
from frontdesk.channels.web.visitors import Visitor
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import linking
from frontdesk.ledger.events import EventError, user_id
from frontdesk.ledger.linking import LinkError
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.profiles import put_profile

logger = logging.getLogger(__name__)

ACTOR = Actor("system", "web_chat", "Web chat")

Ids = tuple[uuid.UUID, uuid.UUID]
"""The ids of the anonymous user and of the known one."""


def read_token(chat: WebChat, token: str) -> Visitor | None:
    """The visitor of a token; also None if it is of an anonymous one who has signed in."""
    visitor = visitors.read_token(chat, token)
    if visitor is None or visitor.verified:
        return visitor
    own = user_id(chat.agent_id, PLATFORM, visitor.external_id)
    return None if SignedIn.objects.filter(end_user_id=own).exists() else visitor


def may_join(chat: WebChat, before: Visitor, known: Visitor) -> bool:
    """Whether joining these two would make the anonymous visitor's messages the known one's."""
    ids = _ids(chat, before, known)
    found = EndUser.objects.in_bulk(ids)
    return ids[0] in found and _is_free(ids, found)


def join(chat: WebChat, before: Visitor, known: Visitor) -> bool:
    """Make an anonymous visitor and a known one the same person; returns whether they are now.

    Not if the anonymous one is linked with somebody else, as in a browser that several people use,
    or was unlinked by an operator. One who has written nothing needs no link. Safe to repeat.
    """
    ids = _ids(chat, before, known)
    found = EndUser.objects.in_bulk(ids)
    if ids[0] not in found:
        return True
    if not _is_free(ids, found):
        return False
    try:
        return with_retries(_join)(chat.agent, ids, known)
    except (LinkError, EventError) as error:  # too many identities; or the known one was erased
        logger.info("agent %s: a visitor who signs in is not linked: %s", chat.agent_id, error)
        return False


def _ids(chat: WebChat, before: Visitor, known: Visitor) -> Ids:
    first, second = (user_id(chat.agent_id, PLATFORM, each.external_id) for each in (before, known))
    return first, second


def _is_free(ids: Ids, found: dict[uuid.UUID, EndUser]) -> bool:
    """Whether the anonymous user is, or may become, the same person as the known one."""
    before, known = found[ids[0]], found.get(ids[1])
    if before.person_id is not None:
        return known is not None and known.person_id == before.person_id
    return before != known and not SignedIn.objects.filter(end_user_id=before.id).exists()


def _join(agent: Agent, ids: Ids, known: Visitor) -> bool:
    found = linking.lock_identities(agent.id, ids)
    if ids[0] not in found or not _is_free(ids, found):  # erased or linked in the meantime
        return False
    if ids[1] not in found:
        put_profile(agent, known.event(message_id="-", language=known.language or None))
    person = linking.link(agent, *ids, ACTOR.name)
    _, is_new = SignedIn.objects.get_or_create(end_user_id=ids[0])
    if is_new:
        users = ",".join(map(str, ids))
        audit.record(ACTOR, "link", agent.id, users=users, person=person.id)
    return True
