"""Turns Wagtail's welcome page into our home page, with the index pages below it.

A fresh installation shows a sensible site before anybody wrote a word.
"""

from django.db import migrations

WELCOME = "Welcome to your new Wagtail site!"
CHILDREN = [
    ("ServiceIndexPage", "Treatments", "treatments", "Say how your legs feel; we suggest what helps."),
    ("PackagesPage", "Packages", "packages", "Several sessions at once cost less for each."),
    ("ArticleIndexPage", "Journal", "journal", "What we learn at the table and on the run."),
    ("TherapistIndexPage", "Therapists", "therapists", "Sports massage by people who run."),
]


def build_tree(apps, schema_editor):
    BasePage = apps.get_model("cms", "BasePage")
    welcome = BasePage.objects.filter(depth=2, title=WELCOME).first()
    if welcome is None:
        return
    HomePage = apps.get_model("cms", "HomePage")
    home = HomePage(basepage_ptr_id=welcome.pk)
    for field in BasePage._meta.concrete_fields:
        setattr(home, field.attname, getattr(welcome, field.attname))
    home.title = home.draft_title = "Massage for Runners"
    home.headline = "Your legs did the work. Bring them in."
    home.intro = "Sports massage by therapists who run. Pick a time, pay, done."
    home.content_type = _content_type(apps, "homepage")
    home.numchild = len(CHILDREN)
    home.save()
    for step, (model, title, slug, intro) in enumerate(CHILDREN, start=1):
        apps.get_model("cms", model).objects.create(
            title=title,
            draft_title=title,
            slug=slug,
            intro=intro,
            show_in_menus=True,
            content_type=_content_type(apps, model.lower()),
            path=f"{home.path}{step:04d}",
            depth=3,
            url_path=f"{home.url_path}{slug}/",
            locale_id=home.locale_id,
        )


def _content_type(apps, model):
    ContentType = apps.get_model("contenttypes", "ContentType")
    return ContentType.objects.get_or_create(app_label="cms", model=model)[0]


class Migration(migrations.Migration):
    dependencies = [("cms", "0004_pages")]

    operations = [migrations.RunPython(build_tree, migrations.RunPython.noop)]
