"""From Markdown to parts that Telegram accepts."""

import json
import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.channels.outbox import Part
from frontdesk.channels.telegram.rendering import plain, render, without_entities
from frontdesk.channels.telegram.splitting import MAX_ENTITIES, MAX_LENGTH
from frontdesk.ledger.events import MAX_TEXT
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


def text_of(markdown: str) -> str:
    return "".join(part.text for part in render(markdown))


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("a List<String>", "a List<String>"),
        ("a<b and c>d", "a<b and c>d"),
        ("a vector<std::string> of them", "a vector<std::string> of them"),
        ("<p>\nThe **answer**\n</p>", "<p>\nThe answer\n</p>"),
        ("<answer>Yes</answer>", "<answer>Yes</answer>"),
        ("<!-- a comment --> and <!DOCTYPE html> <?php?>",) * 2,
        ("<script>\nlet a = 1\n</script>",) * 2,
        ("`<a>` and \\<b>", "<a> and <b>"),
        ("```\n<a> || \\<b>\n```", "<a> || \\<b>"),
        ("a || b || c", "a || b || c"),
        ("cd $HOME/$PATH", "cd $HOME/$PATH"),
        ("- [ ] open\n- [x] done", "☐ open\n✅ done\n"),
        ("```pip install frontdesk", "pip install frontdesk"),
        ("[note]: important", "[note]: important"),
        ("> - [note]: important", "• [note]: important\n"),
        ("[a]: https://b.cd\n[a]: two\n\n[a]", "a: two\n\na"),
        ("```\n```", "```\n```"),
    ],
)
def test_what_looks_like_markup_is_text(markdown: str, text: str) -> None:
    assert text_of(markdown) == text


def test_the_cells_of_a_table_keep_tags_links_and_formulas() -> None:
    text = text_of("| List<T> | b |\n|--|--|\n| $x$ <i> | [site](https://example.com) |")
    for word in ("List<T>", "$x$ <i>", "site (https://example.com)"):
        assert word in text
    assert text.index("List<T>") < text.index("$x$")
    assert "c | d" in text_of("| a |\n|--|\n| b | c | d |")


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("[click](javascript:alert(1))", "click (javascript:alert(1))"),
        ("[here](/relative)", "here (/relative)"),
        ("[local](http://localhost/x)", "local (http://localhost/x)"),
        ("![](/picture.png)", "🖼 /picture.png"),
        ("[![alt](https://a.bc/d)](/e)", "🖼 alt (/e)"),
        ("[c](file:///etc/x)", "c (file:///etc/x)"),
        ("[file:///x](file:///x)", "file:///x"),
    ],
)
def test_a_link_that_telegram_does_not_follow_keeps_its_address(markdown: str, text: str) -> None:
    assert text_of(markdown) == text


def test_links_without_a_text_show_their_address() -> None:
    (part,) = render("[](https://example.com) ![](https://example.com/a.png)")
    assert part.text == "https://example.com 🖼 https://example.com/a.png"
    assert len(part.entities) == 2


def test_without_entities_addresses_stand_in_the_text() -> None:
    (part,) = render("🙂 [one](https://a.bc), <https://d.ef> and **two**")
    (plain_part,) = without_entities(part)
    assert plain_part == Part("🙂 one (https://a.bc), https://d.ef and two")


def test_more_than_a_hundred_entities_are_split() -> None:
    parts = render("\n".join(f"**a{n}** and `b{n}`" for n in range(130)))
    assert [len(part.entities) <= MAX_ENTITIES for part in parts] == [True] * len(parts)
    assert sum(len(part.entities) for part in parts) == 260
    assert len(parts) == 3


