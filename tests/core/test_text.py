"""Text from outside is made storable, and cleaned to one line."""

import pytest

from frontdesk.core.text import clean_line, storable


@pytest.mark.parametrize(
    ("text", "stored"),
    [("a\0b", "a\ufffdb"), ("a\ud800b", "a\ufffdb"), ("Ada 🦊", "Ada 🦊"), ("", "")],
)
def test_what_no_database_can_hold_is_replaced(text: str, stored: str) -> None:
    assert storable(text) == stored


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, None),
        (" Ada ", "Ada"),
        ("Ada\n\tLovelace", "Ada Lovelace"),
        ("\u202eadA", "adA"),  # would reverse the text around it
        ("e\u0301", "é"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("A\u200bda\ufeff", "Ada"),
        *((blank, "") for blank in ("\u3164", "\u2800", "\u115f", "\u1160", "\uffa0")),
        ("\u3164 \u2800\u200d\ufe0f", ""),
        ("\u0301", ""),
        ("\u0301\u20dd\u0903", ""),  # marks of every kind, and no letter
        ("\u3164Ada", "\u3164Ada"),
        ("क्षि", "क्षि"),
        ("’", "’"),
        ("🦊", "🦊"),
    ],
)
def test_a_line_has_no_controls(text: str | None, line: str | None) -> None:
    assert clean_line(text) == line
