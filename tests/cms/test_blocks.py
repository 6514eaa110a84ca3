"""Blocks that follow what is on offer, in the page and in the editor."""

import pytest
from django.core.exceptions import ValidationError
from wagtail.blocks import StreamValue

from cms.blocks import BodyBlock
from cms.references import package_choices, uses
from tests.cms.conftest import FIVE


@pytest.fixture
def offering(write):
    return write(
        body=[
            ("package_offer", {"package": "five-60", "note": "Worth it"}),
            ("next_times", {"title": "Book now", "service": "sports-massage"}),
            ("service_card", {"service": "sports-massage"}),
        ]
    )


def page_of(client):
    return client.get("/journal/calves-in-week-six/").content.decode()


def test_a_package_shows_the_price_it_has_when_it_is_served(client, offering, shop):
    assert "£265" in page_of(client)

    from dataclasses import replace

    shop.packages["five-60"] = replace(FIVE, price_minor=28000)

    html = page_of(client)
    assert "£280" in html
    assert "£265" not in html


def test_a_withdrawn_package_hides_its_block_and_leaves_the_rest(client, offering, shop):
    shop.packages.clear()

    html = page_of(client)

    assert "Worth it" not in html
    assert "five-60" not in html
    assert "Book now" in html


def test_the_editor_is_told_of_a_withdrawn_package(offering, shop, rf):
    shop.packages.clear()

    response = offering.make_preview_request()

    assert "not on sale now" in response.rendered_content
    assert ("five-60", "five-60 (not offered now: hidden on the site)") in package_choices()


def test_an_editor_can_save_a_page_that_names_a_withdrawn_package(offering, shop):
    shop.packages.clear()

    BodyBlock().child_blocks["package_offer"].clean(offering.body[0].value)


def test_a_package_that_never_was_is_refused(shop, tree):
    block = BodyBlock().child_blocks["package_offer"]

    with pytest.raises(ValidationError):
        block.clean(block.to_python({"package": "made-up", "note": ""}))


def test_free_times_hold_by_a_form_without_a_token(client, offering, shop):
    html = page_of(client)

    assert '<form method="post" action="/book/hold/">' in html
    for name, value in [("variant", "sports-massage-60"), ("therapist", "sana")]:
        assert f'<input type="hidden" name="{name}" value="{value}">' in html
    assert "csrfmiddlewaretoken" not in html
    assert [wanted.service for wanted in shop.asked] == ["sports-massage"]


def test_times_that_nobody_offers_hide_their_block(client, offering, shop):
    shop.times = None

    assert "Book now" not in page_of(client)


def test_an_article_without_times_shows_its_authors(client, write, shop):
    write()

    html = page_of(client)

    assert "Sana Iqbal: next free times" in html
    assert [wanted.therapist for wanted in shop.asked] == ["sana"]


def test_a_service_card_needs_an_offer_and_a_page(client, offering, sports_page, shop):
    assert 'href="/treatments/sports-massage/?via=' in page_of(client)
    shop.services.clear()
    assert 'href="/treatments/sports-massage/' not in page_of(client)


def test_where_a_package_is_used_is_known_drafts_included(offering, write):
    draft = write("Draft", live=False)
    draft.body = [("package_offer", {"package": "ten-60"})]
    draft.save_revision()

    assert [(use.title, use.code) for use in uses("package")] == [
        ("Calves in week six", "five-60"),
        ("Draft", "ten-60"),
    ]
    assert [use.page_id for use in uses("package", "ten-60")] == [draft.pk]


def test_every_block_has_a_name_an_icon_and_a_preview_that_renders(tree, rf):
    request = rf.get("/")
    request.is_preview = True
    for name, block in BodyBlock().child_blocks.items():
        assert block.meta.label, name
        assert block.meta.icon != "placeholder", name
        assert block.get_description(), name
        value = block.get_preview_value()
        html = block.render(value, context=block.get_preview_context(value, {"request": request}))
        assert html.strip() or name == "picture", name


def test_a_picture_without_words_is_refused_unless_it_is_decoration(picture):
    block = BodyBlock().child_blocks["picture"]

    def value(**image):
        return block.normalize({"image": {"image": picture, **image}, "caption": ""})

    block.clean(value(alt_text="Lanes", decorative=False))
    block.clean(value(alt_text="", decorative=True))
    with pytest.raises(ValidationError):
        block.clean(value(alt_text="", decorative=False))


def test_rich_text_is_kept_to_its_features(tree):
    prose = BodyBlock().child_blocks["prose"]

    assert prose.features == ["bold", "italic", "link", "document-link", "ol", "ul"]
    assert isinstance(BodyBlock().to_python([]), StreamValue)