CLUSTERS = ["👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "é̂", "❤️‍🔥"]


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize("before", range(4))
def test_an_emoji_is_never_cut_in_two(cluster: str, before: int) -> None:
    parts = render("a" * before + cluster * 3000)
    assert len(parts) > 1
    assert wrong(parts) == []
    for earlier, later in pairwise(parts):
        assert earlier.text.endswith(cluster)
        assert later.text.startswith(cluster)


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


WORDS = st.text(st.sampled_from("abcdefgžя漢"), min_size=1, max_size=4)
INLINE = [
    "{} ",
    "<{}>",
    "</{}> ",
    "<{} {}='{}'>",
    "<{}/>",
    "<!-- {} -->",
    "<!{}>",
    "<![CDATA[{}]]>",
    "<?{}?>",
    "a<{} and {}>d",
    "List<{}, {}>",
    "**{}** ",
    "_{}_ ",
    "~~{}~~ ",
    "`{}` ",
    "`{}<{}>` ",
    "||{}|| ",
    "{} || {} ",
    "[{}](javascript:{}) ",
    "[{}](/{}) ",
    "[{}](<{}>) ",
    "![{}](/{}) ",
    "[<{}>](/{}) ",
    "[{}][{}] ",
    "&lt;{}&gt; ",
    "\\<{}> ",
    "<{}:{}> ",
    "<{}@{}.de> ",
    "{}\n",
    "{}\n\n",
    "*{}",
    "`{}",
    "[{}",
    "{}\\",
]
BLOCKS = [
    "# {}\n",
    "- {}\n",
    "- [ ] {}\n",
    "1. {}\n",
    "    {}\n",
    "  - {}\n",
    "> {}\n",
    ">> <{}>\n",
    "\n```\n{}\n```\n",
    "\n```{} {}\n",
    "~~~\n<{}>\n",
    "\n| {} | <{}> |\n|--|--|\n| [{}](/{}) | `{}` |\n",
    "\n| {} |\n|--|\n| {} | {} | <{}> |\n",
    "\n<p>\n{}\n</p>\n",
    "\n<div>{}\n\n",
    "\n<script>\n{}\n",
    "\n<!--\n{}\n\n",
    "{}\n===\n",
    "---\n{}\n---\n",
    "| {} |\n",
]


@st.composite
def hostile(draw: st.DrawFn) -> str:
    """Markdown all of whose letters are to be seen, whatever it looks like."""
    templates = draw(st.lists(st.sampled_from(INLINE + BLOCKS), max_size=12))
    return "".join(
        template.format(*(draw(WORDS) for _ in range(template.count("{}"))))
        for template in templates
    )


def letters(text: str) -> str:
    return "".join(re.findall(r"[^\W\d_]", text))


@settings(max_examples=400)
@given(hostile())
def test_no_letter_of_an_answer_is_dropped(markdown: str) -> None:
    parts = render(markdown)
    assert wrong(parts) == []
    sent = iter(letters("".join(part.text for part in parts)))
    written = re.sub(r"&[lg]t;", "", markdown)
    assert [c for c in letters(written) if c not in sent] == []


HOSTILE = {
    "tags": "<p>\n",
    "angles": "<",
    "quotes": ">",
    "bars": "||a",
    "brackets": "[",
    "labels": "[a]",
    "definitions": "[a]: ",
    "emphasis": "*a_ ",
    "a table that would be wider than the answer is long": "|a",
    "formulas": "\\[",
    "dollars": "$",
    "tildes": "~a~ ",
    "fences": "```\n",
    "links": "[a](http://a.bc) ",
    "images": "![",
    "marks": "\u0301",
    "flags": "🇩",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_no_answer_takes_long(piece: str) -> None:
    markdown = (piece * MAX_TEXT)[:MAX_TEXT]
    started = time.process_time()
    assert render(markdown)
    assert time.process_time() - started < 3


def test_a_table_does_not_grow_beyond_its_cells() -> None:
    table = f"|{'a' * 2000}|b|\n|-|-|\n" + "|c|d|\n" * 2000
    assert sum(len(part.text) for part in render(table)) < 10 * len(table)
