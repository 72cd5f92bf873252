"""The parts of the OpenAPI document that types do not express."""

from collections.abc import Iterable
from typing import Any

import msgspec

from frontdesk.api.schemas import Error
from frontdesk.api.splitting import MAX_EVENTS, NDJSON
from frontdesk.core.http.json_body import JSON
from frontdesk.people.exports.export import FORMATS
from frontdesk.people.table.columns import COLUMNS, SORTS
from frontdesk.people.table.filter_kinds.base import Parameter
from frontdesk.people.table.filters import FILTERS
from frontdesk.people.table.users_query import DEFAULT_SIZE, DEFAULT_SORT, MAX_QUERY, PAGE_SIZES

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
        "The database is not available. Send the request again after `Retry-After` seconds.",
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
    """Add the schemas that django-ninja does not know, and describe the path parameters."""
    document["tags"] = [{"name": name, "description": text} for name, text in _PARTS.items()]
    components = document["components"]["schemas"]
    _, ours = msgspec.json.schema_components(structs, ref_template=REF)
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
    "Managing": "Actions on users, with the same rules as the pages, and exports. Each user has"
    " their own `limits`, `plan`, `tags` and `attributes`. Scope `manage`.",
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


def _choice(description: str, values: list[str], **schema: Any) -> Json:
    return {"description": description, "schema": {"type": "string", "enum": values, **schema}}


def _of_filter(parameter: Parameter) -> Json:
    repeated = {"style": "form", "explode": True} if parameter.schema["type"] == "array" else {}
    return {**parameter._asdict(), **repeated}


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
    **{
        name: _of_filter(parameter)
        for each in FILTERS.values()
        for name, parameter in each.parameters().items()
    },
}
"""The parameters of the list of users."""

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
