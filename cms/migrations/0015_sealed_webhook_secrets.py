"""Secrets of webhooks are sealed. Both ways, and safe to repeat: what is sealed stays as it is."""

from django.db import migrations, models

import accounts.encrypting
import cms.webhooks.signing
from accounts.encrypting import Sealed, is_sealed, seal, unseal

NAMES = ("secret", "previous_secret")


def seal_secrets(apps, schema_editor):
    _each(apps, schema_editor, is_due=lambda kept: not is_sealed(kept), anew=seal)


def open_secrets(apps, schema_editor):
    _each(apps, schema_editor, is_due=is_sealed, anew=unseal)


def _each(apps, schema_editor, *, is_due, anew):
    model = apps.get_model("cms", "WebhookEndpoint")
    for row in model.objects.using(schema_editor.connection.alias).all():
        found = {}
        for name in NAMES:
            # As it stands in the database: the attribute would open it.
            kept = row.__dict__[name]
            if kept == "":
                found[name] = None
            elif kept is not None and is_due(kept):
                bound_to = model._meta.get_field(name).bound_to(row)
                found[name] = Sealed(anew(kept, bound_to=bound_to))
        if found:
            model.objects.filter(pk=row.pk).update(**found)


def empty_former(apps, schema_editor):
    """Going back: the column takes no NULL again."""
    model = apps.get_model("cms", "WebhookEndpoint")
    model.objects.filter(previous_secret=None).update(previous_secret=Sealed(""))


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0014_mail_texts"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="webhookendpoint",
            name="former_secret_has_an_end",
        ),
        migrations.AlterField(
            model_name="webhookendpoint",
            name="previous_secret",
            field=accounts.encrypting.EncryptedTextField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="webhookendpoint",
            name="secret",
            field=accounts.encrypting.EncryptedTextField(
                default=cms.webhooks.signing.new_secret, editable=False
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, empty_former),
        migrations.RunPython(seal_secrets, open_secrets),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("previous_secret__isnull", True), ("previous_until", None)),
                    models.Q(("previous_secret__isnull", False), ("previous_until__isnull", False)),
                    _connector="OR",
                ),
                name="former_secret_has_an_end",
            ),
        ),
    ]
