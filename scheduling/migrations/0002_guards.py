"""The database refuses a double booking, whatever the code above it does (E1)."""

from django.db import migrations

from scheduling import guards


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0001_initial")]
    operations = [migrations.RunPython(guards.install, guards.remove)]
