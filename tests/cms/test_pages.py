"""Pages as readers, search engines and caches meet them."""

import json
import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import PageViewRestriction

from cms.models import (
    ArticlePage,
    FormPage,
    HomePage,
    PolicyPage,
    ServicePage,
    StandardPage,
)
from cms.tree import add_page, ensure_tree

BUDGET = 12


def json_ld(html):
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return {data["@type"]: data for data in map(json.loads, found)}


def test_a_fresh_installation_shows_a_home_page_with_its_indexes(client, tree):
    assert client.get("/").status_code == 200
    for path in ["/treatments/", "/packages/", "/journal/", "/therapists/"]:
        assert client.get(path).status_code == 200, path


def test_pages_are_kept_in_their_places(tree):
    assert ArticlePage not in tree.treatments.creatable_subpage_models()
    assert not HomePage.can_create_at(tree.home)
    assert not type(tree.journal).can_create_at(tree.home)
    assert ServicePage.can_create_at(tree.treatments)
    assert StandardPage.can_create_at(tree.home)
    assert FormPage.can_create_at(tree.home)
    assert PolicyPage.can_create_at(tree.home)


def test_a_renamed_index_stays_the_only_one(tree):
    tree.journal.slug = "notes"
    tree.journal.save_revision().publish()

    assert ensure_tree().journal == tree.journal
    assert type(tree.journal).objects.count() == 1


def test_home_offers_treatments_times_and_the_newest_articles(client, sports_page, write):
    write("Older", published_on=date(2026, 1, 1))
    write("Newest", published_on=date(2026, 11, 1))
    write("Middle", published_on=date(2026, 6, 1))

    html = client.get("/").content.decode()

    assert "from £34" in html
    assert 'action="/book/hold/"' in html
    assert "Newest" in html
    assert "Middle" in html
    assert "Older" not in html


def test_an_article_says_who_when_and_how_long(client, write):
    long = "<p>" + "word " * 700 + "</p>"
    page = write(subtitle="And three things that help", body=[("prose", long)], tags=["calves"])

    html = client.get("/journal/calves-in-week-six/").content.decode()

    assert "<h1" in html
    assert "And three things that help" in html
    assert 'href="/therapists/sana-iqbal/?via=' in html
    assert "18\N{NO-BREAK SPACE}Nov\N{NO-BREAK SPACE}2026" in html
    assert "4 min read" in html
    assert "/journal/?topic=calves" in html
    assert page.reading_minutes == 4


def test_the_head_of_a_page_is_complete_without_an_editor_filling_it_in(client, write):
    write()

    html = client.get("/journal/calves-in-week-six/").content.decode()

    assert "<title>Calves in week six | Massage for Runners</title>" in html
    assert '<meta name="description" content="Why calves tighten.">' in html
    assert '<link rel="canonical" href="http://localhost:8000/journal/calves-in-week-six/">' in html
    assert '<meta property="og:title" content="Calves in week six">' in html
    data = json_ld(html)
    assert data["Article"]["headline"] == "Calves in week six"
    assert data["Article"]["author"]["name"] == "Sana Iqbal"
    assert [item["name"] for item in data["BreadcrumbList"]["itemListElement"]] == [
        "Home",
        "Journal",
        "Calves in week six",
    ]


def test_structured_data_cannot_break_out_of_its_element(client, write):
    write("Calves </script><script>alert(1)</script>", slug="calves")

    html = client.get("/journal/calves/").content.decode()

    assert "<script>alert" not in html
    assert json_ld(html)["Article"]["headline"] == "Calves </script><script>alert(1)</script>"


def test_home_and_treatments_tell_machines_what_they_are(client, sports_page):
    assert json_ld(client.get("/").content.decode())["HealthAndBeautyBusiness"]["telephone"]
    service = json_ld(client.get("/treatments/sports-massage/").content.decode())["Service"]
    assert service["offers"][1]["price"] == "58.00"
    assert service["offers"][1]["priceCurrency"] == "GBP"


@pytest.mark.parametrize("path", ["/", "/journal/", "/treatments/", "/packages/", "/therapists/"])
def test_public_pages_set_no_cookie_and_may_be_kept_by_any_cache(client, sports_page, write, path):
    write()

    response = client.get(path)

    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert "csrfmiddlewaretoken" not in response.content.decode()
    assert "max-age=60" in response.headers["Cache-Control"]
    assert "public" in response.headers["Cache-Control"]
    assert response.headers["ETag"]


