from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0002_texts"),
    ]

    operations = [
        migrations.RenameField("webchat", "colour", "color"),
        migrations.AlterField(
            model_name="webchat",
            name="secret",
            field=models.TextField(
                blank=True,
                help_text="Encrypted: the secret that the operator's site signs its visitors with.",
            ),
        ),
        migrations.AlterField(
            model_name="webchat",
            name="suggestions",
            field=models.JSONField(
                blank=True, default=list, help_text="Questions that are offered at the beginning."
            ),
        ),
    ]
