"""What an import says when its file cannot be read."""


class ImportFileError(Exception):
    """The file is not what it was given as, or is damaged: the text says how, and where."""


def printable(text: str) -> str:
    """Text of a file as it may be shown on a terminal: no control characters, nothing reversed."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def shorten(text: str, width: int = 60) -> str:
    """`printable` text, cut to `width` characters."""
    shown = printable(text[: width + 1])
    return shown if len(shown) <= width else shown[: width - 1] + "…"
