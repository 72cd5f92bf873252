from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("telegram", "0004_lanes_of_updates"),
    ]

    operations = [
        migrations.AddField(
            model_name="telegrambot",
            name="clock_ahead",
            field=models.PositiveBigIntegerField(
                db_default=0,
                default=0,
                help_text="Seconds by which Telegram's clock is ahead, if its times cannot be used.",
            ),
        ),
    ]
