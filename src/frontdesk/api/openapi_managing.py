"""The parts of the managing operations' documentation that types alone do not say."""

import copy
from typing import Any

import msgspec

from frontdesk.api.openapi import LIST_PARAMETERS, REF, Errors, Json, error_answers
from frontdesk.core.http.json_body import JSON
from frontdesk.people.exports.export import FORMATS
from frontdesk.people.table.columns import COLUMNS

_NO_PARAMETERS: Errors = {422: ("invalid_parameter", "There are no parameters.")}
_BODY: Errors = {
    400: ("bad_json", "The body is not JSON; or `bad_gzip`, or, cut short, `bad_body`."),
    411: ("length_required", "The body has neither a length nor chunks."),
    413: ("too_large", "The body is larger than 1 MB."),
    415: ("unsupported_media_type", "Another content type; or `unsupported_encoding`."),
    422: (
        "invalid_field",
        "`where` names the field; `message` is what the pages say of it. Or `wrong_shape`: not an"
        " object.",
    ),
}


def plain() -> Json:
    """Errors of an operation without a body."""
    return {"responses": error_answers(_NO_PARAMETERS)}


def act(body: type[msgspec.Struct], example: Any) -> Json:
    """Body and errors of an act."""
    content = {"schema": {"$ref": REF.format(name=body.__name__)}, "example": example}
    return {
        "requestBody": {"required": True, "content": {JSON: content}},
        "responses": error_answers(_BODY),
    }


def erasing(body: type[msgspec.Struct], example: Any) -> Json:
    """Body and answers of an act that may take a while."""
    told = act(body, example)
    told["responses"] |= {
        200: {"description": "Done; with the signed receipt."},
        202: {"description": "Begun; it goes on in the background. Ask for the erasure."},
    }
    return told


def exporting() -> Json:
    """Parameters and answers of the users as a file."""
    parameters = [
        {"in": "query", "name": name, **copy.deepcopy(details)}
        for name, details in EXPORT_PARAMETERS.items()
    ]
    invalid: Errors = {422: ("invalid_parameter", "`where` names the parameter.")}
    return {
        "parameters": parameters,
        "responses": {200: _file("The file.", *FORMATS.values()), **error_answers(invalid)},
    }


def zipped() -> Json:
    """Answers of one person's data."""
    answered = _file("index.html, and JSON files to be read by programs.", "application/zip")
    return {"responses": {200: answered, **error_answers(_NO_PARAMETERS)}}


def _file(description: str, *types: str) -> Json:
    schema = {"type": "string", "format": "binary"}
    content = {each.partition(";")[0]: {"schema": schema} for each in types}
    return {"description": description, "content": content}


EXPORT_PARAMETERS: dict[str, Json] = {
    "format": {
        "description": "Which kind of file.",
        "schema": {"type": "string", "enum": list(FORMATS), "default": "csv"},
    },
    "column": {
        "description": "Only these columns, in this order, beside the ids; may be repeated.",
        "schema": {"type": "array", "items": {"type": "string", "enum": list(COLUMNS)}},
        "style": "form",
        "explode": True,
    },
    **{n: d for n, d in LIST_PARAMETERS.items() if n not in ("page", "page_size")},
}
"""The parameters of the users as a file: the list's, without its pages."""
