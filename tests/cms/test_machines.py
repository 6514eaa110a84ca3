"""What search engines, language models and link previews get."""

from io import BytesIO

import pytest
from defusedxml import ElementTree
from django.core.files.storage import default_storage
from PIL import Image
from wagtail.models import Locale, PageViewRestriction

from cms.models import StandardPage
from cms.social_cards import FOLDER, card_address, draw
from cms.tree import add_page

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"


def path_of(address):
    return address.removeprefix("http://localhost:8000")


# --- The picture of a shared page ----------------------------------------
def test_a_page_names_the_picture_drawn_for_it(client, write):
    page = write()
    html = client.get("/journal/calves-in-week-six/").content.decode()

    assert f'<meta property="og:image" content="{card_address(page)}">' in html
    assert '<meta name="twitter:card" content="summary_large_image">' in html
    response = client.get(path_of(card_address(page)))

    assert Image.open(BytesIO(response.content)).size == (1200, 630)
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(path_of(card_address(page))).content == response.content


def test_a_changed_title_has_a_new_picture_and_the_old_address_leads_to_it(client, write):
    page = write()
    old = path_of(card_address(page))
    client.get(old)

    page.title = "Calves in week seven"
    page.save_revision().publish()

    assert card_address(page) != f"http://localhost:8000{old}"
    assert client.get(old)["Location"] == card_address(page)
    client.get(path_of(card_address(page)))
    kept = [name for name in default_storage.listdir(FOLDER)[1] if name.startswith(f"{page.pk}-")]
    assert len(kept) == 1


def test_drafts_and_private_pages_have_no_picture(client, write):
    draft = write("Draft", live=False)
    private = write("Private")
    PageViewRestriction.objects.create(
        page_id=private.pk, restriction_type=PageViewRestriction.LOGIN
    )

    for page in (draft, private):
        assert client.get(path_of(card_address(page))).status_code == 404


@pytest.mark.parametrize("title", ["Short", "word " * 80, "x" * 255, "Laufen über Brücken"])
def test_any_title_fits(title):
    data = draw(title, "By somebody")

    assert Image.open(BytesIO(data)).size == (1200, 630)
    assert len(data) < 200_000


def test_an_editors_own_picture_goes_first(client, write, picture):
    write(social_image=picture)

    html = client.get("/journal/calves-in-week-six/").content.decode()

    assert html.count('property="og:image"') == 1
    assert "/media/images/" in html.split('property="og:image" content="')[1].split('"')[0]


# --- Sitemap and robots ----------------------------------------
def test_the_sitemap_says_when_a_page_changed_and_in_which_languages_it_is(client, tree, write):
    page = write()
    german = Locale.objects.create(language_code="de")
    twin = StandardPage(
        title="Datenschutz", slug="datenschutz", locale=german, translation_key="a" * 32
    )
    add_page(tree.home, twin)
    add_page(tree.home, StandardPage(title="Privacy", slug="privacy", translation_key="a" * 32))

    urls = ElementTree.fromstring(client.get("/sitemap.xml").content).findall(f"{SITEMAP}url")
    by_path = {path_of(url.findtext(f"{SITEMAP}loc")): url for url in urls}

    article = by_path["/journal/calves-in-week-six/"]
    assert article.findtext(f"{SITEMAP}lastmod") == f"{page.last_published_at:%Y-%m-%d}"
    assert article.findall(LINK) == []
    privacy = {
        each.get("hreflang"): each.get("href") for each in by_path["/privacy/"].findall(LINK)
    }
    assert set(privacy) == {"en-gb", "de", "x-default"}
    assert privacy["x-default"] == privacy["en-gb"]


def test_the_sitemap_costs_the_same_for_more_pages(client, write, django_assert_num_queries):
    write()
    client.get("/sitemap.xml")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get("/sitemap.xml")
    for number in range(5):
        write(f"More {number}")

    with django_assert_num_queries(len(few)):
        client.get("/sitemap.xml")


@pytest.mark.parametrize("path", ["/account/", "/search/", "/orders/", "/bookings/", "/api/"])
def test_robots_keep_out_of_what_is_personal(client, tree, path):
    assert f"Disallow: {path}" in client.get("/robots.txt").content.decode()


# --- Markdown twins and maps for language models ----------------------------------------
def test_an_article_has_a_twin_in_markdown(client, write):
    write()
    html = client.get("/journal/calves-in-week-six/")
    address = "/journal/calves-in-week-six.md"

    assert f'type="text/markdown" title="As Markdown" href="http://localhost:8000{address}"' in (
        html.content.decode()
    )
    response = client.get(address)

    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert response.content.decode().startswith("# Calves in week six\n")
    assert response["Link"] == (
        '<http://localhost:8000/journal/calves-in-week-six/>; rel="canonical"'
    )
    assert response["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/markdown", "text/markdown"),
        ("text/markdown, text/html;q=0.5", "text/markdown"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("*/*", "text/html"),
        ("", "text/html"),
    ],
)
def test_who_prefers_markdown_gets_it_at_the_page(client, write, accept, kind):
    write()

    response = client.get("/journal/calves-in-week-six/", headers={"Accept": accept})

    assert response["Content-Type"].startswith(kind)
    assert "Accept" in response["Vary"]


def test_drafts_private_pages_and_lists_have_no_twin(client, tree, write):
    write("Draft", live=False)
    private = write("Private")
    PageViewRestriction.objects.create(
        page_id=private.pk, restriction_type=PageViewRestriction.LOGIN
    )

    for path in ["/journal/draft.md", "/journal/private.md", "/journal.md", "/nothing.md"]:
        assert client.get(path).status_code == 404, path


def test_a_private_page_is_not_given_away_by_asking_for_markdown(client, write):
    private = write("Private")
    PageViewRestriction.objects.create(
        page_id=private.pk, restriction_type=PageViewRestriction.LOGIN
    )

    response = client.get("/journal/private/", headers={"Accept": "text/markdown"})

    assert response.status_code == 302


def test_language_models_find_every_page_and_no_draft(client, write, sports_page):
    write("Calves")
    write("Secret", live=False)

    index = client.get("/llms.txt").content.decode()
    whole = client.get("/llms-full.txt").content.decode()

    assert index.startswith("# Massage for Runners\n\n> ")
    assert "- [Calves](http://localhost:8000/journal/calves.md): Why calves tighten." in index
    assert "- [Sports massage](http://localhost:8000/treatments/sports-massage.md)" in index
    assert "Six weeks into a plan." in whole
    assert "Secret" not in index + whole
