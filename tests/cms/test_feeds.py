"""The three feeds, held against what their specifications demand."""

import json
from datetime import date, datetime
from email.utils import parsedate_to_datetime

import pytest
from defusedxml import ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
PATHS = ["/journal/feed/", "/journal/feed/atom/", "/journal/feed/json/"]


@pytest.fixture
def journal(write, picture):
    write("Shins", tags=["shins"], published_on=date(2026, 5, 1))
    linked = write("Linked", tags=["calves"], published_on=date(2026, 6, 1))
    return write(
        "Calves & <control>\x0b",
        slug="calves",
        tags=["calves", "training"],
        hero_image=picture,
        hero_alt="Lanes",
        body=[
            ("prose", f'<p>See <a linktype="page" id="{linked.pk}">this</a>.</p>'),
            ("package_offer", {"package": "five-60"}),
        ],
    )


def xml(client, path):
    return ElementTree.fromstring(client.get(path).content)


def test_rss_has_what_rss_2_demands_and_the_full_text(client, journal):
    channel = xml(client, "/journal/feed/").find("channel")

    for name in ("title", "link", "description", "lastBuildDate", "language"):
        assert channel.findtext(name), name
    assert channel.find(f"{ATOM}link").get("href") == "http://localhost:8000/journal/feed/"
    items = channel.findall("item")
    assert [item.findtext("link") for item in items] == [
        f"http://localhost:8000/journal/{slug}/" for slug in ("calves", "linked", "shins")
    ]
    for item in items:
        assert item.findtext("guid") == item.findtext("link")
        parsedate_to_datetime(item.findtext("pubDate"))
    text = items[0].findtext(CONTENT)
    assert 'href="http://localhost:8000/journal/linked/"' in text
    assert 'src="http://localhost:8000/media/' in text
    assert "http://localhost:8000/packages/" in text
    assert "£" not in text
    assert "<svg" not in text


def test_atom_has_what_rfc_4287_demands(client, journal):
    feed = xml(client, "/journal/feed/atom/")

    for name in ("id", "title", "updated"):
        assert feed.findtext(ATOM + name), name
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    [self_link] = [each for each in feed.findall(f"{ATOM}link") if each.get("rel") == "self"]
    assert self_link.get("href") == "http://localhost:8000/journal/feed/atom/"
    entries = feed.findall(f"{ATOM}entry")
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 3
    for entry in entries:
        for name in ("title", "updated", "published", "content"):
            assert entry.findtext(ATOM + name), name
        assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated")).tzinfo
        assert entry.find(f"{ATOM}content").get("type") == "html"
    assert {each.get("term") for each in entries[0].findall(f"{ATOM}category")} == {
        "calves",
        "training",
    }


def test_json_feed_has_what_version_1_1_demands(client, journal):
    response = client.get("/journal/feed/json/")
    feed = json.loads(response.content)

    assert response["Content-Type"].startswith("application/feed+json")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "http://localhost:8000/journal/feed/json/"
    assert feed["items"][0]["title"] == "Calves & <control>"
    for item in feed["items"]:
        assert item["id"]
        assert item["content_html"]
        assert datetime.fromisoformat(item["date_published"]).tzinfo
        assert item["authors"] == [{"name": "Sana Iqbal"}]


@pytest.mark.parametrize("path", PATHS)
def test_a_topic_has_a_feed_of_its_own(client, journal, path):
    body = client.get(f"{path}?topic=shins").content.decode()

    assert "/journal/shins/" in body
    assert "/journal/linked/" not in body
    assert client.get(f"{path}?topic=nobody-wrote-of-this").status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_who_has_the_feed_already_is_told_so(client, journal, path):
    first = client.get(path)

    by_tag = client.get(path, headers={"If-None-Match": first["ETag"]})
    by_date = client.get(path, headers={"If-Modified-Since": first["Last-Modified"]})

    assert (by_tag.status_code, by_date.status_code) == (304, 304)
    assert first["Cache-Control"] == "public, max-age=60"
    assert not first.cookies


@pytest.mark.parametrize("path", PATHS)
def test_an_empty_journal_is_a_feed_that_stays_the_same(client, tree, path):
    assert client.get(path).content == client.get(path).content


@pytest.mark.parametrize("path", PATHS)
def test_a_feed_costs_the_same_for_more_articles(
    client, write, path, picture, django_assert_num_queries, django_assert_max_num_queries
):
    body = [("picture", {"image": {"image": picture, "alt_text": "Lanes"}, "caption": ""})]
    for number in range(2):
        write(f"Article {number}", body=body, tags=["calves"])
    client.get(path)
    with django_assert_max_num_queries(14) as few:
        client.get(path)
    for number in range(2, 7):
        write(f"Article {number}", tags=["calves"])

    with django_assert_num_queries(len(few)):
        client.get(path)


def test_pages_name_the_feeds_of_what_they_list(client, journal):
    def feeds(path):
        html = client.get(path).content.decode()
        return [line for line in html.splitlines() if 'rel="alternate"' in line and "feed" in line]

    assert len(feeds("/")) == 3
    assert all("topic=shins" in line for line in feeds("/journal/?topic=shins"))
