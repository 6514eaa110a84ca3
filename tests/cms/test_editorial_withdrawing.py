"""Before something goes off sale staff see where it is shown; after it, editors are told."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.roles import MANAGERS
from cms.desk import desk_of
from cms.models import ArticlePage
from cms.tree import add_page, ensure_tree
from payments import withdrawing
from payments.models import Package, Service
from tests.builders import make_package, make_service, make_variant


@pytest.fixture
def five(db):
    return make_package("five-60", name="Five sessions", units=5)


@pytest.fixture
def article(five):
    """Real offers: an article that names the package and the length."""
    body = [
        ("package_offer", {"package": "five-60", "note": ""}),
        ("next_times", {"title": "Soon", "service": "", "variant": "sports-60"}),
        ("service_card", {"service": "sports", "note": ""}),
    ]
    page = ArticlePage(title="Calves", intro="Why.", body=body)
    return add_page(ensure_tree().journal, page)


@pytest.fixture
def manager(client, django_user_model):
    user = django_user_model.objects.create_user("lea@example.org", name="Lea")
    user.groups.add(Group.objects.get(name=MANAGERS))
    client.force_login(user)
    return client


@pytest.fixture
def edith(django_user_model):
    user = django_user_model.objects.create(email="edith@example.com", name="Edith", is_staff=True)
    user.groups.add(Group.objects.get(name="Moderators"))
    return user


def sent(client, address, **changed):
    """The form as a browser sends it back, with some fields changed; None leaves one out."""
    form = client.get(address).context["form"]
    data = {}
    for bound in form:
        value = bound.value()
        if hasattr(value, "__iter__") and not isinstance(value, str):
            value = [getattr(each, "pk", each) for each in value]
        if value is not None and value is not False:
            data[bound.html_name] = value
    data |= changed
    return client.post(address, {key: value for key, value in data.items() if value is not None})


def test_the_pages_that_show_a_package_come_before_it_goes(manager, article, five):
    address = reverse("practice_packages:edit", args=[five.pk])

    asked = sent(manager, address, is_active=None)

    assert asked.status_code == 409
    html = asked.content.decode()
    assert f'<a href="/admin/pages/{article.pk}/edit/">Calves</a>: Package offer' in html
    five.refresh_from_db()
    assert five.is_active, "nothing is saved before the answer"
    carried = dict(asked.context["carried"])
    manager.post(address, carried | {"withdraw": "yes"})
    five.refresh_from_db()
    assert not five.is_active


@pytest.mark.parametrize(
    "change",
    [{"is_active": None}, {"visibility": "hidden"}, {"code": "six-60"}],
    ids=["off sale", "not online", "another code"],
)
def test_every_way_out_of_sight_is_asked_about(manager, article, five, change):
    address = reverse("practice_packages:edit", args=[five.pk])
    assert sent(manager, address, **change).status_code == 409


def test_a_service_takes_its_lengths_along(manager, article):
    service = Service.objects.get(code="sports")

    asked = sent(manager, reverse("practice_services:edit", args=[service.pk]), is_active=None)

    assert asked.status_code == 409
    where = {mention.where for mention in asked.context["mentions"]}
    assert where == {"Service card", "Book now: next free times"}


def test_what_no_page_shows_and_what_stays_on_sale_is_saved_at_once(manager, article, five):
    other = make_package("ten-60", name="Ten", units=10)
    assert (
        sent(
            manager, reverse("practice_packages:edit", args=[other.pk]), is_active=None
        ).status_code
        == 302
    )
    assert (
        sent(manager, reverse("practice_packages:edit", args=[five.pk]), name="Five").status_code
        == 302
    )
    assert not Package.objects.get(pk=other.pk).is_active
    assert Package.objects.get(pk=five.pk).name == "Five"


def test_after_it_the_block_hides_and_the_editors_are_told(article, five, edith, client):
    assert "Five sessions" in client.get("/journal/calves/").content.decode()
    Package.objects.filter(pk=five.pk).update(is_active=False)

    assert "Five sessions" not in Client().get("/journal/calves/").content.decode()
    client.force_login(edith)
    html = client.get(f"/admin/pages/{article.pk}/edit/").content.decode()
    assert "Readers do not see everything on this page." in html
    assert "<code>five-60</code>" in html
    desk = {pile.name: pile for pile in desk_of(edith, at=timezone.now())}
    assert [line.title for line in desk["withdrawn"].lines] == ["Calves"]


def test_a_page_without_trouble_has_no_warning(article, five, edith, client):
    make_service()
    make_variant()
    client.force_login(edith)

    html = client.get(f"/admin/pages/{article.pk}/edit/").content.decode()

    assert "Readers do not see everything" not in html


def test_a_draft_and_an_older_live_version_count_both(article, five):
    article.body = [("package_offer", {"package": "ten-60", "note": ""})]
    article.save_revision()

    assert [m.title for m in withdrawing.mentions("package", "five-60")] == ["Calves"]
    assert [m.title for m in withdrawing.mentions("package", "ten-60")] == ["Calves"]
    assert withdrawing.mentions("package", "twelve-60") == []
