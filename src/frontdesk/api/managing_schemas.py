"""What the managing half of the API answers: names, meanings, units."""

import datetime as dt
import json
import uuid
from typing import Any

from ninja import Field

from frontdesk.agents.limits import Limits
from frontdesk.agents.models import Plan, Tag
from frontdesk.api.schemas import CamelSchema
from frontdesk.gate.limit_status import LimitStatus, LimitUse
from frontdesk.gate.limits import Source
from frontdesk.gate.models import Block
from frontdesk.ledger import receipts
from frontdesk.ledger.models import EndUser, Erasure


class BlockItem(CamelSchema):
    """One block of a user, in force or past."""

    reason: str = Field(description="For operators.", examples=["Spam"])
    note: str = Field(description="Private, for operators.")
    text: str = Field(description="What the person is shown; empty: the agent's text.")
    until: dt.datetime | None = Field(description="When it ends by itself; null: never.")
    created_at: dt.datetime
    created_by: str = Field(description="The operator or API key.")
    ended_at: dt.datetime | None = Field(
        description="When it was taken away, or another took its place; null: was not."
    )
    ended_by: str = Field(description="Empty unless `endedAt` is there.")


class BlockList(CamelSchema):
    """All blocks of a user, newest first."""

    blocks: list[BlockItem]


class LimitItem(CamelSchema):
    """One limit that applies, and how much of it is used. Costs are micro-dollars."""

    key: str = Field(examples=["messages_per_day"])
    value: int | None = Field(description="The most that is allowed; null: no limit.")
    source: Source = Field(description="The narrowest scope that says anything of this limit.")
    plan: str = Field(description="Name of the plan, if `source` is `plan`; else empty.")
    used: int = Field(description="In the window of now, of all linked identities together.")
    left: int | None = Field(description="Never below 0; null: nothing to use up.")
    resets_at: dt.datetime | None = Field(description="End of the window; null: it has none.")


class UserLimitStatus(CamelSchema):
    """What applies to a user now."""

    own: dict[str, int | None] = Field(
        description="The limits of this user alone, as they were set.",
        examples=[{"messages_per_day": 20}],
    )
    limits: list[LimitItem] = Field(description="Every limit that some scope sets.")


class ErasureItem(CamelSchema):
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


class Identity(CamelSchema):
    """One of the users that are the same human."""

    id: uuid.UUID
    platform: str
    external_id: str
    name: str


class PersonItem(CamelSchema):
    """A human with the users (identities) that are his."""

    person_id: uuid.UUID | None = Field(description="null: the user is linked with nobody.")
    identities: list[Identity] = Field(description="The user of the address first.")


class PlanItem(CamelSchema):
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


class PlanList(CamelSchema):
    """The agent's plans."""

    plans: list[PlanItem]


class TagItem(CamelSchema):
    """A tag that operators gave."""

    name: str
    colour: str
    users: int = Field(description="How many users have it, from operators or reporters.")


class TagList(CamelSchema):
    """The agent's tags."""

    tags: list[TagItem]


def block(of: Block) -> BlockItem:
    return BlockItem(
        reason=of.reason,
        note=of.note,
        text=of.text,
        until=None if of.is_for_good else of.until,
        created_at=of.created_at,
        created_by=of.created_by,
        ended_at=of.ended_at,
        ended_by=of.ended_by,
    )


def user_limit_status(own: Limits, of: LimitStatus) -> UserLimitStatus:
    return UserLimitStatus(own=own, limits=[limit(each) for each in of.limits])


def limit(of: LimitUse) -> LimitItem:
    return LimitItem(
        key=of.key,
        value=of.value,
        source=of.source,
        plan=of.plan,
        used=of.used,
        left=of.left,
        resets_at=of.resets_at,
    )


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


def person(of: EndUser, identities: list[EndUser]) -> PersonItem:
    return PersonItem(
        person_id=of.person_id,
        identities=[
            Identity(id=i.id, platform=i.platform, external_id=i.external_id, name=i.label)
            for i in identities
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


def tag(of: Tag, users: int) -> TagItem:
    return TagItem(name=of.name, colour=of.color, users=users)
