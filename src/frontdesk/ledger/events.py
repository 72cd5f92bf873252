"""The event: one message as reported, checked before anything is written.

JSON names are camelCase (`messageId`); snake_case is accepted too.
"""

import datetime as dt
import difflib
import hashlib
import json
import re
import uuid
from typing import Annotated, Any, Literal

import msgspec

from frontdesk.core.json_text import JsonError, loads
from frontdesk.core.languages import TAG
from frontdesk.core.platforms import SLUG
from frontdesk.core.text import clean_line, storable
from frontdesk.ledger.models import MAX_ID

Role = Literal["user", "agent", "tool", "system"]
Status = Literal["recorded", "duplicate", "conflict", "rejected"]

MAX_TEXT = 100_000
MAX_COST = 10**12  # a million dollars for one message is a mistake of units
MAX_TOKENS = 10**10
MAX_LATENCY = 10**9
MAX_ERROR = 10_000
KEPT_ERROR = 500
MAX_AHEAD = dt.timedelta(minutes=5)
EARLIEST = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
MAX_ATTRIBUTES = 50
MAX_ATTRIBUTES_JSON = 8_000
MAX_ATTRIBUTES_DEPTH = 20
MAX_TAGS = 50

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID)]
_Line = Annotated[str, msgspec.Meta(max_length=255)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_TOKENS)]
_Time = Annotated[dt.datetime, msgspec.Meta(tz=True)]


def _means(description: str) -> msgspec.Meta:
    """The meaning of a field, for the documentation of the API."""
    return msgspec.Meta(description=description)


