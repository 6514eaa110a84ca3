"""The database's own promises: ledgers only grow, no bucket falls below zero, sold terms stay,
closed periods take nothing, documents are numbered without a gap."""

from django.db import migrations

from payments import guards


def renew(apps, schema_editor):
    guards.remove(apps, schema_editor)
    guards.install(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_money_to_the_cent")]

    operations = [migrations.RunPython(renew, guards.remove)]
