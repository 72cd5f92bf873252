import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gate", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="reservation",
            name="session",
            field=models.UUIDField(
                default=uuid.UUID(int=0),
                help_text="Stands for its chat, or its explicit session: what the next message may join.",
            ),
            preserve_default=False,
        ),
    ]