class EventError(ValueError):
    """An event that cannot be recorded: `reason` says what is wrong, and where."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProfileFields(msgspec.Struct, kw_only=True, rename="camel", gc=False):
    """What is known of a user. An absent field says nothing; an empty one clears the value.

    Attributes are kept one by one: null removes one.
    """

    name: Annotated[
        _Line | None,
        _means(
            "The user's display name. For every profile field: if absent, nothing changes; "
            "empty clears it; the newest by `time` is kept."
        ),
    ] = None
    username: Annotated[_Line | None, _means("The user's handle, with or without @.")] = None
    email: Annotated[
        Annotated[str, msgspec.Meta(max_length=320)] | None,
        _means("The user's e-mail address."),
    ] = None
    language: Annotated[
        Annotated[str, msgspec.Meta(max_length=35)] | None,
        _means("A language tag such as en or pt-br."),
    ] = None
    avatar_url: Annotated[
        Annotated[str, msgspec.Meta(max_length=1000)] | None,
        _means("The http(s) URL of the user's picture."),
    ] = None
    plan: Annotated[
        Annotated[str, msgspec.Meta(max_length=100)] | None, _means("The key of the user's plan.")
    ] = None
    tags: Annotated[
        Annotated[list[_Line], msgspec.Meta(max_length=MAX_TAGS)] | None,
        _means("The user's tags; they replace the reported ones."),
    ] = None
    attributes: Annotated[
        Annotated[dict[_Line, Any], msgspec.Meta(max_length=MAX_ATTRIBUTES)] | None,
        _means("Any other data about the user, at most 8,000 characters of JSON."),
    ] = None


class Event(ProfileFields, kw_only=True, rename="camel", forbid_unknown_fields=True, gc=False):
    """One message of one end user, with the user's profile at that time.

    An absent profile field changes nothing; an empty one clears the value. Attributes are kept one
    by one; null removes one. `cost` is in micro-dollars; if it is absent, it follows from the model
    and tokens by the agent's own prices or the price list. `latency_ms` is the time from the
    question to the whole answer. An answer with an `error`, of which only the start is kept, has
    `failed`.
    """

    # Python's $ also matches before a newline at the end.
    platform: Annotated[
        str,
        msgspec.Meta(
            pattern=rf"^{SLUG}$(?!\n)",
            description="Where the user is: web, telegram, api, discord, … or any other slug.",
        ),
    ]
    external_id: Annotated[_Id, _means("The user's id on the platform.")]
    role: Annotated[Role, _means("Who wrote the message.")]
    time: Annotated[
        _Time,
        _means("When it was sent, with a zone; at most 5 minutes ahead of the server's clock."),
    ]
    text: Annotated[
        str,
        msgspec.Meta(
            max_length=MAX_TEXT,
            description="The text. What cannot be stored (NUL, half an emoji) becomes U+FFFD.",
        ),
    ] = ""
    message_id: Annotated[
        _Id | None,
        _means(
            "Your id of the message, unique for this user: the same id again is a duplicate. "
            "Without it, `sessionId` and `sequence` are required."
        ),
    ] = None
    session_id: Annotated[
        _Id | None,
        _means(
            "Your id of the session. Without it, a pause longer than the agent's session "
            "timeout starts a new session."
        ),
    ] = None
    sequence: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None,
        _means(
            "Number of the message in its dialogue: it orders messages of the same time. With"
            " `sessionId`, it may be sent instead of `messageId`."
        ),
    ] = None
    chat: Annotated[
        str,
        msgspec.Meta(
            max_length=MAX_ID,
            description="The chat within the platform, if a user can have several.",
        ),
    ] = ""
    new_session: Annotated[
        bool, _means("The user asked for a new session here, such as by /new.")
    ] = False
    edited_at: Annotated[
        _Time | None,
        _means(
            "This is an edit, made at this time. The newest text counts, and the newest value of"
            " each other field; what an edit leaves out stays. `inputTokens` and `cachedTokens`"
            " count as one field."
        ),
    ] = None

    model: Annotated[
        Annotated[str, msgspec.Meta(max_length=200)] | None,
        _means("The model that wrote the message, such as gpt-4o-mini."),
    ] = None
    input_tokens: Annotated[_Count | None, _means("Tokens read, including those from a cache.")] = (
        None
    )
    output_tokens: Annotated[_Count | None, _means("Tokens written.")] = None
    cached_tokens: Annotated[
        _Count | None, _means("The part of `inputTokens` that was read from a cache.")
    ] = None
    cost: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=MAX_COST)] | None,
        _means(
            "The message's cost in micro-dollars (4200 is $0.0042). If absent, the agent's own"
            " prices decide, or else the price list, by model and tokens."
        ),
    ] = None
    latency_ms: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=MAX_LATENCY)] | None,
        _means("Milliseconds from the question to the complete answer."),
    ] = None
    failed: Annotated[bool, _means("The agent could not answer.")] = False
    error: Annotated[
        Annotated[str, msgspec.Meta(max_length=MAX_ERROR)] | None,
        _means("Why it failed; the first 500 characters are kept. Implies `failed`."),
    ] = None


PROFILE_TEXTS = ("name", "username", "email", "language", "avatar_url", "plan")
"""The event's profile fields that are text, each a column of EndUser."""


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The result of one event. `reason` says why it was not simply recorded."""

    status: Status
    reason: str | None = None


def parse(raw: bytes | str | msgspec.Raw | dict[str, Any]) -> Event:
    """Read one event from JSON or a mapping. Raises EventError, which names the wrong field."""
    try:
        return _decoder.decode(raw) if not isinstance(raw, dict) else msgspec.convert(raw, Event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        first = error
    try:
        mapping = (
            raw if isinstance(raw, dict) else loads(raw if isinstance(raw, str) else bytes(raw))
        )
    except JsonError as error:
        raise EventError(str(error)) from None
    if not isinstance(mapping, dict):
        raise EventError("an event is a JSON object")
    renamed = {_camel(str(key)): value for key, value in mapping.items()}
    _refuse_unknown(renamed)
    try:
        return msgspec.convert(renamed, Event)
    except msgspec.ValidationError as error:
        raise EventError(_readable(error)) from first


def check(event: Event, now: dt.datetime) -> None:
    """Clean the event's texts in place. Raises EventError for what the types cannot express."""
    if event.message_id is None and (event.session_id is None or event.sequence is None):
        raise EventError(
            "messageId is missing (or sessionId with sequence): repeats could not be recognized"
        )
    if event.new_session and event.session_id is not None:
        raise EventError("newSession has no meaning beside an explicit sessionId")
    _check_times(event, now)
    _check_ids(event)
    if event.cached_tokens is not None and event.cached_tokens > (event.input_tokens or 0):
        raise EventError("cachedTokens is more than inputTokens, of which it is a part")
    if event.input_tokens is None:
        event.cached_tokens = None  # none of an unknown number says nothing
    event.text = storable(event.text)
    event.model = clean_line(event.model)
    if event.error:
        event.error = storable(event.error.strip())[:KEPT_ERROR]
        event.failed = True
    _check_profile(event)


def user_id(agent_id: uuid.UUID, platform: str, external_id: str) -> uuid.UUID:
    """The id of an end user, computed without a look-up."""
    return uuid.uuid5(agent_id, f"{platform}:{external_id}")


def position_of(event: Event) -> int:
    """Where the message stands among those of its instant; the event alone decides it.

    By its `sequence`, else by the number at the end of its message id, as in Telegram's
    `<chat>:<message>`; then by its role, so that a question stands before its answer. The lowest
    bit tells a `sequence`, which an event without one does not overrule.
    """
    return 8 * number_of(event) + 2 * _RANK[event.role] + (event.sequence is not None)


def number_of(event: Event) -> int:
    """The event's `sequence`, or the number at the end of its message id, or 0."""
    if event.sequence is not None:
        return event.sequence
    id_ = event.message_id or ""
    digits = id_[len(id_.rstrip("0123456789")) :]
    return int(digits[-_MAX_DIGITS:] or 0)


