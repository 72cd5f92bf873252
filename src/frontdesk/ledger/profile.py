"""A user's profile: each field has its newest value, in whatever order the events arrive."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from frontdesk.core.languages import base_of
from frontdesk.ledger.events import PROFILE_TEXTS, Event
from frontdesk.ledger.models import NEVER
from frontdesk.ledger.search_key import search_key, sort_name

MAX_ATTRIBUTES = 200
"""The most attributes that are kept of one user, however many are reported."""

COLUMNS = (*PROFILE_TEXTS, "tags", "attributes", "base_language", "search_key", "sort_name")

Texts = tuple[str | None, ...]
"""The values of `PROFILE_TEXTS` in one event; None if absent."""

_texts_of: Callable[[Event], Texts] = attrgetter(*PROFILE_TEXTS)


class Claims:
    """The profile values that a batch reports for one user.

    Of events with equal texts only the newest counts, so one time is kept per set of texts: most
    batches have one set, however many messages they have.
    """

    def __init__(self) -> None:
        self.texts: dict[Texts, dt.datetime] = {}
        self.events: list[Event] = []  # those with tags or attributes

    def add(self, event: Event) -> None:
        texts = _texts_of(event)
        at = event.edited_at or event.time
        known_at = self.texts.get(texts)
        if known_at is None or at > known_at:
            self.texts[texts] = at
        if event.tags is not None or event.attributes:
            self.events.append(event)


@dataclass(slots=True)
class Profile:
    """The profile columns of an EndUser row; `times` are µs since 1970, by field and attribute."""

    values: dict[str, Any]
    times: dict[str, Any]
    is_changed: bool = False
    times_changed: bool = False

    @classmethod
    def of(cls, claims: Mapping[str, Sequence[Any]]) -> "Profile":
        """A profile made of [time in µs, value] by field; attributes are "attributes.name"."""
        values: dict[str, Any] = {**dict.fromkeys(PROFILE_TEXTS, ""), "tags": [], "attributes": {}}
        times: dict[str, Any] = {}
        for field, (at, value) in claims.items():
            name = field.removeprefix("attributes.")
            is_attribute = name != field
            (times.setdefault("attributes", {}) if is_attribute else times)[name] = at
            if value is not None:
                (values["attributes"] if is_attribute else values)[name] = value
        _drop_oldest(times.get("attributes", {}), values["attributes"])
        return cls(values, times, is_changed=True)

    def merge(self, claims: Claims) -> None:
        """Take over newer values; of two with the same time, the greater one wins."""
        for texts, time in claims.texts.items():
            at = micros(time)
            for field, value in zip(PROFILE_TEXTS, texts, strict=True):
                if value is not None:
                    self._merge_field(field, value, at)
        for event in claims.events:
            at = micros(event.edited_at or event.time)
            if event.tags is not None:
                self._merge_field("tags", event.tags, at)
            if event.attributes:
                self._merge_attributes(event.attributes, at)

    def row(self, user_id: uuid.UUID, external_id: str) -> tuple[Any, ...]:
        """The values of `COLUMNS`."""
        v = self.values
        key = search_key(user_id, v["name"], v["username"], v["email"], external_id)
        order = sort_name(user_id, v["name"], v["username"])
        texts = (v[field] for field in PROFILE_TEXTS)
        return (*texts, v["tags"], v["attributes"], base_of(v["language"]), key, order)

    def _merge_field(self, field: str, value: Any, at: int) -> None:
        kept = self.values[field]
        known_at = self.times.get(field, -1)
        if at < known_at or (at == known_at and _order(value) <= _order(kept)):
            return
        self.times_changed = self.times_changed or at != known_at
        self.times[field] = at
        if value != kept:
            self.values[field] = value
            self.is_changed = True

    def _merge_attributes(self, attributes: dict[str, Any], at: int) -> None:
        kept = self.values["attributes"]
        times = self.times.setdefault("attributes", {})
        for name, value in attributes.items():
            known_at = times.get(name, -1)
            if at < known_at or (at == known_at and _order(value) <= _order(kept.get(name))):
                continue
            times[name] = at
            self.times_changed = True
            self.is_changed = self.is_changed or kept.get(name) != value
            if value is None:
                kept.pop(name, None)
            else:
                kept[name] = value
        _drop_oldest(times, kept)


def _drop_oldest(times: dict[str, int], attributes: dict[str, Any]) -> None:
    """The newest attributes stay; whatever the order of events, the same ones are dropped."""
    for name in sorted(times, key=lambda name: (times[name], name))[:-MAX_ATTRIBUTES]:
        del times[name]
        attributes.pop(name, None)


def is_newer(claim: Sequence[Any], kept: Sequence[Any]) -> bool:
    """Whether a [time, value] takes the place of another; of the same time, the greater one."""
    return bool((claim[0], _order(claim[1])) > (kept[0], _order(kept[1])))


def micros(time: dt.datetime) -> int:
    """Microseconds since 1970."""
    return (time - NEVER) // dt.timedelta(microseconds=1)


def _order(value: Any) -> str:
    """A total order on JSON values, for equal times; null is the least."""
    if isinstance(value, str):
        return "s" + value
    return "" if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)
