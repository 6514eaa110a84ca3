"""The permission to read the audit log."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_audit_and_consent'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='user',
            options={'permissions': [('read_audit', 'Can read the audit log')]},
        ),
    ]