def is_from_sequence(position: int) -> bool:
    """Whether a position was made of a `sequence`."""
    return position % 2 == 1


def message_key(end_user_id: uuid.UUID, event: Event) -> str:
    """The id of the event's message, the same for each repeat: 32 hex digits.

    It is a uuid5, computed by hand: uuid.uuid5() takes five times as long, for every event.
    """
    if event.message_id is not None:
        name = f"m:{event.message_id}"
    else:
        name = f"s:{event.sequence}:{event.session_id}"
    digits = hashlib.sha1(end_user_id.bytes + name.encode(), usedforsecurity=False).hexdigest()
    return f"{digits[:12]}5{digits[13:16]}{_VARIANT[digits[16]]}{digits[17:32]}"


_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
"""RFC 9562: the two highest bits of this digit are 10."""

_RANK = {"system": 0, "user": 1, "tool": 2, "agent": 3}
_MAX_DIGITS = 15  # eight times as much still fits into 64 bits

_decoder = msgspec.json.Decoder(Event)
_FIELDS = {field.encode_name for field in msgspec.structs.fields(Event)}
_IDS = ("externalId", "messageId", "sessionId", "chat")
_LANGUAGE = re.compile(TAG)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _refuse_unknown(mapping: dict[str, Any]) -> None:
    for name in mapping:
        if name not in _FIELDS:
            close = difflib.get_close_matches(name, _FIELDS, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise EventError(f"unknown field {name[:60]!r}{hint}")


def _readable(error: msgspec.ValidationError) -> str:
    """msgspec's "Expected … - at `$.field`" as "field: expected …"."""
    message, _, where = str(error).partition(" - at `$.")
    if not where:
        return message[0].lower() + message[1:]
    return f"{where.rstrip('`')}: {message[0].lower()}{message[1:]}"


def _check_times(event: Event, now: dt.datetime) -> None:
    event.time = _check_time("time", event.time, now)
    if event.edited_at is not None:
        event.edited_at = _check_time("editedAt", event.edited_at, now)
        if event.edited_at < event.time:
            raise EventError("editedAt is before time")


def _check_time(field: str, value: dt.datetime, now: dt.datetime) -> dt.datetime:
    if value > now + MAX_AHEAD:
        raise EventError(f"{field} is more than 5 minutes ahead of this server's clock")
    if value < EARLIEST:
        raise EventError(f"{field} is before 1980")
    # After the checks: astimezone() fails at both ends of the calendar.
    return value if value.tzinfo is dt.UTC else value.astimezone(dt.UTC)


def _check_ids(event: Event) -> None:
    ids = (event.external_id, event.message_id or "", event.session_id or "", event.chat)
    if "".join(ids).isprintable():
        return
    for field, value in zip(_IDS, ids, strict=True):
        if not value.isprintable():
            raise EventError(f"{field} contains control characters")


def _check_profile(event: Event) -> None:
    event.name = clean_line(event.name)
    if event.username:
        event.username = clean_line(event.username.removeprefix("@"))
    event.plan = clean_line(event.plan)
    if event.email:
        event.email = storable(event.email.strip())
        if not re.fullmatch(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+", event.email):
            raise EventError("email is not an e-mail address")
    if event.language:
        event.language = event.language.strip().lower().replace("_", "-")
        if not _LANGUAGE.fullmatch(event.language):
            raise EventError("language is not a language tag such as en or pt-br")
    if event.avatar_url:
        event.avatar_url = storable(event.avatar_url)
    if event.avatar_url and not re.fullmatch(r"https?://[^\s\x00-\x1f\"'<>]+", event.avatar_url):
        raise EventError("avatarUrl is not an http(s) URL")
    if event.tags is not None:
        event.tags = sorted({tag for tag in map(clean_line, event.tags) if tag})
    if event.attributes is not None:
        event.attributes = clean_attributes(event.attributes)


def clean_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes as any database can store them. Raises EventError if too deep or too long."""
    if _is_deeper(attributes, MAX_ATTRIBUTES_DEPTH):
        raise EventError(f"attributes are nested more than {MAX_ATTRIBUTES_DEPTH} levels deep")
    try:
        encoded = storable(json.dumps(attributes, ensure_ascii=False, allow_nan=False))
    except ValueError:
        raise EventError("attributes contain a number that is too large") from None
    if len(encoded) > MAX_ATTRIBUTES_JSON:
        raise EventError(f"attributes are longer than {MAX_ATTRIBUTES_JSON:,} characters of JSON")
    cleaned: dict[str, Any] = json.loads(encoded.replace("\\u0000", "\\ufffd"))
    return cleaned


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(v, levels - 1) for v in inner)
