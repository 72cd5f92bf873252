"""Text in spreadsheets and CSV files."""

import re

_FORMULA = tuple("=+-@\t\r")
_FORMULA_AFTER_SEMICOLON = re.compile(r"(;\s*)(?=[=+@-])")


def escape_formulas(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    Where the comma is the decimal sign, spreadsheets begin a cell after each semicolon.
    """
    if ";" in text:
        text = _FORMULA_AFTER_SEMICOLON.sub(r"\1'", text)
    return f"'{text}" if text.startswith(_FORMULA) else text
