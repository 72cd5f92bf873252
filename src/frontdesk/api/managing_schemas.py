"""The bodies and answers of the managing operations."""

import datetime as dt
import json
import uuid
from typing import Annotated, Any

import msgspec
from pydantic import Field

from frontdesk.agents.models import Plan
from frontdesk.api.schemas import BlockEnd, CamelModel, described
from frontdesk.gate.limits import Source
from frontdesk.ledger import linking, receipts
from frontdesk.ledger.events import ProfileFields
from frontdesk.ledger.models import EndUser, Erasure

_Until = Annotated[dt.datetime, msgspec.Meta(tz=True)]
_MayReturn = Annotated[
    bool, described("true: record what the person writes afterwards; false: reject it.")
]
_Confirm = Annotated[bool, described("Must be true: this cannot be undone.")]


class Body(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The body of an operation. people/validation.py has the rules that types cannot express."""


class BlockBody(Body):
    """A block. It replaces the one in force."""

    reason: Annotated[str, described("For operators; at most 200 characters.")]
    until: Annotated[
        _Until | None, described("When the block ends. Without `until` and `hours`: never.")
    ] = None
    hours: Annotated[
        Annotated[float, msgspec.Meta(gt=0, le=1_000_000)] | None,
        described("Instead of `until`: hours from now."),
    ] = None
    note: Annotated[str, described("Private, for operators; at most 2,000 characters.")] = ""
    text: Annotated[
        str,
        described("Shown to the person, at most 1,000 characters; empty: the agent's text."),
    ] = ""


class ProfileBody(ProfileFields, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A profile without a message. For every field the newest value by `time` is kept."""

    time: Annotated[
        _Until | None, described("When this was known, with a zone; by default now.")
    ] = None


class PlanBody(Body):
    """A plan for a user. It overrides the reported one."""

    plan: Annotated[str, described("The key of one of the agent's plans.", min_length=1)]
    until: Annotated[_Until | None, described("When it ends; null: never.")] = None


class TagsBody(Body):
    """A change of a user's tags."""

    add: Annotated[
        list[str], described("At most 50 names of at most 50 characters; new ones become tags.")
    ] = []
    remove: Annotated[list[str], described("Reported tags stay.")] = []


class LimitsBody(Body):
    """All limits of this user; an empty object removes them."""

    limits: Annotated[
        dict[str, Any],
        described(
            "By key: the maximum (costs in micro-dollars), or null for no limit. If a key is left"
            " out, the plan's limit applies, or else the agent's."
        ),
    ]


class AttributesBody(Body):
    """All attributes of a user that operators assign."""

    attributes: Annotated[
        dict[str, Any],
        described("At most 50 names, and 8,000 characters of JSON. Replaces all of them."),
    ]


class EraseBody(Body):
    """An erasure: the user and all data about them are removed."""

    confirm: _Confirm
    may_return: _MayReturn = False


class AnonymiseBody(Body):
    """An anonymization: history and statistics stay, without the identity."""

    confirm: _Confirm
    keep_texts: Annotated[bool, described("true: keep the texts, which may reveal the person.")]
    may_return: _MayReturn = False


class LinkBody(Body):
    """Another identity of the same person."""

    other: Annotated[str, described("The other user's id, or `platform:externalId`.")]


class BlockItem(CamelModel):
    """A block of a user, in force or past."""

    reason: str = Field(description="For operators.", examples=["Spam"])
    note: str = Field(description="Private, for operators.")
    text: str = Field(description="Shown to the person; empty: the agent's text.")
    until: BlockEnd = Field(description="When it expires; null: never.")
    created_at: dt.datetime
    created_by: str = Field(description="The operator or API key.")
    ended_at: dt.datetime | None = Field(
        description="When it was removed or replaced; null: it was not."
    )
    ended_by: str = Field(description="Who removed or replaced it; else empty.")


class BlockList(CamelModel):
    """All blocks of a user, newest first."""

    blocks: list[BlockItem]


class LimitItem(CamelModel):
    """One limit that applies, and how much of it is used. Costs are micro-dollars."""

    key: str = Field(examples=["messages_per_day"])
    value: int | None = Field(description="The maximum; null: no limit.")
    source: Source = Field(description="The narrowest scope that sets this limit.")
    plan: str = Field(description="The plan's name if `source` is `plan`; else empty.")
    used: int = Field(description="In the current window, by all linked identities together.")
    left: int | None = Field(description="Never below 0; null: unlimited, or a limit of length.")
    resets_at: dt.datetime | None = Field(description="The end of the window; null: it has none.")
    unpriced_messages: int = Field(
        validation_alias="unknown",
        description="Messages without a price in the window: a limit on cost does not count them.",
    )


class UserLimitStatus(CamelModel):
    """The limits that apply to a user now."""

    own: dict[str, int | None] = Field(
        description="The limits that were set for this user.",
        examples=[{"messages_per_day": 20}],
    )
    limits: list[LimitItem] = Field(description="Every limit that any scope sets.")


class ErasureItem(CamelModel):
    """An erasure or anonymization: its progress and receipt."""

    id: uuid.UUID
    kind: Erasure.Kind
    state: Erasure.State = Field(description="`running`: ask again later.")
    requested_by: str
    requested_at: dt.datetime
    finished_at: dt.datetime | None
    total: int = Field(description="The number of rows when it started.")
    rows: dict[str, int] = Field(
        description="The rows removed (or moved, when anonymizing) so far, by table.",
        examples=[{"ledger_message": 1204, "ledger_session": 31}],
    )
    receipt: dict[str, Any] | None = Field(
        description="Signed; `frontdesk receipts verify` checks it. It identifies no one. null"
        " while `state` is `running`."
    )


class Identity(CamelModel):
    """One of the users that belong to the same person."""

    id: uuid.UUID
    platform: str
    external_id: str
    name: str


class PersonItem(CamelModel):
    """A person with their users (identities)."""

    person_id: uuid.UUID | None = Field(description="null: the user is not linked.")
    identities: list[Identity] = Field(description="The user of the address first.")


class PlanItem(CamelModel):
    """A subscription that users of the agent may have."""

    key: str = Field(description="Its name in reports and in the API.", examples=["plus"])
    name: str
    colour: str
    price: str = Field(description="As text.", examples=["$9 a month"])
    limits: dict[str, int | None] = Field(
        description="By key: the maximum; null: no limit; left out: the agent's limit applies.",
        examples=[{"messages_per_day": 100, "cost_per_month": 5_000_000}],
    )
    users: int = Field(description="How many users have it.")


class PlanList(CamelModel):
    """The agent's plans."""

    plans: list[PlanItem]


class TagItem(CamelModel):
    """A tag that operators assign."""

    name: str
    colour: str
    users: int = Field(description="How many users have it, assigned or reported.")


class TagList(CamelModel):
    """The agent's tags."""

    tags: list[TagItem]


def erasure(of: Erasure) -> ErasureItem:
    is_done = of.state == Erasure.State.DONE
    return ErasureItem(
        id=of.id,
        kind=Erasure.Kind(of.kind),
        state=Erasure.State(of.state),
        requested_by=of.requested_by,
        requested_at=of.requested_at,
        finished_at=of.finished_at,
        total=of.total,
        rows=of.tables,
        receipt=json.loads(receipts.receipt(of)) if is_done else None,
    )


def person(of: EndUser) -> PersonItem:
    return PersonItem(
        person_id=of.person_id,
        identities=[
            Identity(id=i.id, platform=i.platform, external_id=i.external_id, name=i.label)
            for i in linking.identities(of)
        ],
    )


def plan(of: Plan, users: int) -> PlanItem:
    return PlanItem(
        key=of.key,
        name=of.name,
        colour=of.color,
        price=of.price,
        limits=of.limits,
        users=users,
    )
