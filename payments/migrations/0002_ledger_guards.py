"""The database's own promises: ledgers only grow, no bucket falls below zero, sold terms stay."""

from django.db import migrations

from payments import guards


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [migrations.RunPython(guards.install, guards.remove)]
