"""The form field for a time zone."""

from django import forms

from frontdesk.core.zones import zone_choices


def zone_field(current: str, label: str, help_text: str) -> forms.ChoiceField:
    """A choice of zones by region, including the current one even if it is an old name."""
    choices = zone_choices()
    if not forms.ChoiceField(choices=choices).valid_value(current):
        choices = [(current, current), *choices]
    return forms.ChoiceField(label=label, help_text=help_text, choices=choices, initial=current)
