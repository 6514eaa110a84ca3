"""Content as a front end of its own reads it."""

import pytest
from django.core.signing import TimestampSigner
from wagtail.contrib.redirects.models import Redirect

from cms.models import ArticlePage

API = "/api/v1"


def block(page_json, kind):
    return next(each["value"] for each in page_json["body"] if each["type"] == kind)


@pytest.fixture
def full_article(write, picture):
    linked = write("Linked")
    hidden = write("Hidden draft", live=False)
    return write(
        "Calves",
        tags=["calves"],
        body=[
            ("heading", {"text": "Why", "number": 1, "level": "2"}),
            (
                "prose",
                f'<p><a linktype="page" id="{linked.pk}">live</a> and '
                f'<a linktype="page" id="{hidden.pk}">not live</a> and '
                f'<a linktype="page" id="999999">gone</a></p>',
            ),
            ("picture", {"image": {"image": picture, "alt_text": "Lanes"}, "caption": "Bend"}),
            ("package_offer", {"package": "five-60", "note": "Worth it"}),
            ("next_times", {"title": "Soon", "service": "sports-massage", "therapist": "sana"}),
            ("service_card", {"service": "sports-massage"}),
            ("faq", {"title": "", "items": [{"question": "Why?", "answer": "<p>So.</p>"}]}),
        ],
    )


def test_a_page_is_found_by_its_path_with_its_blocks(client, full_article):
    page = client.get(f"{API}/content/by-path/?path=/journal/calves/").json()

    assert page["title"] == "Calves"
    assert page["meta"]["type"] == "cms.ArticlePage"
    assert page["meta"]["html_url"] == "http://localhost:8000/journal/calves/"
    assert page["byline"] == "Sana Iqbal"
    assert page["tags"] == ["calves"]
    assert page["reading_minutes"] == 1
    assert block(page, "heading") == {"text": "Why", "number": 1, "level": "2"}


def test_the_same_page_comes_by_its_id(client, full_article):
    by_path = client.get(f"{API}/content/by-path/?path=/journal/calves/").json()
    by_id = client.get(f"{API}/pages/{full_article.pk}/").json()

    assert by_id == by_path


def test_links_in_text_are_absolute_and_only_to_live_pages(client, full_article):
    page = client.get(f"{API}/pages/{full_article.pk}/").json()

    assert block(page, "prose") == (
        '<p><a href="http://localhost:8000/journal/linked/">live</a> and not live and gone</p>'
    )


def test_links_on_the_site_too_lead_only_to_live_pages(client, full_article):
    html = client.get("/journal/calves/").content.decode()

    assert '<a href="/journal/linked/">live</a> and not live and gone' in html


def test_a_picture_comes_with_absolute_addresses_sizes_and_words(client, full_article):
    picture = block(client.get(f"{API}/pages/{full_article.pk}/").json(), "picture")

    assert picture["url"].startswith("http://localhost:8000/media/")
    assert (picture["width"], picture["height"]) == (800, 450)
    assert [each["width"] for each in picture["renditions"]] == [400, 800, 1200]
    assert picture["alt"] == "Lanes"
    assert picture["decorative"] is False
    assert picture["caption"] == "Bend"


def test_a_package_block_is_a_reference_with_todays_offer(client, full_article, shop):
    offer = block(client.get(f"{API}/pages/{full_article.pk}/").json(), "package_offer")

    assert offer["package"] == "five-60"
    assert offer["note"] == "Worth it"
    assert offer["offer"]["price_minor"] == 26500
    path = offer["href"].removeprefix("http://localhost:8000")
    assert client.get(path).json()["price_minor"] == 26500

    shop.packages.clear()

    gone = block(client.get(f"{API}/pages/{full_article.pk}/").json(), "package_offer")
    assert gone["offer"] is None
    assert gone["package"] == "five-60"
    assert client.get(path).status_code == 404


def test_a_times_block_leads_to_where_fresh_times_are(client, full_article, shop):
    times = block(client.get(f"{API}/pages/{full_article.pk}/").json(), "next_times")

    assert times["offer"]["times"][0]["hold_fields"]["therapist"] == "sana"
    path = times["href"].removeprefix("http://localhost:8000")
    assert path == f"{API}/content/offers/next-times/?service=sports-massage&therapist=sana"
    assert client.get(path).json()["times"][0]["therapist_name"] == "Sana Iqbal"


def test_drafts_are_not_found_by_path_or_id(client, write):
    page = write("Not yet", live=False)

    for path in ["/content/by-path/?path=/journal/not-yet/", f"/pages/{page.pk}/"]:
        assert client.get(API + path).status_code == 404


