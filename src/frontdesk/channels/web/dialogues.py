"""Whose messages make up a visitor's dialogue: their own, and those from before they signed in.

An anonymous visitor has only their own, whoever they are linked with: their token proves no more.
"""

import uuid
from dataclasses import dataclass

from frontdesk.agents.models import Agent
from frontdesk.channels.conversation import key_of
from frontdesk.channels.web.channel import PLATFORM
from frontdesk.channels.web.models import SignedIn, WebChat
from frontdesk.channels.web.visitors import Visitor
from frontdesk.ledger.events import user_id
from frontdesk.ledger.models import EndUser, Message


@dataclass(frozen=True)
class Dialogue:
    """`earlier` are the anonymous visitors whom the visitor was before, by their user ids."""

    agent: Agent
    visitor: Visitor
    earlier: dict[uuid.UUID, Visitor]

    @property
    def user_ids(self) -> list[uuid.UUID]:
        """The users whose messages the visitor reads."""
        return [user_id(self.agent.id, PLATFORM, self.visitor.external_id), *self.earlier]

    def author_of(self, message_id: uuid.UUID) -> Visitor:
        """The visitor as whom they sent this message.

        The browser repeats a message until its answer is complete, also one that was sent before
        signing in: its answer goes on.
        """
        if not self.earlier:
            return self.visitor
        keys = {self._key(each, message_id): each for each in self.earlier.values()}
        sent = Message.objects.filter(end_user_id__in=[*self.earlier], id__in=[*keys])
        key = sent.values_list("id", flat=True).first()
        return self.visitor if key is None else keys[key]

    def _key(self, visitor: Visitor, message_id: uuid.UUID) -> uuid.UUID:
        return key_of(self.agent, visitor.event(message_id=str(message_id)))


def dialogue_of(chat: WebChat, visitor: Visitor) -> Dialogue:
    """The dialogue of a visitor whose token is valid."""
    earlier = _earlier(chat, visitor) if visitor.verified else {}
    return Dialogue(chat.agent, visitor, earlier)


def _earlier(chat: WebChat, visitor: Visitor) -> dict[uuid.UUID, Visitor]:
    own = user_id(chat.agent_id, PLATFORM, visitor.external_id)
    person = EndUser.objects.filter(id=own).values_list("person_id", flat=True).first()
    if person is None:
        return {}
    signed_in = SignedIn.objects.filter(end_user__person_id=person).exclude(end_user_id=own)
    rows = signed_in.values_list("end_user_id", "end_user__external_id")
    return {id_: Visitor(external_id, visitor.expires) for id_, external_id in rows}
