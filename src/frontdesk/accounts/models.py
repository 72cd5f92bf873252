"""Operators: the people who sign in to the console."""

import zoneinfo

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from frontdesk.audit import Actor
from frontdesk.core.zones import validate_zone


class Operator(AbstractUser):
    """A person who signs in to the console ("system user")."""

    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_zone],
        help_text=_("Times are shown in this zone. Empty until the browser has reported it."),
    )
    preferences = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("Settings that the console remembers: page size, columns, theme."),
    )

    @property
    def actor(self) -> Actor:
        """This operator as the actor of an action."""
        return Actor("operator", str(self.pk), self.get_full_name() or self.username)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone of the times that this operator sees."""
        return zoneinfo.ZoneInfo(self.time_zone or "UTC")

    def remember(self, **preferences: object) -> None:
        """Add these preferences to the saved ones."""
        self.preferences = {**self.preferences, **preferences}
        self.save(update_fields=["preferences"])
