"""The audit trail, its seals, and what people agreed to; with the guards that keep them."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.guards import install, remove


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_must_call'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('action', models.CharField(help_text='Dotted, such as credits.goodwill.', max_length=60)),
                ('by', models.UUIDField(blank=True, help_text='Public id; empty: the portal itself.', null=True)),
                ('about', models.CharField(help_text='The kind of thing, such as order.', max_length=40)),
                ('key', models.CharField(help_text='Which: its public id or number.', max_length=120)),
                ('runner', models.UUIDField(blank=True, help_text='Whose data it touched.', null=True)),
                ('before', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('after', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('why', models.CharField(blank=True, max_length=500)),
                ('origin', models.CharField(blank=True, help_text='A hash of the address.', max_length=64)),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'indexes': [models.Index(fields=['runner', 'at'], name='audit_of_runner'), models.Index(fields=['by', 'at'], name='audit_of_actor'), models.Index(fields=['about', 'key'], name='audit_of_thing'), models.Index(fields=['at'], name='audit_in_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('action', ''), _negated=True), models.Q(('about', ''), _negated=True), models.Q(('key', ''), _negated=True)), name='audit_says_what')],
            },
        ),
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('position', models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ('previous_hash', models.CharField(blank=True, max_length=64)),
                ('hash', models.CharField(max_length=64)),
                ('sealed_at', models.DateTimeField()),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='seal', to='accounts.auditentry')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('position__gte', 1)), name='seals_count_from_one'), models.CheckConstraint(condition=models.Q(models.Q(('position', 1), ('previous_hash', '')), models.Q(('previous_hash', ''), _negated=True), _connector='OR'), name='only_the_first_seal_follows_nothing')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('marketing', 'News and offers'), ('credit_notices', 'Reminders about credits'), ('health', 'Health questions')], max_length=24)),
                ('granted', models.BooleanField()),
                ('text_version', models.CharField(blank=True, max_length=40)),
                ('text', models.TextField(blank=True, help_text='The words that were agreed to.')),
                ('channel', models.CharField(choices=[('account', 'On the account page'), ('api', 'By an app'), ('intake', 'With the health questions'), ('unsubscribe', 'By a link in a mail'), ('desk', 'Told to the practice'), ('erasure', 'With the deletion of the account')], max_length=16)),
                ('at', models.DateTimeField()),
                ('by', models.UUIDField(help_text='Public id of who decided, or wrote it down.')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'purpose', '-at'], name='consent_in_force')],
                'constraints': [models.CheckConstraint(condition=models.Q(('granted', False), models.Q(models.Q(('text', ''), _negated=True), models.Q(('text_version', ''), _negated=True)), _connector='OR'), name='consent_knows_its_words'), models.CheckConstraint(condition=models.Q(('purpose__in', ['marketing', 'credit_notices', 'health'])), name='consent_purpose_is_known')],
            },
        ),
        migrations.RunPython(install, remove),
    ]
