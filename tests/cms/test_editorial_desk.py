"""The editor's home: what waits, counted and linked, in as many queries as with nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.desk import desk_of
from cms.models import ArticlePage, BasePage

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def edith(db, django_user_model):
    user = django_user_model.objects.create(email="edith@example.com", name="Edith", is_staff=True)
    user.groups.add(Group.objects.get(name="Editors"))
    return user


@pytest.fixture
def draft(tree, edith):
    """A draft of Edith's; `describe` gives it what search results need."""

    def draft(title="Calves", *, by=edith, describe=True, **fields):
        page = ArticlePage(
            title=title, owner=by, live=False, intro="Why." if describe else "", **fields
        )
        tree.journal.refresh_from_db()
        tree.journal.add_child(instance=page)
        page.save_revision(user=by)
        return page

    return draft


def piles(user, at=None):
    return {pile.name: pile for pile in desk_of(user, at=at or timezone.now())}


def titles(pile):
    return [line.title for line in pile.lines]


def test_an_empty_desk_says_so_in_each_pile(tree, edith):
    BasePage.objects.filter(depth__gt=1).update(search_description="Words.")
    for page in BasePage.objects.filter(depth__gt=1).specific():
        page.save_revision()

    for pile in desk_of(edith, at=timezone.now()):
        assert (pile.name, pile.count, pile.lines) == (pile.name, 0, ())
        assert pile.empty.endswith(".")


def test_my_drafts_are_mine_and_neither_in_review_nor_scheduled(
    tree, edith, draft, django_user_model
):
    other = django_user_model.objects.create(email="max@example.com")
    draft("Mine")
    draft("Not mine", by=other)
    waiting = draft("In review")
    waiting.get_workflow().start(waiting, edith)
    later = draft("Later", go_live_at=timezone.now() + timedelta(days=1))
    later.latest_revision.publish()

    found = piles(edith)

    assert titles(found["drafts"]) == ["Mine"]
    assert titles(found["review"]) == ["In review"]
    assert "from Edith" in found["review"].lines[0].detail
    assert titles(found["scheduled"]) == ["Later"]


def test_scheduled_moments_carry_the_zone_of_the_practice(tree, edith, write):
    page = write()
    BasePage.objects.filter(pk=page.pk).update(expire_at=datetime(2027, 6, 1, 16, 30, tzinfo=UTC))

    [line] = piles(edith, AT)["scheduled"].lines

    assert line.detail == "ends 1 Jun 2027, 17:30 BST"
    assert line.url == f"/admin/pages/{page.pk}/edit/"


def test_a_page_ages_when_nobody_published_it_for_half_a_year(tree, edith, write):
    old, new = write("Old"), write("New")
    for page, days in [(old, 183), (new, 181)]:
        BasePage.objects.filter(pk=page.pk).update(last_published_at=AT - timedelta(days=days))

    assert titles(piles(edith, AT)["ageing"]) == ["Old"]


def test_withdrawn_offers_missing_descriptions_and_words_are_piled(
    tree, edith, draft, shop, picture
):
    draft("Names a package", body=names("ten-60"))
    draft("Silent", describe=False)
    draft("Wordless", hero_image=picture)
    draft("Decorated", hero_image=picture, hero_decorative=True)

    found = piles(edith)

    assert titles(found["withdrawn"]) == ["Names a package"]
    assert found["withdrawn"].lines[0].detail == "package ten-60"
    assert "Silent" in titles(found["descriptions"])
    assert "Wordless" not in titles(found["descriptions"])
    assert titles(found["pictures"]) == ["Wordless"]


def test_a_pile_shows_five_and_counts_all(tree, edith, draft):
    for number in range(7):
        draft(f"Draft {number}")

    pile = piles(edith)["drafts"]

    assert (pile.count, len(pile.lines)) == (7, 5)


def names(package):
    return [("package_offer", {"package": package, "note": ""})]


def test_the_desk_costs_the_same_for_one_page_and_for_twelve(tree, edith, draft, picture):
    draft("One", body=names("ten-60"), hero_image=picture, describe=False)

    def cost():
        with CaptureQueriesContext(connection) as asked:
            desk_of(edith, at=timezone.now())
        return len(asked)

    cost()  # what the person may do is asked once
    before = cost()
    for number in range(6):
        draft(f"Draft {number}", body=names(f"gone-{number}"), describe=False)
        page = draft(f"Waiting {number}")
        page.get_workflow().start(page, edith)

    assert cost() == before


def test_the_home_page_of_the_admin_shows_the_desk(tree, edith, draft, client):
    client.force_login(edith)
    draft("Calves & more")

    html = client.get("/admin/").content.decode()

    assert "My drafts" in html
    assert "Calves &amp; more" in html
    assert "Nothing waits for a review." in html


def test_somebody_who_writes_nothing_has_no_desk(tree, client, django_user_model):
    user = django_user_model.objects.create(email="mo@example.com", is_staff=True)
    user.groups.add(Group.objects.get(name="Managers"))
    client.force_login(user)

    assert desk_of(user, at=AT) == []
    assert "Your desk" not in client.get("/admin/").content.decode()
