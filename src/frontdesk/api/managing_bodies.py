"""What programs send to act on users. Rules that types cannot say are those of people/acts.py."""

import datetime as dt
from typing import Annotated, Any

import msgspec


def _says(text: str, **constraints: Any) -> msgspec.Meta:
    return msgspec.Meta(description=text, **constraints)


_Until = Annotated[dt.datetime, msgspec.Meta(tz=True)]
_MayReturn = Annotated[
    bool, _says("What the person writes afterwards is recorded again; else it is rejected.")
]
_Confirm = Annotated[bool, _says("Must be true: this cannot be taken back.")]


class BlockBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
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


class PlanBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A plan for a user; it goes before the one that reporters tell."""

    plan: Annotated[str, _says("Key of one of the agent's plans.", min_length=1)]
    until: Annotated[_Until | None, _says("When it ends; null: it does not.")] = None


class TagsBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A change of a user's tags."""

    add: Annotated[
        list[str], _says("At most 50 names of at most 50 characters; new ones become tags.")
    ] = []
    remove: Annotated[list[str], _says("Tags that reporters told stay.")] = []


class LimitsBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """All limits of a user alone; an empty object takes them away."""

    limits: Annotated[
        dict[str, Any],
        _says(
            "By key: the most that is allowed (costs in micro-dollars), or null for no limit. Of"
            " a key that is left out, the plan's limit holds, else the agent's."
        ),
    ]


class AttributesBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """All attributes that operators give to a user."""

    attributes: Annotated[
        dict[str, Any], _says("At most 50 names, and 8,000 characters of JSON. Replaces them all.")
    ]


class EraseBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """An erasure: the user, and all that hangs on it, is removed."""

    confirm: _Confirm
    may_return: _MayReturn = False


class AnonymiseBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """An anonymisation: history and statistics stay, without who."""

    confirm: _Confirm
    keep_texts: Annotated[bool, _says("Keep what was said; a text may tell who said it.")]
    may_return: _MayReturn = False


class LinkBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A second identity of the same human."""

    other: Annotated[str, _says("The other user's id, or `platform:externalId`.")]


BODIES: tuple[type[msgspec.Struct], ...] = (
    BlockBody,
    PlanBody,
    TagsBody,
    LimitsBody,
    AttributesBody,
    EraseBody,
    AnonymiseBody,
    LinkBody,
)
