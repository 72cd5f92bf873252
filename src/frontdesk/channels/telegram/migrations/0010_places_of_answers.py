"""Reactions of other members of a group name an answer by its place alone."""

from django.db import migrations, models

from frontdesk.core.sql.migrations import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("telegram", "0009_sent_messages")]

    operations = [
        AddIndex(
            "sentmessage",
            models.Index(fields=["bot_id", "chat", "number"], name="telegram_sent_place"),
        ),
    ]
