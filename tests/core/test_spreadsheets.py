"""Texts that spreadsheets would read as formulas are escaped."""

import pytest

from frontdesk.core.spreadsheets import escape_formulas


@pytest.mark.parametrize("sign", [*"=+-@＝＋－＠", "\t", "\r"])
def test_a_text_that_begins_like_a_formula_is_escaped(sign: str) -> None:
    assert escape_formulas(f"{sign}1+1") == f"'{sign}1+1"


@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
def test_so_is_what_follows_a_semicolon(sign: str) -> None:
    assert escape_formulas(f"a; {sign}1") == f"a; '{sign}1"


@pytest.mark.parametrize("text", ["Ada", "1+1", "a＝b", "'=1", ""])
def test_other_texts_are_left_alone(text: str) -> None:
    assert escape_formulas(text) == text
