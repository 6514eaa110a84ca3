from django.db import migrations

from scheduling import guards


class Migration(migrations.Migration):

    dependencies = [
        ('scheduling', '0007_roles'),
    ]

    operations = [
        migrations.RunPython(guards.install_words, guards.remove_words),
    ]
