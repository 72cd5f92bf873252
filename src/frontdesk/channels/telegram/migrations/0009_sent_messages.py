import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0015_reactions"),
        ("telegram", "0008_unnamed_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="SentMessage",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "end_user_id",
                        "bot_id",
                        "chat",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("bot_id", models.BigIntegerField()),
                ("chat", models.BigIntegerField()),
                ("number", models.BigIntegerField()),
                ("thread", models.BigIntegerField(null=True)),
                ("answer_id", models.UUIDField()),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "end_user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledger.enduser",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["sent_at"], name="telegram_sent")],
            },
        ),
    ]
