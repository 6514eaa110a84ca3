"""Secrets of second factors are sealed. Safe to repeat: what is sealed stays as it is."""

from django.db import migrations

from accounts import sealed_factors


def seal_factors(apps, schema_editor):
    rows = apps.get_model("mfa", "Authenticator").objects.using(schema_editor.connection.alias)
    sealed_factors.seal_again(rows.all())


def open_factors(apps, schema_editor):
    rows = apps.get_model("mfa", "Authenticator").objects.using(schema_editor.connection.alias)
    sealed_factors.open_again(rows.all())


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_clients"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.RunPython(seal_factors, open_factors),
    ]
