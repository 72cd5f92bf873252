"""The error of a command that cannot do what it was asked to do."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from django.core.exceptions import ValidationError


class CommandError(Exception):
    """Shown as one line, without a traceback; the command ends with exit code 1."""

    @classmethod
    def of_fields(cls, errors: "Mapping[str, Sequence[ValidationError]]") -> Self:
        """The errors that Django found in the fields of a form or a model."""
        return cls(
            "; ".join(
                f"{_NAMES.get(field, field.replace('_', ' '))}: {text.rstrip('.')}"
                for field, found in errors.items()
                for error in found
                for text in error.messages
            )
        )


_NAMES = {"password1": "password", "password2": "password"}  # a form asks for it twice
