"""The operator's own prices belong to the agent; backends/0003 brings the existing ones here."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import migrations, models


def _price() -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(
        blank=True,
        decimal_places=6,
        help_text="Dollars per million tokens, in place of the price list.",
        max_digits=12,
        null=True,
        validators=[MinValueValidator(Decimal(0))],
    )


class Migration(migrations.Migration):
    dependencies = [("agents", "0006_ai_notice_and_privacy")]
    operations = [
        migrations.AddField("agent", name, _price())
        for name in ("input_price", "cached_price", "output_price")
    ]
