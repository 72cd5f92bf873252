"""The columns of the Users table, and which of them an operator has chosen, in which order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from frontdesk.accounts.models import Operator


@dataclass(frozen=True)
class Column:
    """A column: its key in URLs and preferences, its head, its definition, its sort if it has
    one."""

    key: str
    title: str
    definition: str
    sort: str = ""
    numeric: bool = False


COLUMNS = {
    column.key: column
    for column in (
        Column(
            "name",
            "Name",
            "Name that the platform told, with the username beside it. Who gave neither has a label"
            " made up by Frontdesk, always the same one.",
            "name",
        ),
        Column("platform", "Platform", "Where this identity lives, such as Web or Telegram."),
        Column(
            "last_message",
            "Last message",
            "Time of the last message from the user.",
            "last_message",
        ),
        Column(
            "sessions",
            "Sessions",
            "How many dialogues the user started. A dialogue ends when nobody wrote for longer than"
            " the agent's session timeout.",
            "sessions",
            numeric=True,
        ),
        Column(
            "chat",
            "Chat msg",
            "Messages of the correspondence: the user's and the agent's.",
            "chat",
            numeric=True,
        ),
        Column("sent", "Sent msg", "Messages that the user sent.", "sent", numeric=True),
        Column(
            "cost",
            "Cost",
            "What serving the user cost, in US dollars. Usage without a known price is not in it,"
            " and is counted apart.",
            "cost",
            numeric=True,
        ),
        Column(
            "subscription",
            "Subscription",
            "The plan that an operator assigned, until it ends; else the one that reporters told.",
        ),
        Column(
            "tags",
            "Tags",
            "Tags of operators, in their colours, and those that reporters told, outlined.",
        ),
        Column(
            "status",
            "Status",
            "Whether the user may write, is blocked, or has used 80 % of a limit or more. The last"
            " is looked at every 5 minutes.",
        ),
        Column("blocked_until", "Blocked until", "When the block ends by itself, if it does."),
        Column("block_reason", "Block reason", "Why an operator blocked the user; operators only."),
        Column(
            "reachability",
            "Reachable",
            "Whether what is sent to the user arrives, as a channel found out last. Who has blocked"
            " the bot, say, cannot be reached.",
        ),
        Column(
            "active_days",
            "Active days",
            "Days of the agent's time zone on which the user sent a message.",
            numeric=True,
        ),
        Column("first_seen", "First seen", "Time of the first message of any role.", "first_seen"),
        Column("language", "Language", "Language that the platform told for the user."),
    )
}
DEFAULT = (
    "name",
    "platform",
    "last_message",
    "sessions",
    "chat",
    "sent",
    "subscription",
    "cost",
)
_PREFERENCE = "users_columns"


def chosen(operator: Operator, keys: Sequence[str] = ()) -> list[Column]:
    """These columns, or the operator's, in order; the name is always there: it opens the user."""
    kept = operator.preferences.get(_PREFERENCE)
    usual = kept if isinstance(kept, list) else DEFAULT
    return [COLUMNS[key] for key in valid(keys or usual)]


def offered(shown: Sequence[Column]) -> list[tuple[Column, bool]]:
    """All columns with whether they are shown: those that are first, in their order."""
    return [(c, True) for c in shown] + [(c, False) for c in COLUMNS.values() if c not in shown]


def choose(operator: Operator, keys: Iterable[str]) -> None:
    """Remember these columns in this order; what is no column is dropped."""
    operator.remember(**{_PREFERENCE: valid(keys)})


def move(keys: list[str], key: str, step: int) -> list[str]:
    """The keys with one of them moved up (-1) or down (+1), as far as there is room."""
    if key not in keys:
        return keys
    rest = [other for other in keys if other != key]
    place = min(max(keys.index(key) + step, 0), len(rest))
    return [*rest[:place], key, *rest[place:]]


def valid(keys: Iterable[object]) -> list[str]:
    """Those of the keys that are columns, each once, the name among them."""
    known = [key for key in dict.fromkeys(keys) if isinstance(key, str) and key in COLUMNS]
    return known if "name" in known else ["name", *known]
