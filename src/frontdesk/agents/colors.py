"""The colors of plans and tags. console.css defines each one for light and dark mode."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Color(models.TextChoices):
    """A badge's color. A badge always has a text, so no meaning depends on color alone."""

    GREY = "grey", _("Gray")
    RED = "red", _("Red")
    ORANGE = "orange", _("Orange")
    YELLOW = "yellow", _("Yellow")
    GREEN = "green", _("Green")
    TEAL = "teal", _("Teal")
    BLUE = "blue", _("Blue")
    VIOLET = "violet", _("Violet")
    PINK = "pink", _("Pink")
