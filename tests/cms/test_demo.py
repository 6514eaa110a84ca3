"""The demo's site is whole, honest and loaded once."""

import re
from io import BytesIO

import pytest
from PIL import Image as PillowImage
from wagtail.images.models import Image
from wagtail.models import Locale, Revision

from cms.demo import HERE, load_demo_content
from cms.demo_content import pictures
from cms.demo_content.markup import read
from cms.models import ArticlePage, BasePage, HomePage, ServicePage, TherapistPage
from tests.cms.conftest import DEMO_NOON

FILES = sorted(HERE.glob("**/*.txt"))
ARTICLES = [file for file in FILES if file.parent.name == "articles"]
# Prices and rules are read when a page is served.
TYPED = re.compile(
    r"[£€]\s?\d|\d\s?[£€]|\b\d+ (?:pounds?|euros?|pence|hours?|Stunden?|Euro|Pfund)\b"
)
SOURCE = re.compile(r"^[A-ZØ][\w-]+ [A-Z]+.*[.?] .+[.?] .+, (19|20)\d\d\.$")


def _named(file):
    return f"{file.parent.parent.name}-{file.stem}"


def test_every_page_of_the_demo_opens(client, demo):
    pages = BasePage.objects.live().filter(depth__gte=2)

    assert pages.count() >= 43
    for page in pages:
        assert client.get(page.url).status_code == 200, page.url


def test_loading_it_again_changes_nothing(demo):
    def state():
        pages = BasePage.objects.order_by("pk").values_list("pk", "latest_revision", "url_path")
        return list(pages), Image.objects.count(), Locale.objects.count(), Revision.objects.count()

    before = state()

    load_demo_content(at=DEMO_NOON, by=None)

    assert state() == before


def test_a_page_an_editor_changed_stays_changed(demo):
    home = HomePage.objects.get(locale__language_code="en-gb")
    home.headline = "Ours now"
    home.save_revision().publish()

    load_demo_content(at=DEMO_NOON, by=None)

    home.refresh_from_db()
    assert home.headline == "Ours now"


def test_articles_are_long_enough_to_say_something_and_name_their_sources(demo):
    articles = ArticlePage.objects.all()

    assert articles.filter(locale__language_code="en-gb").count() >= 10
    assert articles.filter(locale__language_code="de").count() >= 3
    for article in articles:
        assert 500 <= len(article.words()) <= 950, (article.title, len(article.words()))
        assert len(article.sources) >= 3, article.title
        assert article.author, article.title
        assert article.author.locale_id == article.locale_id, article.title
        assert article.hero_image, article.title
        assert article.hero_alt.endswith("."), article.title
        assert article.search_description, article.title
        assert any(block.block_type == "red_flag" for block in article.body), article.title


def test_a_source_names_authors_a_journal_and_a_year(demo):
    for article in ArticlePage.objects.all():
        for block in article.sources:
            assert SOURCE.match(block.value["text"]), block.value["text"]
            assert block.value["found"], block.value["text"]


def test_no_two_articles_share_their_picture_at_the_top(demo):
    english = ArticlePage.objects.filter(locale__language_code="en-gb")
    heroes = [article.hero_image_id for article in english]

    assert len(set(heroes)) == len(heroes)


@pytest.mark.parametrize("file", FILES, ids=_named)
def test_nobody_types_a_price_or_a_rule_in_hours(file):
    assert TYPED.findall(file.read_text()) == []


@pytest.mark.parametrize(
    "file", ARTICLES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}"
)
def test_an_article_is_more_than_text(file):
    kinds = {piece.kind for piece in read(file).pieces}

    assert {"key_points", "exercise", "red_flag"} <= kinds
    assert kinds & {"next_times", "service_card", "package_offer"}


@pytest.mark.parametrize("file", FILES, ids=_named)
def test_words_of_the_demo_keep_to_the_voice(file):
    words = file.read_text().lower()

    for never in ["!", "journey", "wellness", "unlock", "cures"]:
        assert never not in words


def test_the_article_on_massage_for_runners_is_found_where_it_was_before(client, demo):
    there = client.get("/blog/massage-for-runners/", follow=True)

    assert there.redirect_chain == [("/journal/massage-for-runners/", 301)]
    assert there.status_code == 200


def test_links_between_demo_pages_lead_somewhere(client, demo):
    html = client.get("/journal/race-week/").content.decode()

    assert 'href="/journal/what-massage-does-after-a-hard-run/"' in html


def test_the_four_therapists_have_a_page_each(demo):
    for language in ("en-gb", "de"):
        pages = TherapistPage.objects.live().filter(locale__language_code=language)
        codes = pages.values_list("therapist_code", flat=True)

        assert sorted(codes) == ["imre", "joss", "mara", "sana"]


def test_the_german_tree_stands_for_the_same_things(demo):
    for model in (ServicePage, TherapistPage):
        for page in model.objects.filter(locale__language_code="de"):
            original = page.get_translation(Locale.objects.get(language_code="en-gb"))
            code = "service_code" if model is ServicePage else "therapist_code"
            assert getattr(page, code) == getattr(original, code)


@pytest.mark.parametrize("name", pictures.DRAWINGS)
def test_drawings_are_real_pictures_with_words(name):
    drawing = pictures.DRAWINGS[name]

    drawn = PillowImage.open(BytesIO(pictures.png(drawing)))

    assert drawn.size == (1200, 675)
    assert len(drawn.getcolors(1_000_000) or []) > 3
    assert drawing.alt.endswith(".")
