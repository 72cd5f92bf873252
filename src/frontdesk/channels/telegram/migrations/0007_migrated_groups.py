import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0005_help_texts"),
        ("telegram", "0006_edits"),
    ]

    operations = [
        migrations.CreateModel(
            name="MigratedGroup",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("new_id", models.BigIntegerField()),
                ("old_id", models.BigIntegerField()),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="agents.agent",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agent", "new_id"), name="telegram_migrated_group"
                    )
                ],
            },
        ),
    ]
