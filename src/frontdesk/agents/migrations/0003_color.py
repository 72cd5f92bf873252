"""American spelling: a plan's and a tag's color."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("agents", "0002_access_plans_tags")]

    operations: ClassVar = [
        migrations.RenameField("plan", "colour", "color"),
        migrations.RenameField("tag", "colour", "color"),
    ]
