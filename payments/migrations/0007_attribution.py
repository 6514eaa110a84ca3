"""An order keeps the article that led to it and the words of the terms agreed to."""

from django.conf import settings
from django.db import migrations, models

from payments import guards


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0006_guards_of_today'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='agreed_texts',
            field=models.JSONField(blank=True, default=list, help_text='Which words of the terms were agreed to: code/number.'),
        ),
        migrations.AddField(
            model_name='order',
            name='article_id',
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='article_title',
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AlterField(
            model_name='order',
            name='source_page',
            field=models.CharField(blank=True, help_text='Its path then.', max_length=200),
        ),
        migrations.AlterField(
            model_name='policy',
            name='summary',
            field=models.TextField(blank=True, help_text='The terms in plain words, with placeholders such as {{ cancel_window }} for the values below. Empty: written from them.'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('article_id__isnull', False)), fields=['article_id', 'paid_at'], name='order_by_article'),
        ),
        migrations.RunPython(guards.install_origin, guards.remove_origin),
    ]
