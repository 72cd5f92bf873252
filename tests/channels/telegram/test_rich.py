"""From Markdown to one rich message, in which nothing is left out either."""

import re

import pytest
from hypothesis import given, settings

from frontdesk.channels.telegram.rich import MAX_LENGTH, render
from tests.channels.telegram.test_rendering import HOSTILE, hostile, letters
from tests.fakes.telegram import shown_of, wrong_rich_message


def test_headings_tables_and_lists_have_their_own_form() -> None:
    html = render("# Title\n\n| a | b |\n|--|--|\n| [c](https://d.ef) | `d` |\n\n- [ ] x\n- [x] y")
    assert "<h1>Title</h1>" in html
    assert '<td><a href="https://d.ef">c</a></td>' in html
    assert "<li>☐ x</li>" in html
    assert wrong_rich_message(html) == ""


@pytest.mark.parametrize(
    "text",
    [
        "List<String> and a<b and c>d",
        "<answer>Yes</answer>",
        '<tg-button type="callback_data" data="x">Press</tg-button>',
        "<!-- a comment -->",
        "<img src='https://example.com/a.png'>",
    ],
)
def test_html_of_the_agent_is_text(text: str) -> None:
    assert shown_of(render(text)) == text


def test_an_image_is_a_link_that_nobody_loads_unasked() -> None:
    html = render("![chart](https://example.com/a.png?secret)")
    assert html == '<p>🖼 <a href="https://example.com/a.png?secret">chart</a></p>'


def test_a_link_that_telegram_refuses_keeps_its_address() -> None:
    assert shown_of(render("[a](javascript:b) [c](/d)")) == "a (javascript:b) c (/d)"


@pytest.mark.parametrize(
    "markdown",
    [
        "x" * (MAX_LENGTH + 1),
        "- a\n" * 600,
        "".join(f"{'> ' * depth}a\n\n" for depth in range(20)),
        "|a" * 21 + "|\n" + "|-" * 21 + "|\n",
        " \n",
        "",
        *((piece * MAX_LENGTH)[:MAX_LENGTH] for piece in ("[", "|a", "$")),
    ],
)
def test_what_does_not_fit_is_no_rich_message(markdown: str) -> None:
    html = render(markdown)
    assert html == "" or wrong_rich_message(html) == ""


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_telegram_takes_every_rich_message(piece: str) -> None:
    html = render((piece * MAX_LENGTH)[:MAX_LENGTH])
    assert html == "" or wrong_rich_message(html) == ""


@settings(max_examples=300)
@given(hostile())
def test_no_letter_of_a_rich_message_is_dropped(markdown: str) -> None:
    html = render(markdown)
    if html:
        assert wrong_rich_message(html) == ""
        sent = iter(letters(shown_of(html)))
        written = re.sub(r"&[lg]t;", "", markdown)
        assert [c for c in letters(written) if c not in sent] == []
