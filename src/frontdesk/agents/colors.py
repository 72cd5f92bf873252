"""The colours of plans and tags: names, for console.css gives each its look in light and dark."""

from django.db import models


class Colour(models.TextChoices):
    """A badge's colour; a word always stands in it, so colour alone tells nothing."""

    GREY = "grey", "Grey"
    RED = "red", "Red"
    ORANGE = "orange", "Orange"
    YELLOW = "yellow", "Yellow"
    GREEN = "green", "Green"
    TEAL = "teal", "Teal"
    BLUE = "blue", "Blue"
    VIOLET = "violet", "Violet"
    PINK = "pink", "Pink"
