from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("telegram", "0003_connection_of_an_update"),
    ]

    operations = [
        migrations.AddField(
            model_name="telegramupdate",
            name="is_urgent",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Does not wait for earlier items of its chat; later ones wait for it.",
            ),
        ),
    ]
