"""The question and the answer in a trace's input and output."""

import json
from typing import Any

import pytest

from frontdesk.imports.traces.exchange import Question, answer_of, question_of

HISTORY = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": "Hi!"},
    {"role": "user", "content": [{"type": "text", "text": "How much?"}]},
]
HUMAN = {
    "lc": 1,
    "type": "constructor",
    "id": ["langchain", "schema", "messages", "HumanMessage"],
    "kwargs": {"content": "How much?", "type": "human"},
}
AI = {
    "lc": 1,
    "type": "constructor",
    "id": ["langchain_core", "messages", "AIMessageChunk"],
    "kwargs": {"content": "$5."},
}
TYPED = {"type": "human", "content": "How much?", "id": "e1", "additional_kwargs": {}}


@pytest.mark.parametrize(
    "value",
    [
        "How much?",
        HISTORY,
        {"messages": HISTORY},
        json.dumps({"messages": HISTORY}),
        json.dumps(HISTORY),
        {"messages": [[HUMAN]]},
        {"messages": [HUMAN]},
        {"messages": [TYPED]},
        {"messages": [{"type": "human", "data": {"content": "How much?"}}]},
        {"messages": [["system", "Be brief."], ["human", "How much?"]]},
        {"contents": 1, "input": "How much?", "chat_history": HISTORY[:3]},
        {"question": "How much?", "context": "Prices"},
        {"args": ["How much?"], "kwargs": {}},
        {"args": [], "kwargs": {"question": "How much?"}},
        {"args": [{"prompt": "How much?"}], "kwargs": {}},
        {"input": {"messages": HISTORY}},
        {"role": "user", "content": "How much?"},
        [{"role": "user", "parts": [{"text": "How much?"}]}],
        [{"type": "text", "text": "How much?"}],
        {"prompts": ["x"], "prompt": "How much?"},
    ],
)
def test_the_last_message_of_the_user_is_the_question(value: Any) -> None:
    assert question_of(value) == Question("How much?")


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        [],
        {},
        HISTORY[:1],
        [{"role": "assistant", "content": "Hi!"}],
        [{"role": "user", "content": ""}],
        json.dumps(HISTORY[:1]),
    ],
)
def test_some_inputs_have_no_question(value: Any) -> None:
    assert question_of(value) is None


def test_a_question_before_the_result_of_a_tool_was_asked_before() -> None:
    call = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "price"}}]}
    result = {"role": "tool", "content": "5"}
    assert question_of([*HISTORY, call, result]) == Question("How much?", was_asked=True)


@pytest.mark.parametrize("text", ["{not json", "[1, 2]", '{"a": 1}', "[link](https://x.y)"])
def test_a_text_that_looks_like_json_stays(text: str) -> None:
    assert question_of(text) == Question(text)
    assert answer_of(text) == text


@pytest.mark.parametrize(
    "value",
    [
        "$5.",
        {"role": "assistant", "content": "$5."},
        json.dumps({"role": "assistant", "content": "$5."}),
        {"choices": [{"index": 0, "message": {"role": "assistant", "content": "$5."}}]},
        {"generations": [[{"text": "$5.", "message": AI, "type": "ChatGeneration"}]]},
        {"output": "$5."},
        {"answer": "$5.", "sources": ["x"]},
        {"messages": [*HISTORY, {"type": "ai", "content": "$5."}]},
        {"messages": [HUMAN, AI]},
        [{"role": "model", "parts": [{"text": "$5."}]}],
        {"candidates": [{"content": {"role": "model", "parts": [{"text": "$5."}]}}]},
        {"content": [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "$5."}]},
        {"output": [
            {"type": "reasoning", "summary": []},
            {"type": "message", "role": "assistant", "content": [
                {"type": "output_text", "text": "$5."}]},
        ]},
        {"return_values": {"output": "$5."}},
    ],
)  # fmt: skip
def test_the_last_message_of_the_agent_is_the_answer(value: Any) -> None:
    assert answer_of(value) == "$5."


def test_an_answer_before_the_question_is_none() -> None:
    assert answer_of({"messages": HISTORY}) == ""


def test_other_objects_are_shown_as_they_are() -> None:
    assert answer_of({"total": 5, "currency": "USD"}) == '{"total": 5, "currency": "USD"}'
    assert question_of(7) == Question("7")


def test_a_value_of_any_depth_and_width_is_read_fast() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    values: list[Any] = [deep, {"input": deep}, {"a": deep}, {"messages": [deep]}]
    for value in [*values, [[[]] * 1_000] * 100, [[{}] * 1_000] * 100]:
        question_of(value)
        answer_of(value)
