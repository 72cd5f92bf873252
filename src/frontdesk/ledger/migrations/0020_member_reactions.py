import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0019_edited_fields")]

    operations = [
        migrations.CreateModel(
            name="MemberReaction",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "end_user_id",
                        "owner_id",
                        "answer_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("owner_id", models.UUIDField(help_text="The user who got the answer.")),
                ("answer_id", models.UUIDField()),
                ("reaction", models.CharField(blank=True, max_length=200)),
                (
                    "reacted_at",
                    models.DateTimeField(help_text="When it was last set or taken back."),
                ),
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
                "indexes": [
                    models.Index(fields=["owner_id", "answer_id"], name="memberreaction_answer")
                ],
            },
        ),
    ]
