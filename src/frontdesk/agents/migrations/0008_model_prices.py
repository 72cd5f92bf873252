from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agents", "0007_prices")]
    operations = [
        migrations.AddField(
            "agent",
            "model_prices",
            models.JSONField(
                default=list,
                blank=True,
                db_default=models.Value([], models.JSONField()),
                help_text="The prices of single models; the others have the agent's own prices.",
            ),
        ),
    ]
