import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("cms", "0005_site_tree"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.CreateModel(
            name="TokenTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scopes", models.JSONField(default=list)),
                ("granted_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("token", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="terms", to="wagtailcore.apitoken")),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("expires_at__gt", models.F("granted_at"))), name="token_ends_after_it_begins")],
            },
        ),
    ]
