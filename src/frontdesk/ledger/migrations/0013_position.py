from django.db import migrations, models

from frontdesk.core.sql.migrations import AddIndex, RemoveIndex


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL builds an index beside running writers only outside of one
    dependencies = [("ledger", "0012_anonymize_task_path")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="position",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                help_text="Orders messages of the same time: events.position_of.",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="first_position",
            field=models.BigIntegerField(
                db_default=0, default=0, help_text="Of a gap session's first message."
            ),
        ),
        AddIndex(
            model_name="message",
            index=models.Index(
                fields=["end_user", "sent_at", "position", "id"], name="message_order"
            ),
        ),
        RemoveIndex(model_name="message", name="message_time"),
    ]
