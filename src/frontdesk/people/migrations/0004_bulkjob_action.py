from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("people", "0003_bulk_task_path")]

    operations = [migrations.RenameField("bulkjob", "act", "action")]