def test_a_preview_token_shows_one_draft_for_an_hour(client, write, monkeypatch):
    page = write("Not yet", live=False)
    page.title = "Nearly"
    token = page.create_page_preview().token

    answer = client.get(f"{API}/content/preview/", {"token": token})

    assert answer.json()["title"] == "Nearly"
    assert "no-store" in answer["Cache-Control"]
    assert ArticlePage.objects.get().title == "Not yet"
    assert client.get(f"{API}/content/preview/", {"token": token + "x"}).status_code == 404
    assert client.get(f"{API}/content/preview/", {"token": "made-up"}).status_code == 404
    old = TimestampSigner.timestamp
    monkeypatch.setattr(TimestampSigner, "timestamp", lambda self: "1aaaaa")
    ancient = page.get_preview_signer().sign(f"id={page.pk}")
    monkeypatch.setattr(TimestampSigner, "timestamp", old)
    page.update_page_preview(ancient)
    assert client.get(f"{API}/content/preview/", {"token": ancient}).status_code == 404


def test_articles_are_listed_as_cards_newest_first(client, write, django_assert_num_queries):
    for number in range(4):
        write(f"Article {number}", tags=["calves", "sleep"])
    client.get(f"{API}/content/articles/")
    with django_assert_num_queries(5):
        answer = client.get(f"{API}/content/articles/?limit=2").json()

    assert answer["count"] == 4
    assert [card["title"] for card in answer["items"]] == ["Article 3", "Article 2"]
    card = answer["items"][0]
    assert card["url"] == "http://localhost:8000/journal/article-3/"
    assert card["tags"] == ["calves", "sleep"]
    assert card["author"] == "Sana Iqbal"
    assert card["on"] == "2026-11-18"
    assert client.get(card["detail_url"].removeprefix("http://localhost:8000")).status_code == 200


def test_articles_by_topic_and_author(client, write):
    write("Calves", tags=["calves"])
    write("Sleep", tags=["sleep"], author=None, author_name="Somebody")

    def titles(query):
        items = client.get(f"{API}/content/articles/?{query}").json()["items"]
        return [card["title"] for card in items]

    assert titles("topic=calves") == ["Calves"]
    assert titles("author=sana") == ["Calves"]
    assert titles("topic=nothing") == []


@pytest.mark.parametrize("query", ["limit=101", "limit=0", "offset=-1"])
def test_what_cannot_be_asked_for_is_refused(client, tree, query):
    answer = client.get(f"{API}/content/articles/?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["loc"] == ["query", query.partition("=")[0]]


def test_navigation_and_site(client, tree, write):
    navigation = client.get(f"{API}/content/navigation/").json()
    site = client.get(f"{API}/content/site/").json()

    journal = next(item for item in navigation["main"] if item["label"] == "Journal")
    assert journal["url"] == "http://localhost:8000/journal/"
    assert journal["path"] == "/journal/"
    assert navigation["small_print"]
    assert site["name"] == "Massage for Runners"
    assert site["feed_url"] == "http://localhost:8000/journal/feed/"


def test_an_old_path_says_where_it_leads(client, tree, write):
    page = write()
    Redirect.add_redirect("/calves/", redirect_to=page)

    answer = client.get(f"{API}/content/redirect/?path=/calves/").json()

    assert answer["location"].endswith("/journal/calves-in-week-six/")
    assert answer["permanent"] is True
    assert client.get(f"{API}/content/redirect/?path=/other/").status_code == 404


def test_an_image_in_the_sizes_we_serve(client, tree, picture):
    answer = client.get(f"{API}/content/images/{picture.pk}/").json()

    assert [each["width"] for each in answer["renditions"]] == [400, 800, 1200]


@pytest.mark.parametrize("path", ["/content/articles/", "/content/site/", "/pages/"])
def test_public_answers_may_be_kept_and_asked_about(client, tree, path):
    answer = client.get(API + path)

    assert "public" in answer["Cache-Control"]
    assert not answer.cookies
    again = client.get(API + path, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("header", ["Authorization", "X-Session-Token"])
def test_an_answer_to_somebody_is_never_shared(client, tree, header):
    answer = client.get(f"{API}/pages/", headers={header: "Bearer made-up"})

    assert "private" in answer["Cache-Control"]
    assert "no-store" in answer["Cache-Control"]


def test_an_answer_to_a_session_is_never_shared(client, tree, django_user_model):
    client.force_login(django_user_model.objects.create(email="ola@example.com"))

    assert "private" in client.get(f"{API}/content/articles/")["Cache-Control"]
