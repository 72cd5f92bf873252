"""The parts of the OpenAPI document that types do not express."""

from collections.abc import Iterable
from typing import Any

import msgspec

from frontdesk.api.schemas import Error
from frontdesk.api.splitting import MAX_EVENTS, NDJSON
from frontdesk.core.http.json_body import JSON
from frontdesk.people.exports.export import FORMATS
from frontdesk.people.table.columns import COLUMNS
from frontdesk.people.table.filters import (
    DATES,
    DEFAULT_SIZE,
    DEFAULT_SORT,
    DIGITS,
    MAX_QUERY,
    MAX_QUIET,
    PAGE_SIZES,
    PRESETS,
    RANGES,
    SORTS,
    STATUSES,
    TAG_MODES,
)

Json = dict[str, Any]

REF = "#/components/schemas/{name}"

DESCRIPTION = """
Report the messages of your agents' users, read who the users are, and decide who may continue.

**Keys.** Every request needs an API key: `Authorization: Bearer fd_…`. A key belongs to one agent
and has scopes: `ingest` may report messages, `read` may read users and messages, `manage` may
block, change, export and erase users.

**Errors** always have the same shape, `{"error": {"code", "message", "where"}}`. After 503, wait
for the seconds in `Retry-After`, then send the same request again.

**Units.** Times are ISO 8601 with a time zone. Money is whole micro-dollars: 1,000,000 is $1.
"""

Errors = dict[int, tuple[str, str]]
"""The code of an error and its meaning, by status."""

_ERRORS: Errors = {
    401: ("unauthorized", "No API key, or not a valid one."),
    403: ("missing_scope", "The key lacks the scope."),
    404: ("not_found", "The key belongs to another agent, or the requested object does not exist."),
    503: (
        "unavailable",
        "The database is not available: send it again after `Retry-After` seconds.",
    ),
}

NO_PARAMETERS: Errors = {422: ("invalid_parameter", "There are no parameters.")}
PARAMETER_ERRORS: Errors = {422: ("invalid_parameter", "`where` names the parameter.")}
LIST_ERRORS: Errors = {
    422: (
        "invalid_parameter",
        "`where` names the parameter; or `too_slow`: narrow the filters.",
    )
}
BODY_ERRORS: Errors = {
    400: ("bad_json", "The body is not JSON; or `bad_gzip`; or `bad_body`: it is incomplete."),
    411: ("length_required", "The body has no length and is not chunked."),
    413: ("too_large", "The body is larger than 1 MB."),
    415: ("unsupported_media_type", "Another content type; or `unsupported_encoding`."),
    422: (
        "invalid_field",
        "`where` names the field, `message` is the text of the pages. Or `wrong_shape`: not an"
        " object.",
    ),
}

_REPORT_ERRORS: Errors = {
    400: (
        "bad_json",
        "The body is not JSON (`where` has line and column); or `bad_gzip`; or `bad_body`: it is"
        " incomplete.",
    ),
    411: ("length_required", "The body has no length and is not chunked."),
    413: ("too_many_events", f"More than {MAX_EVENTS:,} events; or `too_large`, more than 16 MB."),
    415: ("unsupported_media_type", "Another content type than these; or `unsupported_encoding`."),
    422: ("wrong_shape", "JSON, but neither an event nor events."),
}

_EVENT_FIELDS = {
    "platform": "Where the user is: web, telegram, api, discord, … or any other slug.",
    "externalId": "The user's id on the platform.",
    "role": "Who wrote the message.",
    "time": "When it was sent, with a zone; at most 5 minutes ahead of the server's clock.",
    "text": "The text. What cannot be stored (NUL, half an emoji) becomes U+FFFD.",
    "messageId": "Your id of the message, unique for this user: the same id again is a duplicate."
    " Without it, `sessionId` and `sequence` are required.",
    "sessionId": "Your id of the session. Without it, a pause longer than the agent's session"
    " timeout starts a new session.",
    "sequence": "Number of the message in its session; with `sessionId`, instead of `messageId`.",
    "chat": "The chat within the platform, if a user can have several.",
    "newSession": "The user asked for a new session here, such as by /new.",
    "editedAt": "This is an edit of a known message, made at this time; the newest edit wins.",
    "name": "The user's display name. For every profile field: if absent, nothing changes; empty"
    " clears it; the newest by `time` is kept.",
    "username": "The user's handle, with or without @.",
    "email": "The user's e-mail address.",
    "language": "A language tag such as en or pt-br.",
    "avatarUrl": "The http(s) URL of the user's picture.",
    "plan": "The key of the user's plan.",
    "tags": "The user's tags; they replace the reported ones.",
    "attributes": "Any other data about the user, at most 8,000 characters of JSON.",
    "model": "The model that wrote the message, such as gpt-4o-mini.",
    "inputTokens": "Tokens read, including those from a cache.",
    "outputTokens": "Tokens written.",
    "cachedTokens": "The part of `inputTokens` that was read from a cache.",
    "cost": "The message's cost in micro-dollars (4200 is $0.0042). If absent, the price list"
    " decides, by model and tokens.",
    "latencyMs": "Milliseconds from the question to the complete answer.",
    "failed": "The agent could not answer.",
    "error": "Why it failed; the first 500 characters are kept. Implies `failed`.",
}

