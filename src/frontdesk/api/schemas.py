"""The answers about users and messages, and the errors."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from frontdesk.gate import blocks
from frontdesk.gate.models import FOREVER, Block
from frontdesk.ledger.models import EndUser, Message
from frontdesk.ledger.reactions import member_reactions


class CamelModel(BaseModel):
    """Snake case in Python, camel case in JSON; made from any object with these attributes.

    Not a `ninja.Schema`, which looks up each field as a template variable, several times slower.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


BlockEnd = Annotated[
    dt.datetime | None, BeforeValidator(lambda end: None if end == FOREVER else end)
]
"""None: the block does not expire."""


def described(text: str, **constraints: Any) -> msgspec.Meta:
    """The description of a field of a body."""
    return msgspec.Meta(description=text, **constraints)


class ErrorDetail(BaseModel):
    code: str = Field(description="For programs; it never changes.")
    message: str = Field(description="For people: what is wrong and how to correct it.")
    where: str | None = Field(description="The parameter, header or place in the body; null: none.")


class Error(BaseModel):
    """The shape of every error."""

    error: ErrorDetail


class Blocked(CamelModel):
    """A block in force."""

    reason: str = Field(description="For operators, not shown to the person.", examples=["Spam"])
    until: BlockEnd = Field(description="When it ends; null: never.")


class User(CamelModel):
    """An end user with the totals of the Users page."""

    id: uuid.UUID = Field(
        description="Frontdesk's id, derived from agent, platform and external id."
    )
    external_id: str = Field(description="The id on the platform.", examples=["271828"])
    platform: str = Field(
        description="Where the user is: web, telegram, api, …", examples=["telegram"]
    )
    name: str = Field(
        description="The name, else @username, else a readable label that stays the same.",
        examples=["Ada Lovelace"],
    )
    username: str = Field(description="Without @; empty: unknown.", examples=["ada"])
    email: str = Field(description="Empty: unknown.")
    language: str = Field(description="Language tag; empty: unknown.", examples=["pt-br"])
    avatar_url: str = Field(description="Empty: unknown.")
    plan: str = Field(description="The plan as reported; empty: unknown.")
    subscription: str | None = Field(
        description="The key of the effective plan: the assigned one, else `plan`; null: none.",
        examples=["plus"],
    )
    plan_until: dt.datetime | None = Field(
        description="When the assigned plan ends; null: never, or none is assigned."
    )
    tags: list[str] = Field(description="As last reported.")
    assigned_tags: list[str] = Field(description="Those that operators assigned.")
    blocked: Blocked | None = Field(
        description="The block in force, on this user or a linked one; null: none."
    )
    unreachable_since: dt.datetime | None = Field(
        description="Since when a channel cannot send to the user; null: it can, as far as known."
    )
    unreachable_cause: str = Field(
        description="Why; empty when reachable.", examples=["blocked the bot"]
    )
    person_id: uuid.UUID | None = Field(
        description="The same for all users that are linked as one person; null: not linked."
    )
    first_seen: dt.datetime = Field(
        description="The time of the first message, of any role, or of an earlier profile."
    )
    last_message: dt.datetime | None = Field(
        description="The time of the last message FROM the user; null: none."
    )
    total_sessions: int = Field(description="Sessions that the user started.")
    total_chat_messages: int = Field(description="Messages with the roles user and agent.")
    total_messages_sent: int = Field(description="Messages that the user sent.")
    user_cost: int = Field(
        description="The cost of serving the user, in micro-dollars (1,000,000 = $1).",
        examples=[4200],
    )
    unpriced_messages: int = Field(
        description="Messages whose usage has no known price; not part of `userCost`."
    )
    failed_messages: int = Field(description="Answers that failed.")
    active_days: int = Field(description="Days, in the agent's time zone, on which the user wrote.")


class UserDetail(User):
    """An end user with attributes."""

    attributes: dict[str, Any] = Field(description="As last reported.")
    assigned_attributes: dict[str, Any] = Field(description="Those that operators assigned.")


class UserList(CamelModel):
    """A page of users."""

    users: list[User]
    page: int = Field(description="The number of this page, from 1. A page past the end is empty.")
    page_size: int = Field(description="Users on a full page.")
    total: int = Field(description="How many users match; see `totalIsExact`.")
    persons: int | None = Field(
        description="How many persons the `total` users are: linked users are one. null: unknown,"
        " because there are too many to count, or `totalIsExact` is false."
    )
    total_is_exact: bool = Field(
        description="false: at least `total` match, perhaps more. Of an agent with more than 10,000"
        " users, a search of one or two letters finds only beginnings."
    )


