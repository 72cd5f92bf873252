"""What the managing operations take and answer: names, meanings, units."""

import datetime as dt
import json
import uuid
from typing import Annotated, Any

import msgspec
from pydantic import Field

from frontdesk.agents.models import Plan
from frontdesk.api.schemas import BlockEnd, CamelModel
from frontdesk.gate.limits import Source
from frontdesk.ledger import linking, receipts
from frontdesk.ledger.models import EndUser, Erasure


def _says(text: str, **constraints: Any) -> msgspec.Meta:
    return msgspec.Meta(description=text, **constraints)


_Until = Annotated[dt.datetime, msgspec.Meta(tz=True)]
_MayReturn = Annotated[
    bool, _says("What the person writes afterwards is recorded again; else it is rejected.")
]
_Confirm = Annotated[bool, _says("Must be true: this cannot be taken back.")]


class Body(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What an operation takes; rules that types cannot say are those of people/validation.py."""


class BlockBody(Body):
    """A block; it takes the place of one that is in force."""

    reason: Annotated[str, _says("Why, for operators; at most 200 characters.")]
    until: Annotated[
        _Until | None, _says("The end of the block. Without `until` and `hours`: for good.")
    ] = None
    hours: Annotated[
        Annotated[float, msgspec.Meta(gt=0, le=1_000_000)] | None,
        _says("In place of `until`: hours from now."),
    ] = None
    note: Annotated[str, _says("Private, for operators; at most 2,000 characters.")] = ""
    text: Annotated[
        str,
        _says("What the person is shown, at most 1,000 characters; empty: the agent's text."),
    ] = ""


class PlanBody(Body):
    """A plan for a user; it goes before the one that reporters tell."""

    plan: Annotated[str, _says("Key of one of the agent's plans.", min_length=1)]
    until: Annotated[_Until | None, _says("When it ends; null: it does not.")] = None


class TagsBody(Body):
    """A change of a user's tags."""

    add: Annotated[
        list[str], _says("At most 50 names of at most 50 characters; new ones become tags.")
    ] = []
    remove: Annotated[list[str], _says("Tags that reporters told stay.")] = []


class LimitsBody(Body):
    """All limits of a user alone; an empty object takes them away."""

    limits: Annotated[
        dict[str, Any],
        _says(
            "By key: the most that is allowed (costs in micro-dollars), or null for no limit. Of"
            " a key that is left out, the plan's limit holds, else the agent's."
        ),
    ]


class AttributesBody(Body):
    """All attributes that operators give to a user."""

    attributes: Annotated[
        dict[str, Any], _says("At most 50 names, and 8,000 characters of JSON. Replaces them all.")
    ]


class EraseBody(Body):
    """An erasure: the user, and all that hangs on it, is removed."""

    confirm: _Confirm
    may_return: _MayReturn = False


class AnonymiseBody(Body):
    """An anonymisation: history and statistics stay, without who."""

    confirm: _Confirm
    keep_texts: Annotated[bool, _says("Keep what was said; a text may tell who said it.")]
    may_return: _MayReturn = False


class LinkBody(Body):
    """A second identity of the same human."""

    other: Annotated[str, _says("The other user's id, or `platform:externalId`.")]


class BlockItem(CamelModel):
    """One block of a user, in force or past."""

    reason: str = Field(description="For operators.", examples=["Spam"])
    note: str = Field(description="Private, for operators.")
    text: str = Field(description="What the person is shown; empty: the agent's text.")
    until: BlockEnd = Field(description="When it ends by itself; null: never.")
    created_at: dt.datetime
    created_by: str = Field(description="The operator or API key.")
    ended_at: dt.datetime | None = Field(
        description="When it was taken away, or another took its place; null: was not."
    )
    ended_by: str = Field(description="Empty unless `endedAt` is there.")


class BlockList(CamelModel):
    """All blocks of a user, newest first."""

    blocks: list[BlockItem]


class LimitItem(CamelModel):
    """One limit that applies, and how much of it is used. Costs are micro-dollars."""

    key: str = Field(examples=["messages_per_day"])
    value: int | None = Field(description="The most that is allowed; null: no limit.")
    source: Source = Field(description="The narrowest scope that says anything of this limit.")
    plan: str = Field(description="Name of the plan, if `source` is `plan`; else empty.")
    used: int = Field(description="In the window of now, of all linked identities together.")
    left: int | None = Field(description="Never below 0; null: nothing to use up.")
    resets_at: dt.datetime | None = Field(description="End of the window; null: it has none.")


class UserLimitStatus(CamelModel):
    """What applies to a user now."""

    own: dict[str, int | None] = Field(
        description="The limits of this user alone, as they were set.",
        examples=[{"messages_per_day": 20}],
    )
    limits: list[LimitItem] = Field(description="Every limit that some scope sets.")


class ErasureItem(CamelModel):
    """An erasure or anonymisation: how far it is, and its receipt."""

    id: uuid.UUID
    kind: Erasure.Kind
    state: Erasure.State = Field(description="`running`: ask again in a while.")
    requested_by: str
    requested_at: dt.datetime
    finished_at: dt.datetime | None
    total: int = Field(description="Rows that were there when it began.")
    rows: dict[str, int] = Field(
        description="Rows removed (or, anonymised, moved) so far, by table.",
        examples=[{"ledger_message": 1204, "ledger_session": 31}],
    )
    receipt: dict[str, Any] | None = Field(
        description="Signed; `frontdesk receipts verify` checks it. It names nobody. null while"
        " `state` is `running`."
    )


class Identity(CamelModel):
    """One of the users that are the same human."""

    id: uuid.UUID
    platform: str
    external_id: str
    name: str


class PersonItem(CamelModel):
    """A human with the users (identities) that are his."""

    person_id: uuid.UUID | None = Field(description="null: the user is linked with nobody.")
    identities: list[Identity] = Field(description="The user of the address first.")


class PlanItem(CamelModel):
    """A subscription that users of the agent may have."""

    key: str = Field(description="What reporters and the API call it.", examples=["plus"])
    name: str
    colour: str
    price: str = Field(description="As text.", examples=["$9 a month"])
    limits: dict[str, int | None] = Field(
        description="By key: the most allowed; null: no limit; left out: the agent's holds.",
        examples=[{"messages_per_day": 100, "cost_per_month": 5_000_000}],
    )
    users: int = Field(description="How many users have it.")


class PlanList(CamelModel):
    """The agent's plans."""

    plans: list[PlanItem]


class TagItem(CamelModel):
    """A tag that operators gave."""

    name: str
    colour: str
    users: int = Field(description="How many users have it, from operators or reporters.")


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
