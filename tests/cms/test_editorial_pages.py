"""Questions, places, and pictures that say what they show."""

import json
import re
from datetime import time

import pytest
from django.utils import translation
from wagtail.models import Locale, PageViewRestriction
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms import live
from cms.health import Matter, findings_of
from cms.models import (
    ArticlePage,
    BasePage,
    LocationIndexPage,
    LocationPage,
    QuestionsPage,
    StandardPage,
)
from cms.pages.locations import hours_in_words
from cms.tree import add_page
from scheduling.opening import OpenDay, Place
from tests.cms.test_editing import add_url, form

LONG_DAY = ((time(7), time(20, 30)),)
HARBOUR = Place(
    code="harbour",
    name="Harbour",
    address_lines=("3 Harbour Yard", "Bristol"),
    directions="The blue door.",
    zone="Europe/London",
    days=(
        *(OpenDay(day, LONG_DAY) for day in range(1, 6)),
        OpenDay(6, ((time(8), time(12)), (time(14), time(0)))),
    ),
)


def json_ld(html):
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return [json.loads(data) for data in found]


@pytest.fixture
def location(tree, monkeypatch):
    monkeypatch.setattr(live, "_places", lambda: [HARBOUR])
    index = add_page(tree.home, LocationIndexPage(title="Locations", slug="locations"))
    page = LocationPage(title="Harbour Yard", slug="harbour-yard", location_code="harbour")
    return add_page(index, page)


def test_a_place_shows_where_it_is_and_when_it_is_open(client, location):
    html = client.get("/locations/harbour-yard/").content.decode()

    assert "3 Harbour Yard<br>Bristol" in html
    assert "<dt>Monday to Friday</dt><dd>07:00 to 20:30</dd>" in html
    assert "<dt>Saturday</dt><dd>08:00 to 12:00, 14:00 to 24:00</dd>" in html
    assert "The blue door." in html
    assert 'action="/book/hold/"' in html


def test_a_place_tells_search_engines_its_hours(client, location):
    [data] = [
        each
        for each in json_ld(client.get("/locations/harbour-yard/").content.decode())
        if "openingHoursSpecification" in each
    ]

    assert data["address"]["addressLocality"] == "Bristol"
    assert data["openingHoursSpecification"][0] == {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": "https://schema.org/Monday",
        "opens": "07:00",
        "closes": "20:30",
    }
    assert len(data["openingHoursSpecification"]) == 7


def test_a_place_that_takes_no_bookings_says_so_and_leaves_the_list(client, location, monkeypatch):
    monkeypatch.setattr(live, "_places", list)
    assert "Harbour Yard" in client.get("/locations/").content.decode()
    monkeypatch.setattr(live, "_locations", dict)

    html = client.get("/locations/harbour-yard/").content.decode()

    assert "We take no bookings here at the moment." in html
    assert 'href="/locations/harbour-yard/"' not in client.get("/locations/").content.decode()


@pytest.mark.parametrize(
    ("days", "lines"),
    [
        ([], []),
        ([OpenDay(1, LONG_DAY), OpenDay(3, LONG_DAY)], ["Monday", "Wednesday"]),
        ([OpenDay(1, LONG_DAY), OpenDay(2, LONG_DAY)], ["Monday to Tuesday"]),
        ([OpenDay(6, LONG_DAY), OpenDay(7, ((time(9), time(12)),))], ["Saturday", "Sunday"]),
    ],
)
def test_days_share_a_line_when_they_follow_each_other_alike(days, lines):
    assert [line.days for line in hours_in_words(days)] == lines


def test_hours_are_said_in_the_language_of_the_page():
    with translation.override("de"):
        [line] = hours_in_words([OpenDay(1, LONG_DAY), OpenDay(2, LONG_DAY)])

    assert (line.days, line.times) == ("Montag bis Dienstag", "07:00 bis 20:30")


def test_a_place_in_two_languages_is_listed_once_in_each_and_a_private_one_not_at_all(
    client, location
):
    german = Locale.objects.create(language_code="de")
    page = location.copy_for_translation(german, copy_parents=True)
    BasePage.objects.filter(locale=german).update(live=True)
    BasePage.objects.filter(pk=page.pk).update(title="Am Hafen")
    index = BasePage.objects.get(pk=page.get_parent().pk)

    english, other = client.get("/locations/"), client.get(index.url)
    assert [each.title for each in english.context["locations"]] == ["Harbour Yard"]
    assert [each.title for each in other.context["locations"]] == ["Am Hafen"]
    PageViewRestriction.objects.create(page=location, restriction_type="login")
    assert client.get("/locations/").context["locations"] == []


def test_questions_are_a_page_and_structured_data(client, tree):
    items = [{"question": "Does it hurt?", "answer": "<p>Not <b>much</b>.</p>"}]
    page = QuestionsPage(
        title="Questions", slug="questions", groups=[("faq", {"title": "First", "items": items})]
    )
    add_page(tree.home, page)

    html = client.get("/questions/").content.decode()

    assert "<summary>Does it hurt?</summary>" in html
    [data] = [each for each in json_ld(html) if each["@type"] == "FAQPage"]
    assert data["mainEntity"][0]["name"] == "Does it hurt?"
    assert data["mainEntity"][0]["acceptedAnswer"]["text"] == "Not much."


def test_the_new_types_are_kept_in_their_places(tree, location):
    assert LocationPage not in tree.home.creatable_subpage_models()
    assert QuestionsPage in tree.home.creatable_subpage_models()
    assert not LocationIndexPage.can_create_at(tree.home), "there is one already"
    assert ArticlePage not in location.get_parent().specific.creatable_subpage_models()
    assert StandardPage not in tree.journal.creatable_subpage_models()


PUBLISH = {"action-publish": "action-publish"}


@pytest.mark.parametrize(
    ("alt", "decorative", "published"),
    [("Lanes at dusk", "", True), ("", "on", True), ("", "", False)],
)
def test_the_picture_at_the_top_has_words_or_is_decoration(
    client, tree, editor, picture, alt, decorative, published
):  # fmt: skip
    data = form(picture, hero_image=str(picture.pk), hero_alt=alt)
    data |= {"hero_decorative": decorative} if decorative else {}

    response = client.post(add_url(tree), data | PUBLISH)

    assert ArticlePage.objects.filter(live=True).exists() == published
    if not published:
        assert "mark it as only decoration" in response.content.decode()


def test_a_draft_with_a_picture_may_be_half_done(client, tree, editor, picture):
    client.post(add_url(tree), form(picture, hero_image=str(picture.pk)))

    page = ArticlePage.objects.get()
    assert not page.live
    assert Matter.ALT in {finding.matter for finding in findings_of(page)}


def test_a_place_is_chosen_from_what_is_open(client, tree, location, editor):
    parent = location.get_parent()
    fields = {
        "title": "Harbour too", "slug": "harbour-too", "location_code": "nowhere", "intro": "",
        "body": streamfield([]), "seo_title": "", "search_description": "", "social_image": "",
        "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0", "comments-MAX_NUM_FORMS": "",
    }  # fmt: skip
    address = f"/admin/pages/add/cms/locationpage/{parent.pk}/"

    assert '<option value="harbour">Harbour</option>' in client.get(address).content.decode()
    client.post(address, nested_form_data(fields | {"location_code": "harbour"}) | PUBLISH)
    assert LocationPage.objects.get(slug="harbour-too").live
