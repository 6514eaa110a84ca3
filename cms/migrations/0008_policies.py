"""Policies as versions bound to the values of rules; price cards read the refund rule."""

import django.db.models.deletion
import wagtail.fields
from django.conf import settings
from django.db import migrations, models

from cms import guards


class Migration(migrations.Migration):

    dependencies = [
        ('cms', '0007_editorial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyPage',
            fields=[
                ('basepage_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to=settings.WAGTAIL_PAGE_MODEL)),
                ('code', models.SlugField(help_text='Its name in permanent addresses: cancellation, terms, privacy.', max_length=40)),
                ('rules_code', models.CharField(blank=True, help_text='Whose values the placeholders stand for. Empty where it speaks of none.', max_length=40, verbose_name='rules it speaks of')),
                ('intro', models.TextField(blank=True, max_length=400)),
                ('body', wagtail.fields.RichTextField(blank=True)),
                ('effective_on', models.DateField(blank=True, help_text='Empty: from the day it is published. Until then readers see the one before.', null=True, verbose_name='in force from')),
            ],
            options={
                'verbose_name': 'policy',
            },
            bases=('cms.basepage',),
        ),
        migrations.RemoveField(
            model_name='packagespage',
            name='refund_words',
        ),
        migrations.CreateModel(
            name='PolicyText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40)),
                ('number', models.PositiveIntegerField()),
                ('language', models.CharField(max_length=20)),
                ('title', models.CharField(max_length=255)),
                ('intro', models.TextField(blank=True, help_text='With its placeholders.')),
                ('body', models.TextField(blank=True, help_text='Rich text with its placeholders.')),
                ('rules_code', models.CharField(blank=True, max_length=40)),
                ('rules_version', models.PositiveIntegerField(blank=True, null=True)),
                ('rules', models.JSONField(blank=True, help_text='The values its placeholders stand for.', null=True)),
                ('effective_on', models.DateField(verbose_name='in force from')),
                ('published_at', models.DateTimeField()),
                ('published_by', models.ForeignKey(blank=True, help_text='Empty: a change of the rules made it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'policy version',
                'ordering': ['code', '-number'],
                'indexes': [models.Index(fields=['rules_code', 'rules_version'], name='policy_text_by_rules')],
                'constraints': [models.UniqueConstraint(fields=('code', 'number'), name='policy_text_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('rules', None), ('rules_code', ''), ('rules_version', None)), models.Q(models.Q(('rules_code', ''), _negated=True), ('rules__isnull', False), ('rules_version__isnull', False)), _connector='OR'), name='policy_text_rules_whole')],
            },
        ),
        migrations.RunPython(guards.install, guards.remove),
    ]
