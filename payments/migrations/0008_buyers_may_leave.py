from django.db import migrations

from payments import guards


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0007_attribution'),
    ]

    operations = [
        migrations.RunPython(guards.install_buyer, guards.remove_buyer),
    ]