class MessageItem(CamelModel):
    """A message of a user's history."""

    id: uuid.UUID = Field(description="Frontdesk's id, unique among the user's messages.")
    role: Message.Role = Field(description="Who wrote it.")
    time: dt.datetime = Field(description="When it was sent.")
    text: str = Field(description="The text of the newest edit; empty when texts are not kept.")
    session_id: str | None = Field(
        description="The reported session id; null: sessions are separated by pauses."
    )
    chat: str = Field(description="The chat within the platform; empty: there is only one.")
    edited_at: dt.datetime | None = Field(description="When the text was last edited; null: never.")
    model: str = Field(description="The model that wrote it; empty: unknown.")
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None = Field(description="The input tokens that were read from a cache.")
    cost: int | None = Field(description="In micro-dollars; null: no price.")
    latency_ms: int | None = Field(
        description="Milliseconds from the question to the complete answer; null: unknown."
    )
    failed: bool = Field(description="The agent could not answer.")
    error: str = Field(description="Why it failed, if reported.")
    blanked: bool = Field(description="Text and error were removed because texts are not kept.")
    reaction: str = Field(
        description="The user's emoji below an answer, several with spaces between; empty: none.",
        examples=["👍"],
    )
    reacted_at: dt.datetime | None = Field(
        description="When the reaction was last set or taken back; null: never."
    )
    member_reactions: dict[str, int] = Field(
        description="In a group, how many other members show each emoji below the answer.",
        examples=[{"❤": 2}],
    )


class MessagePage(CamelModel):
    """Messages of a user, newest first."""

    messages: list[MessageItem]
    next: str | None = Field(
        description="The `cursor` of the next, older page; null: there is none."
    )


def users(of: Sequence[EndUser]) -> list[User]:
    blocked = blocks.current([user.id for user in of])
    return [User.model_construct(**_user_fields(user, blocked.get(user.id))) for user in of]


def user_detail(of: EndUser) -> UserDetail:
    return UserDetail.model_construct(
        **_user_fields(of, blocks.current([of.id]).get(of.id)),
        attributes=of.attributes,
        assigned_attributes=of.assigned_attributes,
    )


def _user_fields(of: EndUser, block: Block | None) -> dict[str, Any]:
    return {
        "id": of.id,
        "external_id": of.external_id,
        "platform": of.platform,
        "name": of.label,
        "username": of.username,
        "email": of.email,
        "language": of.language,
        "avatar_url": of.avatar_url,
        "plan": of.plan,
        "subscription": of.subscription,
        "plan_until": of.plan_until,
        "tags": of.tags,
        "assigned_tags": of.assigned_tags,
        "blocked": Blocked.model_validate(block) if block else None,
        "unreachable_since": of.unreachable_since,
        "unreachable_cause": of.unreachable_cause,
        "person_id": of.person_id,
        "first_seen": of.first_seen_at,
        "last_message": of.last_message_at if of.has_written else None,
        "total_sessions": of.total_sessions,
        "total_chat_messages": of.total_chat_messages,
        "total_messages_sent": of.total_messages_sent,
        "user_cost": of.user_cost,
        "unpriced_messages": of.unpriced_messages,
        "failed_messages": of.failed_messages,
        "active_days": of.active_days,
    }


def messages(of: Sequence[Message]) -> list[MessageItem]:
    others = member_reactions(of)
    return [_message(each, others[each.id]) for each in of]


def _message(of: Message, others: dict[str, int]) -> MessageItem:
    return MessageItem.model_construct(
        id=of.id,
        role=Message.Role(of.role),
        time=of.sent_at,
        text=of.text,
        session_id=of.session_id or None,
        chat=of.chat,
        edited_at=of.edited_at,
        model=of.model,
        input_tokens=of.input_tokens,
        output_tokens=of.output_tokens,
        cached_tokens=of.cached_tokens,
        cost=of.cost,
        latency_ms=of.latency_ms,
        failed=of.failed,
        error=of.error,
        blanked=of.redacted,
        reaction=of.reaction,
        reacted_at=of.reacted_at,
        member_reactions=others,
    )
