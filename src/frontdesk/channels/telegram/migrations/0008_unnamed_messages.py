from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("telegram", "0007_migrated_groups"),
    ]

    operations = [
        migrations.AddField(
            model_name="telegrambot",
            name="unnamed_messages",
            field=models.PositiveBigIntegerField(
                db_default=0,
                default=0,
                help_text=(
                    "Messages to the bot by anonymous admins or channels, which it cannot answer."
                ),
            ),
        ),
    ]
