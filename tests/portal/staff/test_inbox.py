"""Stripe's events before staff: what failed, and another go."""

from payments import inbox, polling
from payments.models import CreditLot, StripeEvent

Status = StripeEvent.Status


def test_a_failed_event_is_shown_and_its_replay_has_its_effect_once(bookkeeper, shop):
    shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    shop.deliver(event)
    StripeEvent.objects.filter(pk=event["id"]).update(
        status=Status.FAILED, error="Traceback\nGatewayDown: no answer"
    )

    page = bookkeeper.get("/staff/events/").content.decode()
    assert event["id"] in page
    assert "GatewayDown: no answer" in page
    for _ in range(2):
        bookkeeper.post(f"/staff/events/{event['id']}/replay/")
    assert StripeEvent.objects.get(pk=event["id"]).status == Status.DONE
    assert CreditLot.objects.count() == 1
    assert event["id"] not in bookkeeper.get("/staff/events/").content.decode()
    assert event["id"] in bookkeeper.get("/staff/events/?all=1").content.decode()


def test_a_replay_that_fails_says_so(bookkeeper, shop, monkeypatch):
    shop.paid_checkout()
    polling.poll_events(at=shop.at)
    event = StripeEvent.objects.get(type="checkout.session.completed")

    def refuse(object_id, at):
        raise RuntimeError("still not there")

    monkeypatch.setitem(inbox.HANDLERS, event.type, refuse)
    response = bookkeeper.post(f"/staff/events/{event.pk}/replay/", follow=True)

    assert "failed again: RuntimeError: still not there" in response.content.decode()


def test_an_unknown_event_is_not_found(bookkeeper, db):
    assert bookkeeper.post("/staff/events/evt_nothing/replay/").status_code == 404


def test_the_list_costs_the_same_however_long(bookkeeper, shop, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as queries:
        bookkeeper.get("/staff/events/?all=1")
    before = len(queries)
    for _ in range(2):
        shop.paid_checkout()
    shop.handle_all()
    assert StripeEvent.objects.count() > 5

    with django_assert_max_num_queries(before + 1):  # the rows after their count
        bookkeeper.get("/staff/events/?all=1")
