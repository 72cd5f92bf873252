"""The OpenAPI document is correct and complete."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.api import openapi, operations
from frontdesk.ledger.events import Event, check, parse
from frontdesk.ledger.record import record
from tests.factories import make_event

Json = dict[str, Any]
REPORT = "/api/v1/agents/{agent_id}/messages"


@pytest.fixture
def document(client: Client) -> Json:
    response: Any = client.get("/api/openapi.json")
    found: Json = response.json()
    return found


def test_every_operation_is_documented_with_its_errors(document: Json) -> None:
    agent = "/api/v1/agents/{agent_id}"
    users, user = agent + "/users", agent + "/users/{user}"
    operations = {path: set(methods) for path, methods in document["paths"].items()}
    assert operations == {
        REPORT: {"post"},
        agent + "/check": {"post"},
        users: {"get"},
        users + "/export": {"get"},
        user: {"get", "put"},
        user + "/messages": {"get"},
        user + "/data.zip": {"get"},
        user + "/block": {"post", "delete"},
        user + "/blocks": {"get"},
        user + "/plan": {"put", "delete"},
        user + "/tags": {"post"},
        user + "/limits": {"get", "put"},
        user + "/attributes": {"put"},
        user + "/link": {"post", "delete"},
        user + "/erase": {"post"},
        user + "/anonymise": {"post"},
        agent + "/erasures/{erasure}": {"get"},
        agent + "/plans": {"get"},
        agent + "/tags": {"get"},
    }
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert {"200", "401", "403", "404", "422", "503"} <= set(operation["responses"])
            assert operation["security"] == [{"ApiKeyAuth": []}], path
    assert {"400", "411", "413", "415"} <= set(document["paths"][REPORT]["post"]["responses"])


def test_every_reference_leads_somewhere(document: Json) -> None:
    def references(node: Any) -> set[str]:
        if isinstance(node, list):
            return set().union(*map(references, node))
        if not isinstance(node, dict):
            return set()
        own = {node["$ref"]} if "$ref" in node else set()
        return own.union(*map(references, node.values()))

    schemas = document["components"]["schemas"]
    assert references(document) <= {f"#/components/schemas/{name}" for name in schemas}
    assert {"Event", "Report", "EventResult", "User", "Error"} <= set(schemas)


def test_every_parameter_and_every_field_of_the_event_says_what_it_means(document: Json) -> None:
    fields = document["components"]["schemas"]["Event"]["properties"]
    assert [name for name, field in fields.items() if not field.get("description")] == []
    assert set(fields) == {field.encode_name for field in msgspec.structs.fields(Event)}
    for body in operations.BODIES:
        described = document["components"]["schemas"][body.__name__]["properties"].values()
        assert all("description" in field for field in described), body
    for methods in document["paths"].values():
        for operation in methods.values():
            assert all(parameter.get("description") for parameter in operation["parameters"])


def test_the_examples_are_accepted(document: Json) -> None:
    content = document["paths"][REPORT]["post"]["requestBody"]["content"]
    examples = content["application/json"]["examples"]

    one, many = examples["one"]["value"], examples["many"]["value"]
    lines = content["application/x-ndjson"]["example"].splitlines()
    for event in [one, *many, *examples["enveloped"]["value"]["events"], *lines]:
        check(parse(event), timezone.now())


def test_the_examples_of_bodies_are_valid(document: Json) -> None:
    bodies = {body.__name__: body for body in operations.BODIES}
    found = 0
    for methods in document["paths"].values():
        for operation in methods.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content and "example" in content:
                name = content["schema"]["$ref"].rpartition("/")[2]
                msgspec.convert(content["example"], bodies[name], strict=False)
                found += 1
    assert found == len(bodies)


def test_every_documented_parameter_of_the_list_is_accepted(
    agent: Agent, get: Callable[..., Any]
) -> None:
    values = {"string": "x", "integer": 1, "number": 1.5, "array": "web"}
    for name, details in openapi.LIST_PARAMETERS.items():
        schema = details["schema"]
        date = "2026-10-14" if schema.get("format") == "date" else None
        for value in schema.get("enum") or [date or values[schema["type"]]]:
            assert get("/users", **{name: value}).status_code == 200, (name, value)


def test_answers_have_the_documented_fields(
    agent: Agent, get: Callable[..., Any], document: Json
) -> None:
    record(agent, [make_event()])
    schemas = document["components"]["schemas"]

    for path, schema, part in [
        ("/users", "UserList", None),
        ("/users", "User", "users"),
        ("/users/telegram:1001", "UserDetail", None),
        ("/users/telegram:1001/messages", "MessagePage", None),
        ("/users/telegram:1001/messages", "MessageItem", "messages"),
    ]:
        answer = get(path).json()
        fields = set(schemas[schema]["properties"])
        assert set(answer[part][0] if part else answer) == fields


def test_the_docs_page_needs_nothing_but_our_own_files(client: Client) -> None:
    response: Any = client.get("/api/docs")

    page = response.content.decode()
    assert response.status_code == 200
    assert "https://" not in page
    assert "<script>" not in page
    assert "style=" not in page


def test_the_bare_address_leads_to_the_docs(client: Client) -> None:
    response: Any = client.get("/api/")

    assert (response.status_code, response.headers["Location"]) == (302, "/api/docs")
