"""Search as readers, front ends and editors meet it."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.contrib.search_promotions.models import Query, QueryDailyHits, SearchPromotion
from wagtail.models import PageViewRestriction, get_page_models

from cms.models import BasePage, StandardPage
from cms.searching import KINDS, count_search, excerpt, find, forget_old_counts, may_be_kept
from cms.tree import add_page

TODAY = datetime(2026, 11, 28, 12, tzinfo=UTC)


def titles(term):
    return [hit.title for hit in find(term, request=None, limit=20).hits]


def test_words_of_bodies_and_titles_are_found(write):
    write("Calves in week six", body=[("prose", "<p>The gastrocnemius tightens.</p>")])
    write("Sleep", intro="Rest.", body=[("prose", "<p>Eight hours.</p>")])

    assert titles("calves") == ["Calves in week six"]
    assert titles("GASTROCNEMIUS") == ["Calves in week six"]
    assert titles("calves week") == ["Calves in week six"]
    assert set(titles("hours gastrocnemius")) == {"Calves in week six", "Sleep"}


def test_drafts_private_and_hidden_pages_are_never_found(tree, write):
    write("Secret calves", live=False)
    private = write("Private calves")
    PageViewRestriction.objects.create(
        page_id=private.pk, restriction_type=PageViewRestriction.LOGIN
    )
    add_page(tree.home, StandardPage(title="Hidden calves", slug="hidden", noindex=True))

    assert titles("calves") == []


def test_a_page_gone_from_the_site_is_gone_from_search(write):
    page = write("Calves")
    assert titles("calves")

    page.unpublish()

    assert titles("calves") == []


def test_the_page_shows_what_was_found_with_the_words_marked(client, write):
    write("Shins", body=[("prose", "<p>Sore shins <b>heal</b> &amp; rest.</p>")])

    response = client.get("/search/?q=Shins")
    html = response.content.decode()

    assert 'href="/journal/shins/"' in html
    assert "Sore <mark>shins</mark> heal &amp; rest." in html
    assert '<meta name="robots" content="noindex, follow">' in html
    assert "public" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.parametrize(
    "asked",
    [
        "<script>alert(1)</script>",
        '" OR 1=1',
        "calves*",
        "NEAR(",
        "a AND",
        "-",
        "()",
        "%",
        "\\",
        "'",
    ],
)
def test_signs_are_words_or_nothing_and_never_markup(client, write, asked):
    write("Calves <script>alert(2)</script>", body=[("prose", "<p>a 1 script calves</p>")])

    response = client.get("/search/", {"q": asked})

    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


@given(st.text(max_size=60), st.text(max_size=20))
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
def test_an_excerpt_holds_no_markup_but_marks(text, term):
    if not term.strip():
        return
    from html.parser import HTMLParser

    class Seen(HTMLParser):
        tags: list = []

        def handle_starttag(self, tag, attrs):
            assert (tag, attrs) == ("mark", [])

    from cms.searching import tidy

    if any(sign.isalnum() for sign in tidy(term)):
        Seen().feed(excerpt(f"<b>{text}</b>", tidy(term)))


def test_every_kind_of_page_has_a_name_that_is_translated():
    kinds = {str(model._meta.verbose_name) for model in get_page_models() if model is not BasePage}

    assert kinds == set(KINDS)


def test_nothing_found_suggests_treatments(client, sports_page):
    html = client.get("/search/?q=zebra").content.decode()

    assert "Nothing has" in html
    assert 'href="/treatments/sports-massage/"' in html


def test_an_empty_question_is_a_form(client, tree):
    html = client.get("/search/").content.decode()

    assert 'name="q"' in html
    assert "Nothing has" not in html


def test_what_editors_put_first_comes_first_while_it_is_live(client, write):
    race = write("Race week")
    query = Query.get("taper")
    SearchPromotion.objects.create(query=query, page_id=race.pk, description="Read this first")
    SearchPromotion.objects.create(
        query=query, external_link_url="https://run.example/", external_link_text="The race"
    )

    html = client.get("/search/?q=Taper").content.decode()
    assert "Read this first" in html
    assert 'href="https://run.example/">The race' in html

    race.unpublish()

    assert "Read this first" not in client.get("/search/?q=taper").content.decode()


def test_results_turn_pages_and_cost_the_same_for_more(client, write, django_assert_num_queries):
    for number in range(3):
        write(f"Calves {number}")
    client.get("/search/?q=calves")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get("/search/?q=calves")
    for number in range(3, 14):
        write(f"Calves {number}")

    with django_assert_num_queries(len(few)):
        first = client.get("/search/?q=calves").content.decode()
    second = client.get("/search/?q=calves&page=2").content.decode()

    assert "14 pages with" in first
    assert first.count('<article class="card card--link">') == 10
    assert second.count('<article class="card card--link">') == 4
    assert client.get("/search/?q=calves&page=999").status_code == 200
    assert client.get("/search/?q=calves&page=x").status_code == 200


def test_terms_are_counted_by_day_and_nobody_is_named(client, write):
    write("Calves")
    client.get("/search/?q=Calves")
    client.get("/search/?q=++calves+")
    client.get("/api/v1/content/search/?q=calves")

    [hits] = QueryDailyHits.objects.all()
    assert (hits.query.query_string, hits.hits) == ("calves", 3)
    assert {field.name for field in QueryDailyHits._meta.fields} == {"id", "query", "date", "hits"}


@pytest.mark.parametrize(
    "term",
    ["ola@example.com", "0117 496 0123", "call +44 7700 900123", "a b c d e f g h i", "12/05/1984"],
)
def test_a_term_that_could_be_about_a_person_is_not_kept(term, db):
    assert not may_be_kept(term)
    count_search(term, at=TODAY)
    assert not Query.objects.exists()


@pytest.mark.parametrize("term", ["it band", "10k", "half marathon 2026", "fascia"])
def test_ordinary_terms_are_kept(term, db):
    count_search(term, at=TODAY)
    assert Query.objects.get().query_string == term


def test_a_flood_of_new_terms_fills_no_table(db, monkeypatch):
    monkeypatch.setattr("cms.searching.TERMS_A_DAY", 2)
    for term in ["calves", "shins", "hips", "calves"]:
        count_search(term, at=TODAY)

    assert set(Query.objects.values_list("query_string", flat=True)) == {"calves", "shins"}
    assert QueryDailyHits.objects.get(query__query_string="calves").hits == 2


def test_old_counts_are_forgotten_and_what_editors_chose_stays(db):
    QueryDailyHits.objects.create(query=Query.get("old"), date=date(2025, 1, 1))
    SearchPromotion.objects.create(query=Query.get("taper"), external_link_url="https://a.example/")

    forget_old_counts(at=TODAY)

    assert [query.query_string for query in Query.objects.all()] == ["taper"]


def test_a_front_end_gets_the_same(client, write):
    page = write("Shins", body=[("prose", "<p>Sore shins.</p>")])

    response = client.get("/api/v1/content/search/?q=shins&limit=5")

    assert response["Cache-Control"] == "public, max-age=60"
    data = response.json()
    assert (data["term"], data["count"]) == ("shins", 1)
    assert data["items"] == [
        {
            "id": page.pk,
            "kind": "article",
            "title": "Shins",
            "url": "http://localhost:8000/journal/shins/",
            "excerpt": "Why calves tighten. Sore <mark>shins</mark>.",
        }
    ]


@pytest.mark.parametrize("query", ["", "q=", "q=a&limit=0", "q=a&limit=101", "q=a&offset=-1"])
def test_a_wrong_question_is_refused(client, tree, query):
    assert client.get(f"/api/v1/content/search/?{query}").status_code == 400
