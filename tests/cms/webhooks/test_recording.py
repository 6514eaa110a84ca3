"""What is written down when pages change, and that it stands or falls with the change."""

import pytest
from django.db import transaction
from wagtail.signals import page_published

from cms.models import ContentEvent, WebhookDelivery, WebhookEndpoint
from cms.webhooks.models import Happening


@pytest.fixture
def quiet(db):
    """An endpoint that is told of everything; these tests never send."""
    return WebhookEndpoint.objects.create(
        label="All", url="https://receiver.example/", events=Happening.values
    )


def happened():
    return [(event.type, event.page["path"]) for event in ContentEvent.objects.order_by("pk")]


def test_publishing_a_page_tells_which_and_where_and_nothing_of_its_words(write, quiet):
    page = write("Calves in week six")

    event = ContentEvent.objects.get()
    body = event.body()
    assert (body["type"], body["id"], body["sequence"]) == (
        "page.published", str(event.public_id), event.pk,
    )  # fmt: skip
    assert body["page"] == {
        "id": page.pk,
        "type": "cms.ArticlePage",
        "url": "http://localhost:8000/journal/calves-in-week-six/",
        "path": "/journal/calves-in-week-six/",
        "locale": "en-gb",
    }
    assert body["happened_at"].endswith("+00:00")


def test_a_draft_is_nobodys_news(write, quiet):
    page = write("Not yet", live=False)
    ContentEvent.objects.all().delete()

    page.title = "Still not"
    page.save_revision()
    page.delete()

    assert happened() == []


def test_a_change_published_again_is_told_again(write, quiet):
    page = write()
    page.intro = "Another."
    page.save_revision().publish()
    assert [kind for kind, _ in happened()] == ["page.published", "page.published"]


def test_unpublishing_and_deleting_are_told(write, quiet):
    page, other = write("One"), write("Two")
    page.unpublish()
    other.delete()
    assert happened()[2:] == [
        ("page.unpublished", "/journal/one/"),
        ("page.deleted", "/journal/two/"),
    ]


def test_deleting_a_page_tells_of_each_live_page_below_it_once(tree, write, quiet):
    write("One")
    write("Two", live=False)
    ContentEvent.objects.all().delete()

    tree.journal.delete()

    assert sorted(happened()) == [
        ("page.deleted", "/journal/"),
        ("page.deleted", "/journal/one/"),
    ]


def test_another_slug_is_a_move_with_the_former_address(write, quiet):
    page = write("One")
    page.slug = "first"
    page.save_revision().publish()

    moved = ContentEvent.objects.get(type="page.moved").page
    assert (moved["previous_path"], moved["path"]) == ("/journal/one/", "/journal/first/")
    assert moved["previous_url"] == "http://localhost:8000/journal/one/"
    assert [kind for kind, _ in happened()] == ["page.published", "page.moved", "page.published"]


def test_moving_below_another_page_is_told_with_both_addresses(tree, write, quiet):
    page = write("One")
    page.move(tree.treatments, pos="last-child")

    moved = ContentEvent.objects.get(type="page.moved").page
    assert (moved["previous_path"], moved["path"]) == ("/journal/one/", "/treatments/one/")


def test_who_asked_for_something_else_is_not_told(write, quiet):
    quiet.events = ["page.deleted"]
    quiet.save()
    write()
    assert not ContentEvent.objects.exists()


def test_who_is_switched_off_is_not_told(write, quiet):
    quiet.is_active = False
    quiet.save()
    write()
    assert not ContentEvent.objects.exists()


class _RollBack(Exception):
    pass


def test_a_change_that_is_rolled_back_is_no_news(write, quiet):
    page = write()
    ContentEvent.objects.all().delete()

    def unpublish_and_fail():
        with transaction.atomic():
            page.unpublish()
            raise _RollBack

    with pytest.raises(_RollBack):
        unpublish_and_fail()

    page.refresh_from_db()
    assert page.live
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("breaks_at", ["the news", "after it"])
def test_the_page_does_not_change_when_its_news_cannot_be_written(
    write, quiet, monkeypatch, breaks_at
):
    page = write()
    count = ContentEvent.objects.count()
    page.title = "Changed"
    revision = page.save_revision()

    def broken(**kwargs):
        raise _RollBack

    if breaks_at == "the news":
        monkeypatch.setattr("cms.webhooks.recording.owe", broken)
    else:
        page_published.connect(broken)
    try:
        with pytest.raises(_RollBack):
            revision.publish()
    finally:
        page_published.disconnect(broken)

    page.refresh_from_db()
    assert page.title == "Calves in week six"
    assert ContentEvent.objects.count() == count
