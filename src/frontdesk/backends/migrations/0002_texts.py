import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("backends", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="backend",
            name="history_length",
            field=models.PositiveSmallIntegerField(
                default=20,
                help_text="Earlier messages of the conversation that are sent along.",
                validators=[django.core.validators.MaxValueValidator(200)],
            ),
        ),
        migrations.AlterField(
            model_name="backend",
            name="secret",
            field=models.TextField(
                blank=True,
                help_text="Encrypted: the API's key, or the secret that requests are signed with.",
            ),
        ),
    ]
