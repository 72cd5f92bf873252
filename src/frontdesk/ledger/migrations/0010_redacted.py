from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_rebuild_for_analytics")]

    operations = [migrations.RenameField("message", "blanked", "redacted")]
