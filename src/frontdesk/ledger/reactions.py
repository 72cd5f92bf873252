"""What people show about an answer with an emoji below it.

The reaction of the person who got the answer is a column of it, so it is erased, anonymized and
exported with it. Those of other members of a group are rows of theirs (`MemberReaction`), which are
erased with them, and with the answer. No figure counts either.
"""

import datetime as dt
import re
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from django.db.models import Q

from frontdesk.agents.models import Agent
from frontdesk.core.sql.retries import with_retries
from frontdesk.core.text import clean_line
from frontdesk.ledger import users
from frontdesk.ledger.models import MAX_REACTION, MemberReaction, Message

_EMOJI = re.compile(r"\[[^\]]*\]|\S+")
"""One of several reactions: an emoji, or "[custom emoji 53]"."""


def set_reaction(
    agent: Agent, user_id: uuid.UUID, answer_id: uuid.UUID, reaction: str, at: dt.datetime
) -> bool:
    """Set a user's reaction to an answer that they got; returns whether it is the newest known.

    `reaction` is one emoji, or several with spaces between them; "" takes it back. Of two of the
    same moment the one that is reported later counts.
    """
    return with_retries(_set_reaction)(agent.id, user_id, answer_id, _clean(reaction), at)


def set_member_reaction(
    agent: Agent,
    member_id: uuid.UUID,
    answer: tuple[uuid.UUID, uuid.UUID],
    reaction: str,
    at: dt.datetime,
) -> bool:
    """The same for another member of the group. `answer` is the user who got it, and its id.

    Nothing is kept of members who are not users of the agent.
    """
    return with_retries(_set_member_reaction)(agent.id, member_id, answer, _clean(reaction), at)


def member_reactions(answers: Collection[Message]) -> Mapping[uuid.UUID, Counter[str]]:
    """How many other members show each emoji below these answers, by the id of the answer.

    Only answers in groups are looked up, all in one statement.
    """
    found: dict[uuid.UUID, Counter[str]] = defaultdict(Counter)
    in_groups = [each for each in answers if each.chat and each.role == Message.Role.AGENT]
    if in_groups:
        rows = MemberReaction.objects.filter(
            owner_id__in={each.end_user_id for each in in_groups},
            answer_id__in=[each.id for each in in_groups],
        )
        for answer_id, reaction in rows.values_list("answer_id", "reaction"):
            found[answer_id].update(_EMOJI.findall(reaction))
    return found


def remove_others(user_id: uuid.UUID) -> int:
    """Remove other members' reactions to the answers to a user; returns how many."""
    return MemberReaction.objects.filter(owner_id=user_id).delete()[0]


def _clean(reaction: str) -> str:
    return (clean_line(reaction) or "")[:MAX_REACTION]


def _set_member_reaction(
    agent_id: uuid.UUID,
    member_id: uuid.UUID,
    answer: tuple[uuid.UUID, uuid.UUID],
    reaction: str,
    at: dt.datetime,
) -> bool:
    owner_id, answer_id = answer
    if len(users.lock_ids(agent_id, [member_id, owner_id])) < 2:  # one of them is erased or unknown
        return False
    key = {"end_user_id": member_id, "owner_id": owner_id, "answer_id": answer_id}
    known = MemberReaction.objects.filter(**key).first()
    if known and known.reacted_at > at:
        return False
    MemberReaction.objects.bulk_create(
        [MemberReaction(**key, reaction=reaction, reacted_at=at)],
        update_conflicts=True,
        unique_fields=["end_user_id", "owner_id", "answer_id"],
        update_fields=["reaction", "reacted_at"],
    )
    return True


def _set_reaction(
    agent_id: uuid.UUID, user_id: uuid.UUID, answer_id: uuid.UUID, reaction: str, at: dt.datetime
) -> bool:
    if not users.lock_ids(agent_id, [user_id]):
        return False
    answer = Message.objects.filter(end_user_id=user_id, id=answer_id, role=Message.Role.AGENT)
    not_newer = answer.filter(Q(reacted_at=None) | Q(reacted_at__lte=at))
    return bool(not_newer.update(reaction=reaction, reacted_at=at))