def test_a_page_is_not_sent_again_while_it_is_the_same(client, write):
    write()
    first = client.get("/journal/calves-in-week-six/")

    second = client.get("/journal/calves-in-week-six/", headers={"If-None-Match": first["ETag"]})

    assert second.status_code == 304


def test_a_browser_with_a_session_keeps_pages_to_itself(client, write, django_user_model):
    write()
    client.force_login(django_user_model.objects.create(email="ola@example.com"))

    response = client.get("/journal/calves-in-week-six/")

    assert "public" not in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_pages_obey_the_content_security_policy(client, write, sports_page):
    write()
    for path in ["/", "/journal/calves-in-week-six/", "/treatments/sports-massage/", "/packages/"]:
        html = client.get(path).content.decode()
        assert not re.search(r"<[^>]+\sstyle=", html), path
        assert not re.search(r"<[^>]+\son[a-z]+=", html), path
        assert not re.search(r"<script(?![^>]*(src=|ld\+json))", html), path


def test_a_draft_is_not_found_nor_listed(client, write):
    write("Not yet", live=False)

    assert client.get("/journal/not-yet/").status_code == 404
    for path in ["/", "/journal/", "/journal/feed/", "/sitemap.xml"]:
        body = client.get(path).content.decode()
        assert "not-yet" not in body, path
        assert "Not yet" not in body, path


def test_a_page_below_an_unknown_one_is_not_found(client, write):
    write()

    assert client.get("/nowhere/calves-in-week-six/").status_code == 404
    assert client.get("/journal/calves-in-week-six/further/").status_code == 404


def test_a_private_page_is_neither_served_nor_listed(client, write):
    page = write("For members")
    PageViewRestriction.objects.create(page_id=page.pk, restriction_type=PageViewRestriction.LOGIN)

    response = client.get("/journal/for-members/")

    assert response.status_code == 302
    assert "public" not in response.headers.get("Cache-Control", "")
    assert "For members" not in client.get("/journal/").content.decode()
    assert "for-members" not in client.get("/sitemap.xml").content.decode()


def test_a_restriction_on_the_journal_holds_for_its_articles(client, tree, write):
    write()
    PageViewRestriction.objects.create(
        page_id=tree.journal.pk, restriction_type=PageViewRestriction.LOGIN
    )

    assert client.get("/journal/calves-in-week-six/").status_code == 302


def test_related_articles_share_a_tag_newest_first_without_the_article_itself(client, rf, write):
    page = write("Calves", tags=["calves", "training"])
    write("Old twin", tags=["calves"], published_on=date(2024, 5, 1))
    write("New twin", tags=["calves", "training"], published_on=date(2026, 5, 1))
    write("Stranger", tags=["sleep"])
    write("Draft twin", tags=["calves"], live=False)

    related = page.related(rf.get("/"))

    assert [card.title for card in related] == ["New twin", "Old twin"]


def test_a_topic_lists_its_articles_only(client, write):
    write("Calves", tags=["calves"])
    write("Sleep", tags=["sleep"])

    html = client.get("/journal/?topic=calves").content.decode()

    assert "Calves" in html
    assert 'href="/journal/sleep/"' not in html
    assert '<meta name="robots" content="noindex, follow">' in html


def test_the_journal_turns_pages(client, write):
    for number in range(14):
        write(f"Article {number:02}", published_on=date(2026, 1, 1 + number))

    first = client.get("/journal/").content.decode()
    second = client.get("/journal/?page=2").content.decode()

    assert "Article 13" in first
    assert "Article 01" not in first
    assert "Article 01" in second
    assert "Article 00" in second


def _rich_article(write, picture):
    link = '<p>See <a linktype="page" id="{}">this</a>.</p>'
    other = write("Linked", tags=["calves"])
    return write(
        "All of it",
        tags=["calves", "training"],
        hero_image=picture,
        hero_alt="Lanes",
        body=[
            ("heading", {"text": "Why", "number": None, "level": "2"}),
            ("prose", link.format(other.pk)),
            ("picture", {"image": {"image": picture, "alt_text": "Lanes"}, "caption": ""}),
            ("package_offer", {"package": "five-60"}),
        ],
    )


