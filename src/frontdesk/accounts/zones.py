"""The time zones to choose from, by region."""

import zoneinfo
from collections import defaultdict
from functools import cache

from django import forms

Choices = list[tuple[str, str] | tuple[str, list[tuple[str, str]]]]

REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


@cache
def zone_choices() -> Choices:
    """UTC, then the places of each region; old and technical names ("EST5EDT") are left out."""
    regions: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(zoneinfo.available_timezones()):
        area, _, place = name.rpartition("/")
        region = area.partition("/")[0]
        if region in REGIONS:  # the place first: that is what people type in an open list
            regions[region].append((name, f"{place} ({area})".replace("_", " ")))
    return [("UTC", "UTC"), *regions.items()]


def zone_field(current: str, label: str, help_text: str) -> forms.ChoiceField:
    """A choice of zones; the current one is among them even if it is an old name such as "GMT"."""
    choices = zone_choices()
    if not forms.ChoiceField(choices=choices).valid_value(current):
        choices = [(current, current), *choices]
    return forms.ChoiceField(label=label, help_text=help_text, choices=choices, initial=current)
