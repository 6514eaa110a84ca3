"""The demo's site is whole, honest and loaded once."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image as PillowImage
from wagtail.images.models import Image

from cms.demo import HERE, load_demo_content
from cms.demo_content import pictures
from cms.models import ArticlePage, BasePage, HomePage, TherapistPage
from tests.builders import make_policy

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def demo(tree, monkeypatch):
    """Loaded with small pictures: drawing the real ones takes seconds."""
    small = BytesIO()
    PillowImage.new("RGB", (160, 90)).save(small, "PNG")
    monkeypatch.setattr(pictures, "png", lambda drawing: small.getvalue())
    make_policy("standard")
    load_demo_content(at=NOON, by=None)


def test_every_page_of_the_demo_opens(client, demo):
    pages = BasePage.objects.live().filter(depth__gte=2)

    assert pages.count() >= 22
    for page in pages:
        assert client.get(page.url).status_code == 200, page.url


def test_loading_it_again_changes_nothing(demo):
    def state():
        pages = BasePage.objects.order_by("pk").values_list("pk", "latest_revision", "url_path")
        return list(pages), Image.objects.count()

    before = state()

    load_demo_content(at=NOON, by=None)

    assert state() == before


def test_a_page_an_editor_changed_stays_changed(demo):
    home = HomePage.objects.get()
    home.headline = "Ours now"
    home.save_revision().publish()

    load_demo_content(at=NOON, by=None)

    assert HomePage.objects.get().headline == "Ours now"


def test_articles_are_long_enough_to_say_something_and_name_their_sources(demo):
    articles = ArticlePage.objects.all()

    assert articles.count() == 6
    for article in articles:
        assert 500 <= len(article.words()) <= 950, (article.title, len(article.words()))
        assert len(article.sources) >= 3, article.title
        assert article.author, article.title
        assert any(block.block_type == "red_flag" for block in article.body), article.title


@pytest.mark.parametrize("file", sorted(HERE.glob("*/*.txt")), ids=lambda file: file.stem)
def test_words_of_the_demo_keep_to_the_voice(file):
    words = file.read_text().lower()

    for never in ["!", "journey", "wellness", "unlock", "cures"]:
        assert never not in words


def test_links_between_demo_pages_lead_somewhere(client, demo):
    html = client.get("/journal/race-week/").content.decode()

    assert 'href="/journal/what-massage-does-after-a-hard-run/"' in html


def test_the_four_therapists_have_a_page_each(demo):
    codes = TherapistPage.objects.live().values_list("therapist_code", flat=True)

    assert set(codes) == {"imre", "sana", "joss", "mara"}


@pytest.mark.parametrize("name", pictures.DRAWINGS)
def test_drawings_are_real_pictures_with_words(name):
    drawing = pictures.DRAWINGS[name]

    drawn = PillowImage.open(BytesIO(pictures.png(drawing)))

    assert drawn.size == (1600, 900)
    assert len(drawn.getcolors(1_000_000) or []) > 3
    assert drawing.alt.endswith(".")
