from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0014_known_at")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="reaction",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The user's emoji below an answer.",
                max_length=200,
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="reacted_at",
            field=models.DateTimeField(
                help_text="When the reaction was last set or taken back.", null=True
            ),
        ),
    ]
