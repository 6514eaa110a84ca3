"""What goes out as Markdown comes back as the same page."""

import json
import re
import zipfile
from dataclasses import replace
from html import unescape
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from wagtail.images.models import Image

from cms.demo import load_demo_content
from cms.exporting import exported
from cms.importing import content_digest, import_document
from cms.models import ArticlePage
from cms.uploading import documents_among

FAQ = {"title": "Asked", "items": [{"question": "Sore?", "answer": "<p>A <b>bit</b>.</p>"}]}


def body(picture, page):
    image = {"image": picture, "alt_text": 'A "bend" [left]', "decorative": False}
    return [
        ("prose", f'<p>It\'s <b>six</b> &lt;b&gt; weeks. <a linktype="page" id="{page.pk}">See</a>'
                  "</p><p>Line one<br/>line <i>two</i> * # 1.</p><ul><li>a<ul><li>b</li></ul></li>"
                  "<li>c</li></ul><ol><li>x</li><li>y</li></ol>"),
        ("prose", "<p>A text of its own.</p>"),
        ("heading", {"text": "Why * it _helps_", "number": 2, "level": "2"}),
        ("heading", {"text": "In detail", "number": None, "level": "3"}),
        ("picture", {"image": image, "caption": "Lanes, drawn"}),
        ("picture", {"image": {**image, "alt_text": "", "decorative": True}, "caption": ""}),
        ("quote", {"text": "Like a plank.\nTruly.", "by": "Ola", "role": "Half marathon"}),
        ("quote", {"text": "One.\n\nTwo.", "by": "Ola, K.", "role": ""}),
        ("key_points", {"title": "In short", "points": ["Rest.", "```"]}),
        ("do_dont", {"do": ["Walk."], "dont": ["Stretch into pain."]}),
        ("faq", FAQ),
        ("package_offer", {"package": "five-60", "note": ""}),
    ]  # fmt: skip


@pytest.fixture
def article(write, picture, tree):
    source = {"text": "Smith 2019", "found": "It helped.", "link": "https://example.com/s"}
    return write(
        body=body(picture, tree.packages),
        subtitle='What "we" see',
        tags=("calves", "rest"),
        sources=[("source", source), ("source", {"text": "Doe", "found": "", "link": ""})],
    )


def brought_back(export):
    [document] = documents_among(dict(export.files()))
    return import_document(document=document, at=timezone.now(), by=None).page


def test_a_page_that_goes_out_and_comes_back_is_the_same_page(article):
    before = content_digest(article)
    export = exported(article)
    article.delete()

    page = brought_back(export)

    assert exported(page).text == export.text
    assert content_digest(page) == before
    assert (page.subtitle, page.intro) == (article.subtitle, article.intro)
    assert page.author.therapist_code == "sana"
    assert {tag.name for tag in page.tags.all()} == {"calves", "rest"}
    assert Image.objects.count() == 1


def values_of(page):
    """What the page says; an empty field is none or empty text, as the form left it."""
    streams = [*page.body, *page.sources]
    said = [(block.block_type, block.get_prep_value()["value"]) for block in streams]
    words = unescape(json.dumps(said).replace("null", '""'))
    return re.sub(r'"id": "[^"]*"', "", words)


def test_articles_of_the_demo_come_back_the_same(tree):
    load_demo_content(at=timezone.now(), by=None)

    for page in ArticlePage.objects.order_by("slug")[:2]:
        export = exported(page)
        again = replace(export, text=export.text.replace("\n# ", "\n# Again: ", 1))
        assert values_of(brought_back(again)) == values_of(page)


def test_a_page_that_came_from_a_file_is_unchanged_when_its_export_comes_in(article):
    export = exported(article)
    article.delete()
    page = brought_back(export)

    again = brought_back(exported(page))

    assert again.pk == page.pk
    assert page.revisions.count() == 1


def test_rich_text_in_a_block_of_the_file_is_cleaned(article, tree):
    text = exported(article).text.replace("A <b>bit", "A <script>alert(1)</script><b onclick=x>bit")
    article.delete()

    [document] = documents_among({"a.md": text.encode()})
    page = import_document(document=document, at=timezone.now(), by=None).page

    assert "alert" not in str(page.body)
    assert "onclick" not in str(page.body)


def test_an_editor_downloads_a_page_with_its_pictures(client, editor, article):
    html = client.get(f"/admin/pages/{article.pk}/edit/").content.decode()
    assert f"/admin/export/{article.pk}/" in html

    response = client.get(f"/admin/export/{article.pk}/")

    assert response["Content-Disposition"] == f'attachment; filename="{article.slug}.zip"'
    with zipfile.ZipFile(BytesIO(response.content)) as archive:
        names = archive.namelist()
        assert f"{article.slug}.md" in names
        assert any(name.startswith("images/lanes") for name in names)


def test_only_who_may_edit_a_page_downloads_it(client, article, django_user_model):
    client.force_login(django_user_model.objects.create(email="ola@example.com"))

    assert client.get(f"/admin/export/{article.pk}/").status_code in (302, 403)


def test_the_command_writes_files_that_the_other_command_reads(article, tmp_path, capsys):
    before = content_digest(article)
    call_command("export_markdown", str(tmp_path), "--page", article.slug)
    assert "Wrote 1 articles" in capsys.readouterr().out
    slug = article.slug
    article.delete()

    call_command("import_article", str(tmp_path / f"{slug}.md"))

    assert content_digest(ArticlePage.objects.get().get_latest_revision_as_object()) == before
    with pytest.raises(CommandError, match="no article nothing"):
        call_command("export_markdown", str(tmp_path), "--page", "nothing")
