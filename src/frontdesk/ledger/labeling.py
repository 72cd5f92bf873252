"""The columns that are made of a user's texts, brought up to what this version makes of them."""

import uuid
from collections.abc import Mapping

from frontdesk.core.sql import bulk
from frontdesk.core.text import clean_line
from frontdesk.ledger import search_index
from frontdesk.ledger.models import EndUser
from frontdesk.ledger.search_key import search_key, sort_name
from frontdesk.ledger.users import UserState

COLUMNS = ("name", "username", "base_language", "search_key", "sort_name")

Labels = tuple[str, ...]
"""The values of `COLUMNS`."""


def repair(states: Mapping[uuid.UUID, UserState]) -> None:
    """Rewrite the labels that differ. The users are locked."""
    changed = outdated(states)
    bulk.update(EndUser, ["id"], COLUMNS, [(id_, *labels) for id_, labels in changed.items()])
    search_index.put([(id_, labels[_KEY]) for id_, labels in changed.items()], set())


def outdated(states: Mapping[uuid.UUID, UserState]) -> dict[uuid.UUID, Labels]:
    """The labels that differ from what is stored, as they should be."""
    users = EndUser.objects.filter(id__in=list(states))
    stored = users.values_list("id", *COLUMNS)
    made = {id_: _labels(state) for id_, state in states.items()}
    return {id_: made[id_] for id_, *labels in stored if tuple(labels) != made[id_]}


def _labels(state: UserState) -> Labels:
    texts = state.profile.values
    name, username = (clean_line(texts[each]) or "" for each in ("name", "username"))
    key = search_key(state.id, name, username, texts["email"], state.external_id)
    return name, username, state.base_language, key, sort_name(state.id, name, username)


_KEY = COLUMNS.index("search_key")
