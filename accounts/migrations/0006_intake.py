"""Forms of questions, sealed answers and notes, who is asked to call; and a draft to start from."""

import accounts.encrypting
import django.db.models.deletion
import modelcluster.fields
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.default_questions import write_draft
from accounts.intake_guards import install, remove


def start_with_a_draft(apps, schema_editor):
    write_draft(apps.get_model("accounts", "IntakeForm"), apps.get_model("accounts", "IntakeQuestion"))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_erasure'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='user',
            options={'permissions': [('read_health', 'Can read health answers; a therapist those of own clients')]},
        ),
        migrations.CreateModel(
            name='IntakeForm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(blank=True, editable=False, null=True, unique=True)),
                ('title', models.CharField(max_length=120)),
                ('introduction', models.TextField(blank=True, help_text='Above the questions, for runners.')),
                ('consent_text', models.TextField(help_text='Nothing is kept without it: what you keep, who reads it, for how long.', verbose_name='what runners agree to')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('published_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'verbose_name': 'form of questions',
                'verbose_name_plural': 'forms of questions',
                'ordering': ['-published_at', '-created_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('version', None)), models.Q(('published_at__isnull', False), ('version__isnull', False)), _connector='OR'), name='intake_form_published_has_version')],
            },
        ),
        migrations.CreateModel(
            name='IntakeAnswers',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('answers', accounts.encrypting.EncryptedJSONField(help_text='By the key of the question.')),
                ('given_at', models.DateTimeField()),
                ('delete_on', models.DateField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='intake_answers', to=settings.AUTH_USER_MODEL)),
                ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='accounts.intakeform')),
            ],
            options={
                'verbose_name_plural': 'answers to the questions',
                'default_permissions': (),
                'indexes': [models.Index(fields=['person', '-given_at'], name='answers_of_person'), models.Index(fields=['delete_on'], name='answers_to_delete')],
            },
        ),
        migrations.CreateModel(
            name='IntakeQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('kind', models.CharField(choices=[('yes_no', 'Yes or no'), ('short', 'A few words'), ('long', 'A text'), ('choice', 'One of several'), ('several', 'Any of several'), ('body', 'Areas of the body'), ('date', 'A date')], default='yes_no', max_length=12)),
                ('words', models.CharField(max_length=200, verbose_name='question')),
                ('help_text', models.CharField(blank=True, max_length=300)),
                ('is_required', models.BooleanField(default=True, verbose_name='must be answered')),
                ('choices', models.TextField(blank=True, help_text='One a line, for “one of several” and “any of several”.')),
                ('stops_booking', models.TextField(blank=True, help_text='One a line, such as Yes. Who answers so calls you before booking online.', verbose_name='answers that ask for a call')),
                ('form', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='accounts.intakeform')),
            ],
            options={
                'ordering': ['sort_order'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('form', 'key'), name='intake_question_once_a_form'), models.CheckConstraint(condition=models.Q(('kind__in', ['yes_no', 'short', 'long', 'choice', 'several', 'body', 'date'])), name='intake_question_kind_is_known')],
            },
        ),
        migrations.CreateModel(
            name='TalkFirst',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('released_by', models.UUIDField(blank=True, help_text='Public id.', null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='talks_first', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'talks first',
                'permissions': [('let_book_again', 'Can let a runner book online again after a talk')],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('person',), name='one_talk_stands'), models.CheckConstraint(condition=models.Q(models.Q(('released_at', None), ('released_by', None)), models.Q(('released_at__isnull', False), ('released_by__isnull', False)), _connector='OR'), name='talk_released_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='TreatmentNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('session', models.UUIDField(help_text="The booking's public id.")),
                ('words', accounts.encrypting.EncryptedTextField()),
                ('written_by', models.UUIDField(help_text='Public id.')),
                ('written_at', models.DateTimeField()),
                ('delete_on', models.DateField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='treatment_notes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(fields=['person', '-written_at'], name='notes_of_person'), models.Index(fields=['session'], name='notes_of_session'), models.Index(fields=['delete_on'], name='notes_to_delete')],
            },
        ),
        migrations.RunPython(install, remove),
        migrations.RunPython(start_with_a_draft, migrations.RunPython.noop),
    ]