_EVENT: Json = {
    "platform": "telegram",
    "externalId": "271828",
    "messageId": "271828:17",
    "role": "user",
    "time": "2026-03-01T09:30:00Z",
    "text": "Where is my parcel?",
    "name": "Ada Lovelace",
    "username": "ada",
    "language": "en",
}
_ANSWER: Json = {
    "platform": "telegram",
    "externalId": "271828",
    "messageId": "271828:18",
    "role": "agent",
    "time": "2026-03-01T09:30:02Z",
    "text": "It arrives today.",
    "model": "gpt-4o-mini",
    "inputTokens": 812,
    "outputTokens": 24,
    "latencyMs": 1830,
}


def reporting(event: type[msgspec.Struct], report: type[msgspec.Struct]) -> Json:
    """Body and answers of the report operation."""
    answered = {
        "description": "The outcome of each event.",
        "content": {JSON: {"schema": {"$ref": REF.format(name=report.__name__)}}},
    }
    return {
        "requestBody": _events(event),
        "responses": {200: answered, **error_answers(_REPORT_ERRORS)},
    }


def _events(event: type[msgspec.Struct]) -> Json:
    """One event or several, in each accepted form."""
    one = {"$ref": REF.format(name=event.__name__)}
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_EVENTS}
    enveloped = {"type": "object", "properties": {"events": many}, "required": ["events"]}
    examples = {
        "one": {"summary": "One event", "value": _EVENT},
        "many": {"summary": "An array of events", "value": [_EVENT, _ANSWER]},
        "enveloped": {
            "summary": "The same array in an object",
            "value": {"events": [_EVENT, _ANSWER]},
        },
    }
    lines = "\n".join(msgspec.json.encode(e).decode() for e in (_EVENT, _ANSWER))
    return {
        "required": True,
        "description": f"1 to {MAX_EVENTS:,} events, at most 16 MB, in UTF-8; may be sent with"
        " `Content-Encoding: gzip`. In NDJSON, each line that is not blank is an event.",
        "content": {
            JSON: {"schema": {"oneOf": [one, many, enveloped]}, "examples": examples},
            NDJSON[0]: {"schema": {"type": "string"}, "example": lines},
        },
    }


def request_body(body: type[msgspec.Struct], example: Json | None) -> Json:
    """A JSON body."""
    content = {"schema": {"$ref": REF.format(name=body.__name__)}, "example": example}
    return {"required": True, "content": {JSON: content}}


def file_answer(description: str, *types: str) -> Json:
    """A file of one of these content types."""
    schema = {"type": "string", "format": "binary"}
    content = {each.partition(";")[0]: {"schema": schema} for each in types}
    return {"description": description, "content": content}


def complete(document: Json, structs: Iterable[type[msgspec.Struct]]) -> None:
    """Add the schemas that are not django-ninja's, and describe the path parameters."""
    document["tags"] = [{"name": name, "description": text} for name, text in _PARTS.items()]
    components = document["components"]["schemas"]
    _, ours = msgspec.json.schema_components(structs, ref_template=REF)
    for name, description in _EVENT_FIELDS.items():
        ours["Event"]["properties"][name]["description"] = description
    components |= ours
    error = Error.model_json_schema(ref_template=REF.replace("{name}", "{model}"))
    components |= {**error.pop("$defs"), "Error": error}
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    parameter["description"] = _PATH_PARAMETERS[parameter["name"]]


_PARTS = {
    "Reporting": "Messages and who wrote them. Scope `ingest`.",
    "Checking": "Whether a message is admitted. Scope `ingest`.",
    "Reading": "Users and their messages. Scope `read`.",
    "Managing": "Actions on users by the rules of the pages, and exports. Each user has their own"
    " `limits`, `plan`, `tags` and `attributes`. Scope `manage`.",
}
"""The parts of the API, in the order in which the documentation shows them."""

_PATH_PARAMETERS = {
    "agent_id": "The agent's id (a UUID); it must be the key's agent.",
    "user": "The user's id (a UUID), or `platform:externalId`, such as `telegram:271828`.",
    "erasure": "The erasure's id, from the answer of `erase` or `anonymise`.",
}


