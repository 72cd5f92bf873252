from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("telegram", "0005_clock_of_a_bot"),
    ]

    operations = [
        migrations.AddField(
            model_name="telegrambot",
            name="answers_edits",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Edited messages are answered again."
            ),
        ),
    ]
