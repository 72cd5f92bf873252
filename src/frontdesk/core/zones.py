"""Time zones: the choices of a form, by region, and the validation of names."""

import zoneinfo
from collections import defaultdict
from functools import cache

from django.core.exceptions import ValidationError

Choices = list[tuple[str, str] | tuple[str, list[tuple[str, str]]]]

REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


@cache
def zone_choices() -> Choices:
    """UTC, then the places of each region, without old and technical names such as EST5EDT."""
    regions: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(zoneinfo.available_timezones()):
        area, _, place = name.rpartition("/")
        region = area.partition("/")[0]
        if region in REGIONS:  # the place comes first: people type it in an open list
            regions[region].append((name, f"{place} ({area})".replace("_", " ")))
    return [("UTC", "UTC"), *regions.items()]


def validate_zone(name: str) -> None:
    """Raise ValidationError for a name that the IANA time zone database does not have."""
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise ValidationError(
            "“%(name)s” is not a time zone; use a name such as Europe/Berlin.",
            params={"name": name},
        ) from None