def error_answers(own: Errors) -> dict[int, Json]:
    """The errors that every operation has, and its own errors."""
    schema = {"$ref": REF.format(name="Error")}
    answers = {}
    for status, (code, meaning) in sorted({**_ERRORS, **own}.items()):
        example = {"error": {"code": code, "message": "What is wrong.", "where": None}}
        content = {JSON: {"schema": schema, "example": example}}
        answers[status] = {"description": f"`{code}`: {meaning}", "content": content}
    return answers


def _count(description: str, **schema: Any) -> Json:
    return {"description": description, "schema": {"type": "integer", "minimum": 0, **schema}}


def _day(description: str) -> Json:
    return {"description": description, "schema": {"type": "string", "format": "date"}}


def _choice(description: str, values: list[str], **schema: Any) -> Json:
    return {"description": description, "schema": {"type": "string", "enum": values, **schema}}


def _several(description: str) -> Json:
    schema = {"type": "array", "items": {"type": "string"}, "maxItems": 50}
    return {"description": description, "schema": schema, "style": "form", "explode": True}


_ACTIVITY = {
    "active": "Has sent a message",
    "also": "Has, in addition to `active`, sent a message",
    "inactive": "Has sent no message",
    "joined": "Has sent the first message",
}
_DATE_WORDS = {"last": "Last message from the user", "seen": "First message"}
_RANGE_WORDS = {
    "sessions": "`totalSessions`",
    "chat": "`totalChatMessages`",
    "sent": "`totalMessagesSent`",
    "cost": "`cost` in US dollars",
    "per_session": "Messages sent per session",
}


def _bound(name: str, word: str) -> Json:
    if name not in DIGITS:
        return _count(f"{_RANGE_WORDS[name]} {word}.")
    schema = {"type": "number", "minimum": 0, "multipleOf": 10 ** -DIGITS[name]}
    return {"description": f"{_RANGE_WORDS[name]} {word}.", "schema": schema}


LIST_PARAMETERS: dict[str, Json] = {
    "page": _count("Number of the page, from 1.", minimum=1, default=1),
    "page_size": _count("Users per page.", minimum=1, maximum=PAGE_SIZES[-1], default=DEFAULT_SIZE),
    "sort": _choice(
        "What to sort by; a leading - sorts in descending order. Ties are sorted by id.",
        [sign + name for name in SORTS for sign in ("", "-")],
        default=DEFAULT_SORT,
    ),
    "q": {
        "description": "Search: any part of name, username, e-mail or external id, in any case;"
        " every word must match. An exact id comes first.",
        "schema": {"type": "string", "maxLength": MAX_QUERY},
    },
    "platform": _several("Only these platforms; may be repeated."),
    "language": _several("Only these languages; may be repeated; empty: unknown."),
    "status": _choice(
        "Only these: `active`: may write; `blocked`; `near`: has used 80 % or more of a limit,"
        " which is checked every 5 minutes; `unreachable`: has blocked the bot, for example;"
        " `linked`: with another user, as the same person.",
        list(STATUSES),
    ),
    "plan": _several("Only users with these plans, by key; may be repeated; empty: no plan."),
    "tag": _several("Only users with these tags; may be repeated."),
    "tags": _choice("How many of the tags the users must have.", list(TAG_MODES), default="any"),
    "last": _choice("Last message from the user, counted back from today (UTC).", list(PRESETS)),
    "seen": _choice("First message, counted back from today (UTC).", list(PRESETS)),
    "quiet": _count("Has written, but not for this many days.", minimum=1, maximum=MAX_QUIET),
    **{f"{n}_from": _day(f"{_DATE_WORDS[n]}: on this day (UTC) or later.") for n in DATES},
    **{f"{n}_to": _day(f"{_DATE_WORDS[n]}: on this day (UTC) or before.") for n in DATES},
    **{
        f"{n}_from": _day(f"{w} on this day (in the agent's zone) or later.")
        for n, w in _ACTIVITY.items()
    },
    **{
        f"{n}_to": _day(f"{w} on this day (in the agent's zone) or before.")
        for n, w in _ACTIVITY.items()
    },
    **{f"{n}_min": _bound(n, "at least") for n in RANGES},
    **{f"{n}_max": _bound(n, "at most") for n in RANGES},
}
"""The parameters of the list of users; `people.table.filters` reads them."""

EXPORT_PARAMETERS: dict[str, Json] = {
    "format": _choice("The kind of file.", list(FORMATS), default="csv"),
    "column": {
        "description": "Only these columns, in this order, beside the ids; may be repeated.",
        "schema": {"type": "array", "items": {"type": "string", "enum": list(COLUMNS)}},
        "style": "form",
        "explode": True,
    },
    **{n: d for n, d in LIST_PARAMETERS.items() if n not in ("page", "page_size")},
}
"""The parameters of the export: the list's, without its pages."""
