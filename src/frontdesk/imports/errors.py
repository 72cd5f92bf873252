"""The error of an import whose file cannot be read, and safe texts for a terminal."""


class ImportFileError(Exception):
    """The file is damaged or of another kind; the text says how, and where."""


def printable(text: str) -> str:
    """Text of a file, safe for a terminal: without control characters and reversals."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def shorten(text: str, width: int = 60) -> str:
    """`printable` text, cut to `width` characters."""
    shown = printable(text[: width + 1])
    return shown if len(shown) <= width else shown[: width - 1] + "…"
