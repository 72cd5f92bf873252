"""From Markdown to parts that Telegram accepts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.channels.outbox import Part
from frontdesk.channels.telegram.rendering import MAX_LENGTH, plain, render
from tests.fakes.telegram import units, wrong_message


def wrong(parts: list[Part]) -> list[str]:
    """What Telegram would refuse."""
    sent = [{"text": p.text, "entities": json.dumps(p.entities)} for p in parts]
    return [text for text in map(wrong_message, sent) if text]


def test_markdown_becomes_entities() -> None:
    (part,) = render("# Title\n\n- **one** and `two`\n- [three](https://example.com)")
    assert part.text.strip() == "Title\n\n• one and two\n• three"
    kinds = {entity["type"] for entity in part.entities}
    assert {"bold", "code", "text_link"} <= kinds


def test_a_link_that_telegram_does_not_follow_is_plain_text() -> None:
    (part,) = render("[click](javascript:alert(1)) [here](/relative)")
    assert part.entities == []


def test_parts_end_between_lines_or_words() -> None:
    paragraphs = plain("\n".join(["line " * 100] * 20))
    assert all(part.text.endswith("\n") for part in paragraphs[:-1])
    words = plain("word " * 3000)
    assert all(part.text.split() == ["word"] * len(part.text.split()) for part in words)
    assert wrong(paragraphs + words) == []


@pytest.mark.parametrize("text", ["", " \n ", "​"])
def test_an_answer_without_visible_text_has_no_parts(text: str) -> None:
    assert wrong(render(text)) == []


PIECES = st.sampled_from(
    [
        "word ",
        "🙂",
        "**b** ",
        "_i_ ",
        "`c` ",
        "\n",
        "\n\n",
        "```py\nx = 1\n```\n",
        "- item\n",
        "> q\n",
        "[l](https://a.b) ",
        "# h\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
        "$x$ ",
        "\0",
        "\ud800",
        "*",
        "<b>",
    ]
)


@given(st.lists(st.tuples(PIECES, st.integers(1, 400)), max_size=12))
def test_telegram_accepts_the_parts_of_any_answer(pieces: list[tuple[str, int]]) -> None:
    markdown = "".join(piece * times for piece, times in pieces)
    parts = render(markdown)
    assert wrong(parts) == []
    assert all(units(part.text) <= MAX_LENGTH for part in parts)
