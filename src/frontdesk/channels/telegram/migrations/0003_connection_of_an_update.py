import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("telegram", "0002_chat_of_an_update"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="telegramupdate", name="telegram_pending"),
        migrations.RenameField("telegramupdate", "bot_id", "connection_id"),
        migrations.AddIndex(
            model_name="telegramupdate",
            index=models.Index(
                condition=models.Q(("state", "done"), _negated=True),
                fields=["connection_id", "number"],
                name="telegram_pending",
            ),
        ),
        migrations.AlterField(
            model_name="telegrambot",
            name="agent",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="agents.agent"
            ),
        ),
        migrations.AlterField(
            model_name="telegrambot",
            name="token",
            field=models.TextField(help_text="Encrypted."),
        ),
        migrations.AlterField(
            model_name="telegrambot",
            name="webhook_secret",
            field=models.TextField(help_text="Encrypted: what Telegram sends with each update."),
        ),
        migrations.AlterField(
            model_name="telegramupdate",
            name="answer",
            field=models.JSONField(default=dict, help_text="The reply, as long as it is not sent."),
        ),
        migrations.AlterField(
            model_name="telegramupdate",
            name="chat",
            field=models.CharField(
                default="",
                help_text="The channel's id of the chat: one item of a chat is worked on at a time.",
                max_length=200,
            ),
        ),
        migrations.AlterField(
            model_name="telegramupdate",
            name="connection_id",
            field=models.UUIDField(
                help_text="The connection by which it came; no foreign key, for this is a hot table."
            ),
        ),
        migrations.AlterField(
            model_name="telegramupdate",
            name="key",
            field=models.CharField(help_text="The channel's own id of the item.", max_length=64),
        ),
        migrations.AlterField(
            model_name="telegramupdate",
            name="number",
            field=models.BigIntegerField(help_text="The order of a connection's items."),
        ),
    ]
