"""Why a command does not do what it was asked to."""


class Refusal(Exception):  # noqa: N818  # it is an answer, not a mistake of the program
    """Shown to the person as one text, without a traceback; the command ends with code 1."""
