"""What the API tells of users and messages: names, meanings, units."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from frontdesk.gate import blocks
from frontdesk.gate.models import FOREVER, Block
from frontdesk.ledger.models import EndUser, Message


class CamelModel(BaseModel):
    """Python's names in Python, JSON's in JSON. Is read from objects with these attributes.

    Not a `ninja.Schema`, which looks up each field by a template variable: several times as slow.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


BlockEnd = Annotated[
    dt.datetime | None, BeforeValidator(lambda end: None if end == FOREVER else end)
]


class ErrorDetail(BaseModel):
    code: str = Field(description="For programs: stays the same for ever.")
    message: str = Field(description="For people: what is wrong, and what would be right.")
    where: str | None = Field(
        description="The parameter, header or place in the body that is meant; null for none."
    )


class Error(BaseModel):
    """The shape of every error."""

    error: ErrorDetail


class Blocked(CamelModel):
    """A block in force."""

    reason: str = Field(description="For operators, not for the person.", examples=["Spam"])
    until: BlockEnd = Field(description="When it ends; null: for good.")


class User(CamelModel):
    """One end user with the totals, as the Users page shows them."""

    id: uuid.UUID = Field(description="Frontdesk's id; made of agent, platform and external id.")
    external_id: str = Field(description="The id on the platform.", examples=["271828"])
    platform: str = Field(
        description="Where the identity lives: web, telegram, api, …", examples=["telegram"]
    )
    name: str = Field(
        description="What to call the user: the name, else @username, else a readable label that"
        " stays the same.",
        examples=["Ada Lovelace"],
    )
    username: str = Field(description="Without @; empty when not known.", examples=["ada"])
    email: str = Field(description="Empty when not known.")
    language: str = Field(description="Language tag; empty when not known.", examples=["pt-br"])
    avatar_url: str = Field(description="Empty when not known.")
    plan: str = Field(description="Subscription as reported; empty when not known.")
    subscription: str | None = Field(
        description="Key of the plan that counts: the assigned one, else `plan`; null: none.",
        examples=["plus"],
    )
    plan_until: dt.datetime | None = Field(
        description="When the assigned plan ends; null: it does not, or none is assigned."
    )
    tags: list[str] = Field(description="As reported last.")
    assigned_tags: list[str] = Field(description="Those that operators gave.")
    blocked: Blocked | None = Field(
        description="The block in force, on this user or on one linked with it; null: none."
    )
    unreachable_since: dt.datetime | None = Field(
        description="Since when nothing can be sent to the user, as a channel found out; null: it"
        " can, as far as is known."
    )
    unreachable_cause: str = Field(
        description="Why; empty when it can.", examples=["blocked the bot"]
    )
    person_id: uuid.UUID | None = Field(
        description="The same for users that were linked as the same human; null: not linked."
    )
    first_seen: dt.datetime = Field(description="Time of the first message of any role.")
    last_message: dt.datetime | None = Field(
        description="Time of the last message FROM the user; null: has not written."
    )
    total_sessions: int = Field(description="Dialogues that the user started.")
    total_chat_messages: int = Field(description="Messages of the roles user and agent.")
    total_messages_sent: int = Field(description="Messages that the user sent.")
    user_cost: int = Field(
        description="What serving the user cost, in micro-dollars (1,000,000 = $1).",
        examples=[4200],
    )
    unpriced_messages: int = Field(
        description="Messages with usage of unknown price; they are not in `userCost`."
    )
    failed_messages: int = Field(description="Answers that failed.")
    active_days: int = Field(description="Days in the agent's zone on which the user wrote.")


class UserDetail(User):
    """One end user, with attributes."""

    attributes: dict[str, Any] = Field(description="As reported last.")
    assigned_attributes: dict[str, Any] = Field(description="Those that operators gave.")


class UserList(CamelModel):
    """One page of users."""

    users: list[User]
    page: int = Field(description="Number of this page, from 1. A page past the end is empty.")
    page_size: int = Field(description="Users on a full page.")
    total: int = Field(description="How many users match; see `totalIsExact`.")
    total_is_exact: bool = Field(description="False: at least `total` match, perhaps more.")


class MessageItem(CamelModel):
    """One message of a user's history."""

    id: uuid.UUID = Field(description="Frontdesk's id; unique among the user's messages.")
    role: Message.Role = Field(description="Whose message it is.")
    time: dt.datetime = Field(description="When it was sent.")
    text: str = Field(description="Of its newest edit; empty when texts are not kept.")
    session_id: str | None = Field(
        description="The session id that was reported; null: sessions are told by gaps in time."
    )
    chat: str = Field(description="The chat within the platform; empty when there is one only.")
    edited_at: dt.datetime | None = Field(description="When the text was edited last.")
    model: str = Field(description="The model that wrote it; empty when not known.")
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None = Field(description="Those of the input tokens read from a cache.")
    cost: int | None = Field(description="Micro-dollars; null when there is no price.")
    latency_ms: int | None = Field(
        description="Milliseconds from the question to the whole answer; null: not told."
    )
    failed: bool = Field(description="The agent could not answer.")
    error: str = Field(description="Why it failed, as far as told.")
    blanked: bool = Field(description="Text and error were removed, for they are not kept.")


class MessagePage(CamelModel):
    """Messages of one user, newest first."""

    messages: list[MessageItem]
    next: str | None = Field(description="Give it as `cursor` for what is older; null: no more.")


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


def message(of: Message) -> MessageItem:
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
        blanked=of.blanked,
    )
