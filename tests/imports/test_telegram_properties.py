"""Any order or damage leads to the same end state, and to no error but the clear one."""

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.models import Agent
from frontdesk.imports import recording
from frontdesk.imports.errors import ImportFileError
from tests.factories import make_agent
from tests.imports.exports import ALICE, BOB, BOT, ME, START, account, chat, group, run, state

TEXTS = st.sampled_from(["Hi", "", "Привет", ["a", {"type": "bold", "text": "b"}], None])


@st.composite
def private_chats(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Two private chats whose messages have their own ids, and one time per chat."""
    chats = []
    for partner, head in ((ALICE, {}), (BOB, {"name": "Bob", "id": 11})):
        ids = draw(st.lists(st.integers(1, 40), unique=True, min_size=1, max_size=12))
        messages = [
            {
                "id": id_,
                "type": draw(st.sampled_from(["message"] * 4 + ["service"])),
                "date_unixtime": str(START + 400 * id_),
                **draw(st.sampled_from([partner, ME])),
                "text": draw(TEXTS),
            }
            for id_ in ids
        ]
        chats.append(chat(*messages, **head))
    return chats


@given(chats=private_chats(), data=st.data())
def test_any_split_order_and_repetition_gives_the_same_state(
    db: None, tmp_path: Path, chats: list[dict[str, Any]], data: st.DataObject
) -> None:
    whole, parts = make_agent("whole"), make_agent("parts")
    run(whole, tmp_path, account(*chats))
    exports = []
    for one in chats:
        messages = data.draw(st.permutations(one["messages"]))
        cut = data.draw(st.integers(0, len(messages)))
        overlap = data.draw(st.integers(0, cut))
        exports += [{**one, "messages": messages[:cut]}, {**one, "messages": messages[overlap:]}]
    for export in data.draw(st.permutations(exports)):
        run(parts, tmp_path, account(export))
    assert state_without_ids(whole) == state_without_ids(parts)


def state_without_ids(agent: Agent) -> tuple[list[Any], list[Any]]:
    """The state of two agents can be compared except for ids, which contain the agents'."""
    users, messages = state(agent)
    names = {row[0]: row for row in users}
    return sorted(names.values()), sorted((row[4], *row[2:]) for row in messages)


def test_the_size_of_batches_does_not_matter(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [ALICE, BOB, BOT]
    crowd = [
        {"id": n, "type": "message", "date_unixtime": START + n, **people[n % 3], "text": f"{n}"}
        for n in range(50)
    ]
    states = []
    for size in (1, 7, 1000):
        agent = make_agent(f"batches of {size}")
        monkeypatch.setattr(recording, "BATCH", size)
        run(agent, tmp_path, group(*crowd))
        states.append(state_without_ids(agent))
    assert states[0] == states[1] == states[2]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(
        ["user10", "channel5", "service", "1760000000", "2020-01-01", "\ud800", "\0"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "text", "list", "messages", "type"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)

SEED = account(
    chat(
        {"id": 1, "type": "message", "date_unixtime": "1760000000", **ALICE, "text": "Hi"},
        {"id": 2, "type": "message", "date": "2025-10-09T10:00:00", **ME, "text": ["a"]},
        {"id": 3, "type": "service", "date": "2025-10-09T10:00:00", "actor": "Me"},
    ),
    group(
        {"id": 1, "type": "message", "date_unixtime": "1760000000", **BOB, "text": "Hi"},
        {
            "id": 2,
            "type": "message",
            "date_unixtime": "1760000100",
            "edited_unixtime": "1760000200",
            "reply_to_message_id": 1,
            "media_type": "sticker",
            "location_information": {"latitude": 1.5},
            "poll": {"question": "?"},
            **BOT,
            "text": "Yes",
        },
    ),
)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value within a value."""
    if isinstance(value, dict):
        return [path, *(p for key, v in value.items() for p in paths_of(v, (*path, key)))]
    if isinstance(value, list):
        return [path, *(p for i, v in enumerate(value) for p in paths_of(v, (*path, i)))]
    return [path]


PATHS = [path for path in paths_of(SEED) if path]


@given(changes=st.lists(st.tuples(st.sampled_from(PATHS), JSON), max_size=4))
def test_an_export_with_any_values_is_imported_or_refused_clearly(
    db: None, tmp_path: Path, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    export = copy.deepcopy(SEED)
    for path, value in changes:
        put(export, path, value)
    import_or_refuse(tmp_path, json.dumps(export).encode())


def put(value: Any, path: tuple[Any, ...], new: Any) -> None:
    """Replace the value at the path, unless another change removed the path."""
    try:
        for step in path[:-1]:
            value = value[step]
        value[path[-1]] = new
    except (TypeError, LookupError):
        pass


@given(
    data=st.data(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_an_export_with_any_bytes_is_imported_or_refused_clearly(
    db: None, tmp_path: Path, data: st.DataObject, encoding: str
) -> None:
    raw = json.dumps(SEED).encode(encoding)
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 30)) | st.just(len(raw)))
    junk = data.draw(st.binary(max_size=20) | st.sampled_from([b'"', b"\\", b"\\x1", b"{", b"]"]))
    import_or_refuse(tmp_path, raw[:start] + junk + raw[end:])


def import_or_refuse(folder: Path, raw: bytes) -> None:
    agent = make_agent("fuzz")
    with contextlib.suppress(ImportFileError):
        run(agent, folder, raw)
