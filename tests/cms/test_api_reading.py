"""What a front end may ask of pages, images and addresses, and what it is refused."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from cms.models import ArticlePage, StandardPage
from cms.tree import add_page

API = "/api/v1"
LOCKED = {"restriction_type": "login"}


def titles(client, query):
    answer = client.get(f"{API}/pages/?{query}")
    assert answer.status_code == 200, answer.content
    return [item["title"] for item in answer.json()["items"]]


# --- Asking --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/pages/?tag=calves", "tag"),
        ("/pages/?tags=calves", "tags"),  # only of a type that has tags
        ("/pages/?type=cms.ArticlePage&body=x", "body"),
        ("/pages/?type=cms.ArticlePage&published_on__gte=2026-01-01", "published_on__gte"),
        ("/pages/?live=false", "live"),
        ("/pages/find/?html_path=/journal/&x=1", "x"),
        ("/images/?colection=1", "colection"),
        ("/documents/?q=plan", "q"),
        ("/redirects/?path=/a", "path"),
        ("/content/articles/?tag=calves", "tag"),
        ("/content/site/?x=1", "x"),
        ("/content/offers/next-times/?serviec=a", "serviec"),
    ],
)
def test_what_nobody_reads_is_refused_by_its_name(client, tree, address, field):
    answer = client.get(API + address)

    assert answer.status_code == 400
    assert answer.json()["code"] == "unknown_field"
    assert answer.json()["errors"][0]["loc"] == ["query", field]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=101", "limit"),
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("offset=-1", "offset"),
        ("offset=99999999999999999999", "offset"),
        ("order=bogus", "order"),
        ("order=random&offset=2", "order"),
        ("type=cms.Nothing", "type"),
        ("locale=xx", "locale"),
        ("site=elsewhere.example", "site"),
        ("child_of=99999", "child_of"),
        ("search_operator=xor", "search_operator"),
        ("type=cms.ArticlePage&author=sana", "author"),
        ("type=cms.ArticlePage&author=99999999999999999999", "author"),
    ],
)
def test_what_cannot_be_meant_is_400_with_the_field(client, tree, query, field):
    answer = client.get(f"{API}/pages/?{query}")

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_query"
    assert answer.json()["errors"][0]["loc"][:2] == ["query", field]


@pytest.mark.parametrize("site", ["elsewhere.example", "localhost:hold", ":hold"])
def test_a_site_that_is_none_is_400_when_a_page_is_sought(client, tree, site):
    answer = client.get(f"{API}/pages/find/", {"html_path": "/journal/", "site": site})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["loc"] == ["query", "site"]


def test_a_date_that_is_none_is_400(client, tree):
    answer = client.get(f"{API}/pages/?type=cms.ArticlePage&published_on=soon")

    assert answer.status_code == 400
    assert "soon" in answer.json()["errors"][0]["msg"]


def test_pages_by_type_tag_place_and_search(client, write, tree):
    write("Calves", tags=["legs"])
    write("Sleep", tags=["rest"], intro="Nothing about muscles.")

    assert titles(client, "type=cms.ArticlePage&order=title") == ["Calves", "Sleep"]
    assert titles(client, "type=cms.ArticlePage&tags=legs") == ["Calves"]
    assert titles(client, f"child_of={tree.journal.pk}&order=-title") == ["Sleep", "Calves"]
    assert titles(client, "search=calves") == ["Calves"]
    assert titles(client, "search=calves&order=title") == ["Calves"]
    assert titles(client, "type=cms.ArticlePage&locale=en-gb&limit=1&offset=1") == ["Sleep"]


def test_pages_of_equal_titles_keep_their_places(client, write):
    ids = [write("Same", slug=f"same-{number}").pk for number in range(5)]

    seen = [
        client.get(f"{API}/pages/?type=cms.ArticlePage&order=title&limit=1&offset={place}").json()[
            "items"
        ][0]["id"]
        for place in range(5)
    ]

    assert seen == sorted(ids)


def test_a_list_of_pages_costs_the_same_however_long(client, write):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(f"{API}/pages/?limit=20").status_code == 200
        return len(caught)

    write("One")
    queries()
    few = queries()
    for number in range(12):
        write(f"Another {number}")

    assert queries() == few <= 6


@pytest.mark.parametrize("number", ["0", "99999999999999999999999999", "nine"])
def test_an_address_of_no_page_is_404(client, tree, number):
    assert client.get(f"{API}/pages/{number}/").status_code == 404


# --- What the public does not see ----------------------------------------------------------------
def test_a_private_page_and_what_is_below_it_are_not_there(client, tree, write):
    article = write("Members only")
    PageViewRestriction.objects.create(page=tree.journal, **LOCKED)

    for path in (
        f"/pages/{article.pk}/",
        f"/pages/{tree.journal.pk}/",
        "/pages/find/?html_path=/journal/members-only/",
        "/content/by-path/?path=/journal/members-only/",
        f"/pages/{article.pk}/?version=draft",
    ):
        assert client.get(API + path).status_code == 404
    assert "Members only" not in titles(client, "limit=100")
    menu = client.get(f"{API}/content/navigation/").json()["main"]
    assert "Journal" not in [item["label"] for item in menu]


def test_a_page_below_an_unpublished_one_says_nothing_of_it(client, tree, write):
    article = write("Still here")
    tree.journal.unpublish()

    by_id = client.get(f"{API}/pages/{article.pk}/")

    assert by_id.status_code == 200
    assert by_id.json()["meta"]["parent"] is None
    assert "Journal" not in by_id.content.decode()


def test_the_root_of_all_pages_is_nobodys_parent(client, tree):
    assert client.get(f"{API}/pages/{tree.home.pk}/").json()["meta"]["parent"] is None


def test_an_alias_says_nothing_of_an_original_that_is_not_public(client, tree, write):
    original = write("Secret original")
    alias = original.create_alias(parent=tree.journal, update_slug="shown")
    ArticlePage.objects.filter(pk=original.pk).update(live=False)

    shown = client.get(f"{API}/pages/{alias.pk}/")

    assert shown.status_code == 200
    assert shown.json()["meta"]["alias_of"] is None


@pytest.fixture
def locked_collection(db):
    collection = Collection.get_first_root_node().add_child(name="Staff")
    CollectionViewRestriction.objects.create(collection=collection, **LOCKED)
    return collection


def test_images_and_documents_of_a_locked_collection_are_not_there(
    client, tree, picture, locked_collection
):
    Image.objects.update(collection=locked_collection)
    document = Document.objects.create(title="Plan", collection=locked_collection)

    assert client.get(f"{API}/content/images/{picture.pk}/").status_code == 404
    assert client.get(f"{API}/images/{picture.pk}/").status_code == 404
    assert client.get(f"{API}/documents/{document.pk}/").status_code == 404
    assert client.get(f"{API}/images/").json()["count"] == 0


# --- Around the pages ----------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/calves", "/calves/", "calves/"])
def test_an_old_path_is_found_with_and_without_its_slash(client, write, path):
    Redirect.add_redirect("/calves/", redirect_to=write())

    ours = client.get(f"{API}/content/redirect/", {"path": path})
    wagtails = client.get(f"{API}/redirects/find/", {"html_path": path})

    assert ours.json()["location"] == "http://localhost:8000/journal/calves-in-week-six/"
    assert wagtails.status_code == 302


def test_an_old_path_to_a_page_that_is_not_published_leads_nowhere(client, write):
    Redirect.add_redirect("/calves/", redirect_to=write(live=False))

    assert client.get(f"{API}/content/redirect/?path=/calves/").status_code == 404


def test_the_menu_has_levels_and_costs_one_query_for_all(
    client, tree, sports_page, django_assert_num_queries
):
    type(sports_page).objects.update(show_in_menus=True)
    hidden = add_page(tree.home, StandardPage(title="Hidden", slug="hidden", show_in_menus=True))
    hidden.unpublish()
    client.get(f"{API}/content/navigation/")

    with CaptureQueriesContext(connection) as before:
        menu = client.get(f"{API}/content/navigation/").json()["main"]
    type(sports_page).objects.update(show_in_menus=False)
    with django_assert_num_queries(len(before)):
        client.get(f"{API}/content/navigation/")

    treatments = next(item for item in menu if item["label"] == "Treatments")
    assert [item["path"] for item in treatments["children"]] == ["/treatments/sports-massage/"]
    assert "Hidden" not in [item["label"] for item in menu]


def test_the_blocks_are_described_for_those_who_write_them(client, tree):
    answer = client.get(f"{API}/content/blocks/").json()

    body = next(each for each in answer if each["type"] == "cms.ArticlePage")["blocks"]
    heading = next(block for block in body if block["name"] == "heading")
    assert heading["kind"] == "object"
    assert {child["name"]: child["required"] for child in heading["children"]} == {
        "text": True,
        "number": False,
        "level": True,
    }
    level = next(child for child in heading["children"] if child["name"] == "level")
    assert level["choices"] == ["2", "3"]
