"""Calls to action, therapist cards and films."""

import re

import pytest
from django.core.exceptions import ValidationError

from cms.blocks import BodyBlock
from cms.blocks.embeds import film_at
from cms.models import ArticlePage


def page_of(client):
    return client.get("/journal/calves-in-week-six/")


def block_of(name):
    return BodyBlock().child_blocks[name]


CALL = {"title": "Heavy legs?", "text": "See who is free.", "label": "Find a time"}


@pytest.mark.parametrize(
    ("aim", "leads_to"),
    [
        ({}, "/book/"),
        ({"service": "sports-massage"}, "/book/sports-massage-60/"),
        ({"package": "five-60"}, "/packages/five-60/buy/"),
    ],
)
def test_a_call_leads_to_what_is_on_offer_now(client, write, shop, aim, leads_to):
    page = write(body=[("call_to_action", CALL | aim)])

    # An article's links carry its number (docs/attribution.md).
    assert re.search(
        rf'href="{leads_to}\?via=[^"]+">Find a time</a>', page_of(client).content.decode()
    )
    [block] = page.body
    assert block.block.get_api_representation(block.value)["offer"] == {"url": leads_to}


def test_a_call_to_a_page_follows_it_and_hides_while_it_is_a_draft(client, write, sports_page):
    write(body=[("call_to_action", CALL | {"page": sports_page})])
    assert 'href="/treatments/sports-massage/?via=' in page_of(client).content.decode()

    sports_page.unpublish()

    assert "Heavy legs?" not in page_of(client).content.decode()


def test_a_call_to_a_page_asks_for_no_more_than_the_page(
    rf, write, sports_page, django_assert_num_queries
):
    page = write(body=[("call_to_action", CALL | {"page": sports_page})])
    [block] = ArticlePage.objects.get(pk=page.pk).body
    request = rf.get("/")
    sports_page.get_url(request)  # finds the roots of the site

    with django_assert_num_queries(0):
        assert block.value.target(request) == "/treatments/sports-massage/"


def test_a_call_to_a_withdrawn_package_is_hidden(client, write, shop):
    write(body=[("call_to_action", CALL | {"package": "five-60"})])
    shop.packages.clear()

    assert "Heavy legs?" not in page_of(client).content.decode()


@pytest.mark.parametrize("words", ["Now £49", "for 49 GBP", "€ 50 off", "only 20 pounds"])
def test_nobody_types_a_price_into_a_call(shop, tree, words):
    block = block_of("call_to_action")

    with pytest.raises(ValidationError):
        block.clean(block.to_python(CALL | {"title": words}))
    block.clean(block.to_python(CALL | {"title": "60 minutes for tired legs"}))


def test_a_call_has_one_aim(shop, sports_page):
    block = block_of("call_to_action")
    two = {"package": "five-60", "service": "sports-massage"}

    with pytest.raises(ValidationError):
        block.clean(block.to_python(CALL | two))


def test_a_therapist_is_shown_while_they_take_bookings(client, write, shop, sana, monkeypatch):
    from cms import live

    write(author=None, body=[("therapist", {"therapist": "sana", "note": "Ask about shins."})])
    html = page_of(client).content.decode()
    assert 'href="/therapists/sana-iqbal/?via=' in html
    assert "Ask about shins." in html

    monkeypatch.setattr(live, "_therapists", dict)

    assert "Ask about shins." not in page_of(client).content.decode()


TUBE = "youtube-nocookie.com/embed/dQw4w9WgXcQ"


@pytest.mark.parametrize(
    ("address", "player"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3", TUBE),
        ("https://youtu.be/dQw4w9WgXcQ", TUBE),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", TUBE),
        ("https://vimeo.com/76979871", "player.vimeo.com/video/76979871"),
        ("https://vimeo.com/channels/running/76979871", "player.vimeo.com/video/76979871"),
    ],
)
def test_films_of_known_providers_are_understood(address, player):
    assert player in film_at(address).player


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/watch?v=dQw4w9WgXcQ",
        "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
        "https://youtube.com/watch?v=short",
        "https://youtu.be/dQw4w9WgXcQ/../../x",
        "javascript:alert(1)",
        "https://vimeo.com/about",
    ],
)
def test_anything_else_is_no_film(address):
    assert film_at(address) is None


def test_a_film_loads_nothing_from_elsewhere_and_may_be_framed_on_its_page_only(client, write):
    film = {"address": "https://youtu.be/dQw4w9WgXcQ", "title": "A raise", "note": ""}
    write(body=[("embed", film)])
    write("Without", body=[("prose", "<p>Words.</p>")])

    response = page_of(client)
    html = response.content.decode()

    assert "<iframe" not in html
    assert 'src="https://' not in html
    assert '<a class="btn btn--go btn--big" href="https://youtu.be/dQw4w9WgXcQ"' in html
    assert "frame-src https://www.youtube-nocookie.com" in response["Content-Security-Policy"]
    assert "frame-src" not in client.get("/journal/without/")["Content-Security-Policy"]
    with pytest.raises(ValidationError):
        block_of("embed").clean(
            block_of("embed").to_python(film | {"address": "https://a.example"})
        )