def test_an_article_page_stays_in_its_query_budget(
    client, write, picture, django_assert_max_num_queries
):
    _rich_article(write, picture)
    client.get("/journal/all-of-it/")  # draws the renditions once

    with django_assert_max_num_queries(BUDGET):
        assert client.get("/journal/all-of-it/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/journal/"])
def test_lists_ask_the_same_number_of_questions_for_more_articles(
    client, write, sports_page, path, django_assert_max_num_queries, django_assert_num_queries
):
    write("First", tags=["calves"])
    client.get(path)
    with django_assert_max_num_queries(BUDGET) as few:
        client.get(path)
    for number in range(8):
        write(f"More {number}", tags=["calves", f"tag {number}"])

    with django_assert_num_queries(len(few)):
        client.get(path)


def test_the_feed_has_full_text_and_absolute_addresses(client, write, picture):
    _rich_article(write, picture)

    response = client.get("/journal/feed/")

    assert response["Content-Type"].startswith("application/rss+xml")
    xml = response.content.decode()
    assert "<link>http://localhost:8000/journal/all-of-it/</link>" in xml
    assert "href=&quot;http://localhost:8000/journal/linked/&quot;" in xml or (
        'href="http://localhost:8000/journal/linked/"' in xml
    )
    assert "http://localhost:8000/media/" in xml
    assert "£" not in xml  # live offers stay on the site


def test_the_sitemap_lists_pages_and_leaves_out_those_that_ask(client, tree, write):
    write()
    add_page(tree.home, StandardPage(title="Hidden", slug="hidden", noindex=True))

    xml = client.get("/sitemap.xml").content.decode()

    assert "<loc>http://localhost:8000/journal/calves-in-week-six/</loc>" in xml
    assert "hidden" not in xml
    html = client.get("/hidden/").content.decode()
    assert '<meta name="robots" content="noindex">' in html


def test_robots_points_to_the_sitemap_and_away_from_accounts(client, db):
    text = client.get("/robots.txt").content.decode()

    assert "Sitemap: http://localhost:8000/sitemap.xml" in text
    assert "Disallow: /account/" in text


def test_two_home_pages_are_refused(tree):
    assert not HomePage.can_create_at(tree.home.get_parent())


def test_an_address_may_be_used_once_among_siblings(tree, write):
    write(slug="calves")
    with pytest.raises(ValidationError):
        tree.journal.add_child(instance=ArticlePage(title="Other", slug="calves"))


def test_a_page_that_moves_leaves_a_redirect(client, write, django_capture_on_commit_callbacks):
    page = write()
    page.slug = "calves"
    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision().publish()

    response = client.get("/journal/calves-in-week-six/")

    assert response.status_code == 301
    assert response["Location"].endswith("/journal/calves/")


def test_a_reader_sees_when_an_article_was_changed(client, write):
    page = write()
    assert "Updated" not in client.get("/journal/calves-in-week-six/").content.decode()

    page.first_published_at -= timedelta(days=40)
    page.save()

    html = client.get("/journal/calves-in-week-six/").content.decode()
    assert "Updated" in html
    assert 'property="article:modified_time"' in html


def test_the_first_picture_is_fetched_early_and_the_others_late(client, write, picture):
    block = ("picture", {"image": {"image": picture, "alt_text": "Lanes"}, "caption": ""})
    write(hero_image=picture, hero_alt="Lanes", body=[block])

    html = client.get("/journal/calves-in-week-six/").content.decode()

    assert 'rel="preload" as="image" type="image/avif" imagesrcset="/media/' in html
    first, second = (html.split("<picture>")[place].split("</picture>")[0] for place in (1, 2))
    assert 'fetchpriority="high"' in first
    assert "loading" not in first
    assert 'loading="lazy"' in second
    for shown in (first, second):
        assert 'type="image/avif"' in shown
        assert 'type="image/webp"' in shown
        assert re.search(r'<img[^>]* width="\d+"[^>]*', shown)
        assert "original_images" not in shown


def test_an_old_address_of_the_journal_leads_to_it(client, write):
    write("Massage for Runners")

    response = client.get("/blog/massage-for-runners/")

    assert (response.status_code, response["Location"]) == (301, "/journal/massage-for-runners/")
    assert client.get(response["Location"]).status_code == 200
