"""Text in spreadsheets and CSV files."""

import re

_FORMULA = tuple("=+-@＝＋－＠\t\r")  # spreadsheets read the wide signs as well
_FORMULA_AFTER_SEMICOLON = re.compile(r"(;\s*)(?=[=+@＝＋－＠-])")


def escape_formulas(text: str) -> str:
    """The text, escaped so that no spreadsheet reads it as a formula.

    Where the comma is the decimal separator, spreadsheets start a new cell after each semicolon.
    """
    if ";" in text:
        text = _FORMULA_AFTER_SEMICOLON.sub(r"\1'", text)
    return f"'{text}" if text.startswith(_FORMULA) else text
