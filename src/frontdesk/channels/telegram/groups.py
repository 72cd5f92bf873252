"""Groups that have become supergroups: Telegram gives them new ids, and says so once."""

import uuid
from collections.abc import Collection
from typing import Any

from frontdesk.channels.telegram.content import mapping
from frontdesk.channels.telegram.models import MigratedGroup
from frontdesk.channels.telegram.wire import id_of


def migration_in(raw: dict[str, Any]) -> tuple[int, int] | None:
    """The old and the new id of a group, if the update says that it has migrated."""
    message = mapping(raw.get("message"))
    here = mapping(message.get("chat")).get("id")
    if "migrate_to_chat_id" in message:
        ids = (here, message["migrate_to_chat_id"])
    else:
        ids = (message.get("migrate_from_chat_id"), here)
    old, new = map(id_of, ids)
    return None if old is None or new is None else (old, new)


def note_migration(agent_id: uuid.UUID, old: int, new: int) -> None:
    MigratedGroup.objects.get_or_create(agent_id=agent_id, new_id=new, defaults={"old_id": old})


def origins_of(agent_id: uuid.UUID, chats: Collection[int]) -> dict[int, int]:
    """The ids that these groups had before they migrated."""
    found = MigratedGroup.objects.filter(agent_id=agent_id, new_id__in=chats)
    return dict(found.values_list("new_id", "old_id"))


def present_id(agent_id: uuid.UUID, chat: int) -> int:
    """The id under which a group is reached now."""
    found = MigratedGroup.objects.filter(agent_id=agent_id, old_id=chat)
    return found.values_list("new_id", flat=True).first() or chat
