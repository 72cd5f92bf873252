"""What an import does not record, and texts that are safe for a terminal."""


class ImportFileError(Exception):
    """The file is damaged or of another kind; the text says how and where."""


class Skipped(Exception):  # noqa: N818  # not an error: most skipped messages are fine
    """This is not a message of a user or the agent; the text says what it is instead."""


def printable(text: str) -> str:
    """A file's text, safe for a terminal: without control and direction characters."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def shorten(text: str, width: int = 60) -> str:
    """`printable` text, cut to `width` characters."""
    shown = printable(text[: width + 1])
    return shown if len(shown) <= width else shown[: width - 1] + "…"
