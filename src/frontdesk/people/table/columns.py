"""The columns of the Users table: one entry each, for the page, its sorts, and exported files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from django.utils.translation import gettext_lazy as _

from frontdesk.accounts.models import Operator

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Kind = Literal["id", "text", "number", "time", "money", "plan", "tags", "moderated"]


class Field(NamedTuple):
    """One value of a user. `key` is its name in JSON lines and the API, `title` its name in tables.

    `column` is a column of EndUser. Fields of the kind `moderated` are looked up by the user's id;
    tags come from two columns.
    """

    key: str
    title: "_StrOrPromise"
    kind: Kind
    column: str = ""


@dataclass(frozen=True)
class Column:
    """A column: its key in URLs and preferences, its title, its definition.

    `fields` are its fields in exported files. The page shows the first one by its kind, unless
    `cell` names a cell of the console. `sort` is the column of EndUser to sort by, which needs an
    index (agent, column, id).
    """

    key: str
    title: "_StrOrPromise"
    definition: "_StrOrPromise"
    fields: tuple[Field, ...]
    sort: str = ""
    cell: str = ""

    @property
    def numeric(self) -> bool:
        return self.fields[0].kind in ("number", "money")


COLUMNS = {
    column.key: column
    for column in (
        Column(
            "name",
            _("Name"),
            _(
                "Name that the platform reported, with the username next to it. A user without"
                " either has a label that Frontdesk makes, always the same one."
            ),
            (
                Field("name", _("Name"), "text", "name"),
                Field("username", _("Username"), "text", "username"),
                Field("email", _("E-mail"), "text", "email"),
            ),
            sort="sort_name",
            cell="name",
        ),
        Column(
            "platform",
            _("Platform"),
            _("Where this identity lives, such as Web or Telegram."),
            (Field("platform", _("Platform"), "text", "platform"),),
            cell="platform",
        ),
        Column(
            "last_message",
            _("Last message"),
            _("Time of the last message from the user."),
            (Field("lastMessage", _("Last message"), "time", "last_message_at"),),
            sort="last_message_at",
        ),
        Column(
            "sessions",
            _("Sessions"),
            _(
                "How many sessions the user started. A session ends when neither side has written"
                " for longer than the agent's session timeout."
            ),
            (Field("totalSessions", _("Sessions"), "number", "total_sessions"),),
            sort="total_sessions",
        ),
        Column(
            "chat",
            _("Chat msg"),
            _("All messages between the user and the agent."),
            (Field("totalChatMessages", _("Chat messages"), "number", "total_chat_messages"),),
            sort="total_chat_messages",
        ),
        Column(
            "sent",
            _("Sent msg"),
            _("Messages that the user sent."),
            (Field("totalMessagesSent", _("Sent messages"), "number", "total_messages_sent"),),
            sort="total_messages_sent",
        ),
        Column(
            "cost",
            _("Cost"),
            _(
                "What serving the user cost, in US dollars. Usage without a known price is not"
                " included, and is counted separately."
            ),
            (
                Field("userCost", _("Cost in US dollars"), "money", "user_cost"),
                Field("unpricedMessages", _("Unpriced messages"), "number", "unpriced_messages"),
            ),
            sort="user_cost",
            cell="cost",
        ),
        Column(
            "subscription",
            _("Subscription"),
            _("The plan that an operator assigned, until it ends; otherwise the reported plan."),
            (
                Field("subscription", _("Subscription"), "plan", "subscription"),
                Field("planUntil", _("Subscription until"), "time", "plan_until"),
            ),
            cell="subscription",
        ),
        Column(
            "tags",
            _("Tags"),
            _("Tags that operators assigned, in their colors, and reported tags, outlined."),
            (Field("tags", _("Tags"), "tags"),),
            cell="tags",
        ),
        Column(
            "status",
            _("Status"),
            _(
                "Whether the user may write, is blocked, or has used 80 % of a limit or more. The"
                " latter is checked every 5 minutes."
            ),
            (Field("status", _("Status"), "moderated", "id"),),
            cell="status",
        ),
        Column(
            "blocked_until",
            _("Blocked until"),
            _("When the block ends by itself, if it does."),
            (Field("blockedUntil", _("Blocked until"), "moderated", "id"),),
            cell="blocked_until",
        ),
        Column(
            "block_reason",
            _("Block reason"),
            _("Why an operator blocked the user. Only operators see it."),
            (Field("blockReason", _("Block reason"), "moderated", "id"),),
            cell="block_reason",
        ),
        Column(
            "reachability",
            _("Reachable"),
            _(
                "Whether messages to the user arrive, as of a channel's last attempt. A user who"
                " has blocked the bot, for example, is unreachable."
            ),
            (
                Field("unreachableSince", _("Unreachable since"), "time", "unreachable_since"),
                Field("unreachableCause", _("Unreachable cause"), "text", "unreachable_cause"),
            ),
            cell="reachability",
        ),
        Column(
            "active_days",
            _("Active days"),
            _("Days in the agent's time zone on which the user sent a message."),
            (Field("activeDays", _("Active days"), "number", "active_days"),),
        ),
        Column(
            "first_seen",
            _("First seen"),
            _("Time of the first message of any role, or when the user became known without one."),
            (Field("firstSeen", _("First seen"), "time", "first_seen_at"),),
            sort="first_seen_at",
        ),
        Column(
            "language",
            _("Language"),
            _("Language that the platform reported for the user."),
            (Field("language", _("Language"), "text", "language"),),
            cell="language",
        ),
    )
}
SORTS = {column.key: column.sort for column in COLUMNS.values() if column.sort}
"""The sorts by their name in the URL, with their column of EndUser."""

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
    """These columns, or the operator's, in order; always with the name, which links to the user."""
    saved = operator.preferences.get(_PREFERENCE)
    preferred = saved if isinstance(saved, list) else DEFAULT
    return [COLUMNS[key] for key in valid(keys or preferred)]


def offered(shown: Sequence[Column]) -> list[tuple[Column, bool]]:
    """All columns, and whether each is shown: first the shown ones, in their order."""
    return [(c, True) for c in shown] + [(c, False) for c in COLUMNS.values() if c not in shown]


def choose(operator: Operator, keys: Iterable[str]) -> None:
    """Save these columns in this order; unknown keys are dropped."""
    operator.remember(**{_PREFERENCE: valid(keys)})


def move(keys: list[str], key: str, step: int) -> list[str]:
    """The keys with one of them moved up (-1) or down (+1), if possible."""
    if key not in keys:
        return keys
    rest = [other for other in keys if other != key]
    index = min(max(keys.index(key) + step, 0), len(rest))
    return [*rest[:index], key, *rest[index:]]


def valid(keys: Iterable[object]) -> list[str]:
    """The keys that are columns, each once, always with the name."""
    known = [key for key in dict.fromkeys(keys) if isinstance(key, str) and key in COLUMNS]
    return known if "name" in known else ["name", *known]
