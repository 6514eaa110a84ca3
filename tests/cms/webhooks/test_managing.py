"""Webhooks in the admin and by API: the same acts, the same refusals."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from cms.models import ContentEvent, WebhookDelivery, WebhookEndpoint
from cms.webhooks.delivering import owe
from cms.webhooks.models import Happening

API = "/api/v1/webhooks/"
FORM = {"label": "App", "events": ["page.published"], "is_active": "on"}


@pytest.fixture
def manager(db):
    user = User.objects.create_user("mo@example.org", name="Mo", is_staff=True)
    verbs = ("add", "change", "delete", "view")
    codenames = ["access_admin", *(f"{verb}_webhookendpoint" for verb in verbs)]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def admin(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def failed(endpoint):
    """A delivery that was given up an hour ago."""
    at = timezone.now() - timedelta(hours=1)
    event = ContentEvent.objects.create(
        type=Happening.PUBLISHED, page={"path": "/x/"}, happened_at=at
    )
    owe(event=event, endpoints=[endpoint], at=at)
    WebhookDelivery.objects.update(given_up_at=at, given_up_because="Not taken.")
    return WebhookDelivery.objects.get()


def test_the_secret_is_shown_when_the_webhook_is_made_and_never_again(admin, receiver):
    made = admin.post(reverse("webhooks:add"), {**FORM, "url": receiver.url})
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.secret in made.content.decode()
    assert "no-store" in made["Cache-Control"]

    names = ("index",), ("edit", endpoint.pk), ("log", endpoint.pk), ("history", endpoint.pk)
    for name, *args in names:
        page = admin.get(reverse(f"webhooks:{name}", args=args))
        assert page.status_code == 200
        assert endpoint.secret not in page.content.decode()
    assert endpoint.events == ["page.published"]


def test_a_new_secret_is_shown_once_and_the_former_signs_along(admin, endpoint):
    former = endpoint.secret
    page = admin.post(reverse("webhooks:secret", args=[endpoint.pk])).content.decode()
    endpoint.refresh_from_db()
    assert endpoint.secret in page
    assert former not in page
    assert endpoint.secrets(timezone.now()) == [endpoint.secret, former]
    assert endpoint.secrets(timezone.now() + timedelta(hours=25)) == [endpoint.secret]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://receiver.example/", "https"),
        ("http://receiver.example/", "https"),
        ("https://user:word@receiver.example/", "user name"),
        ("https://receiver.example:22/", "port"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused_with_a_sentence(admin, settings, url, says):
    settings.LOCAL_WEBHOOKS_ALLOWED = False
    page = admin.post(reverse("webhooks:add"), {**FORM, "url": url})
    assert says in page.content.decode()
    sent = {"label": "App", "url": url, "events": ["page.moved"]}
    answer = admin.post(API, sent, content_type="application/json")
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_the_log_shows_what_became_of_each_and_sends_it_again(admin, failed, receiver):
    log = admin.get(reverse("webhooks:log", args=[failed.endpoint_id]), {"state": "failed"})
    assert "/x/" in log.content.decode()
    page = admin.get(reverse("webhooks:delivery", args=[failed.pk])).content.decode()
    assert "Not taken." in page

    admin.post(reverse("webhooks:replay", args=[failed.pk]))

    failed.refresh_from_db()
    assert (failed.state, failed.given_up_because) == ("waiting", "")


def test_everything_that_failed_since_a_moment_is_sent_again(admin, failed):
    address = reverse("webhooks:replay_failed", args=[failed.endpoint_id])
    later = timezone.localtime() - timedelta(minutes=30)
    admin.post(address, {"since": later.strftime("%Y-%m-%d %H:%M")})
    failed.refresh_from_db()
    assert failed.state == "failed"

    earlier = timezone.localtime() - timedelta(hours=2)
    admin.post(address, {"since": earlier.strftime("%Y-%m-%d %H:%M")})
    failed.refresh_from_db()
    assert failed.state == "waiting"

    assert "Enter a valid date" in admin.post(address, {"since": "soon"}).content.decode()


def test_a_test_is_sent_and_its_answer_shown(
    admin, endpoint, receiver, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post(reverse("webhooks:test", args=[endpoint.pk]), follow=True)
    assert receiver.told[0]["type"] == "webhook.test"
    assert receiver.told[0]["page"] is None
    page = admin.get(answer.redirect_chain[-1][0]).content.decode()
    assert "200" in page
    assert "Delivered" in page


@pytest.mark.parametrize("act", ["test", "replay"])
def test_nothing_is_sent_to_what_is_switched_off(admin, failed, act):
    WebhookEndpoint.objects.update(is_active=False)
    pk = failed.endpoint_id if act == "test" else failed.pk
    page = admin.post(reverse(f"webhooks:{act}", args=[pk]), follow=True)
    assert "Switch it on first" in page.content.decode()
    assert failed.event.deliveries.get().state == "failed"


@pytest.mark.parametrize("name", ["index", "log", "delivery"])
def test_others_do_not_see_webhooks(client, failed, name):
    editor = User.objects.create_user("ed@example.org", is_staff=True)
    editor.user_permissions.set(Permission.objects.filter(codename="access_admin"))
    client.force_login(editor)
    args = {"log": [failed.endpoint_id], "delivery": [failed.pk]}.get(name, [])
    assert client.get(reverse(f"webhooks:{name}", args=args)).status_code in (302, 403)
    assert client.get(API).status_code == 403


def test_the_log_costs_the_same_queries_however_long_it_is(admin, endpoint):
    def cost(deliveries):
        for number in range(deliveries):
            event = ContentEvent.objects.create(
                type=Happening.PUBLISHED, page={"path": f"/{number}/"}, happened_at=timezone.now()
            )
            owe(event=event, endpoints=[endpoint], at=event.happened_at)
        with CaptureQueriesContext(connection) as queries:
            page = admin.get(reverse("webhooks:log", args=[endpoint.pk]))
        assert page.status_code == 200
        return len(queries)

    cost(1)  # fills what is kept between requests
    assert cost(1) == cost(12)


def test_the_whole_life_by_api(admin, receiver, django_capture_on_commit_callbacks):
    def send(method, path="", body=None, expect=200):
        answer = getattr(admin, method)(f"{API}{path}", body, content_type="application/json")
        assert answer.status_code == expect, answer.content
        return answer.json() if answer.content else None

    wanted = {"label": "App", "url": receiver.url, "events": ["page.published"]}
    made = send("post", body=wanted, expect=201)
    one = f"{made['id']}/"
    assert made["secret"].startswith("whsec_")
    assert "secret" not in admin.get(API).json()[0]

    assert send("put", one, wanted | {"label": "Site"})["label"] == "Site"
    assert send("post", f"{one}secret/")["secret"] != made["secret"]
    with django_capture_on_commit_callbacks(execute=True):
        sent = send("post", f"{one}test/", expect=202)
    delivery = admin.get(f"{API}deliveries/{sent['id']}/").json()
    assert (delivery["state"], delivery["attempts"][0]["status"]) == ("delivered", 200)
    with django_capture_on_commit_callbacks(execute=True):
        send("post", f"deliveries/{sent['id']}/replay/", expect=202)
    assert [told["id"] for told in receiver.told] == [sent["event"]["id"]] * 2
    assert admin.get(f"{API}{one}deliveries/", {"state": "delivered"}).json()["count"] == 1
    assert send("post", f"{one}replay/", {"since": "2026-01-01T00:00:00Z"}) == {"sent_again": 0}
    send("delete", one, expect=204)
    assert not WebhookEndpoint.objects.exists()


def test_by_api_an_unknown_field_or_event_is_refused(admin, receiver):
    wanted = {"label": "App", "url": receiver.url, "events": ["page.published"]}
    for wrong in ({"secret": "mine"}, {"events": ["page.read"]}, {"events": []}):
        answer = admin.post(API, wanted | wrong, content_type="application/json")
        assert answer.status_code in (400, 422)
    assert not WebhookEndpoint.objects.exists()


def test_what_still_waits_cannot_be_repeated(admin, failed):
    WebhookDelivery.objects.update(given_up_at=None, given_up_because="")
    answer = admin.post(f"{API}deliveries/{failed.public_id}/replay/")
    assert (answer.status_code, answer.json()["code"]) == (409, "still_waiting")
