from django.db import migrations

from scheduling import guards


class Migration(migrations.Migration):

    dependencies = [
        ('scheduling', '0006_attribution'),
    ]

    operations = [
        migrations.RunPython(guards.install_words, guards.remove_words),
    ]
