"""Validation and choices of time zones."""

import pytest
from django.core.exceptions import ValidationError

from frontdesk.core.zones import validate_zone, zone_choices


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Salta"])
def test_names_of_the_database_are_valid(name: str) -> None:
    validate_zone(name)


@pytest.mark.parametrize("name", ["Berlin", "", "../etc/passwd", "Europe"])
def test_other_names_are_not(name: str) -> None:
    with pytest.raises(ValidationError):
        validate_zone(name)


def test_the_choices_begin_with_the_place() -> None:
    choices = dict(zone_choices()[1:])
    assert ("Europe/Berlin", "Berlin (Europe)") in choices["Europe"]
    assert "Etc" not in choices
