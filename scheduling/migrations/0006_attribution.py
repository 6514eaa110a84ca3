"""A booking keeps the article that led to it and the words of the terms agreed to."""

from django.conf import settings
from django.db import migrations, models

from scheduling import guards


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0007_attribution'),
        ('scheduling', '0005_waitlist'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='booking',
            name='agreed_texts',
            field=models.JSONField(blank=True, default=list, help_text='Which words of the terms were agreed to: code/number.'),
        ),
        migrations.AddField(
            model_name='booking',
            name='article_id',
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='booking',
            name='article_title',
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AlterField(
            model_name='booking',
            name='source_page',
            field=models.CharField(blank=True, help_text='Its path then.', max_length=200),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(condition=models.Q(('article_id__isnull', False)), fields=['article_id', 'booked_at'], name='booking_by_article'),
        ),
        migrations.RunPython(guards.install_origin, guards.remove_origin),
    ]
