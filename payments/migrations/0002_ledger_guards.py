"""Once put the guards in; the guards of today need tables that come later, so 0006 does it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = []
