"""At least once, signed, with back-off, for a day; over real HTTP."""

import hashlib
import hmac
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cms.models import ContentEvent, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from cms.webhooks import delivering, posting
from cms.webhooks.delivering import deliver, deliver_due, forget_old, owe
from cms.webhooks.managing import renew_secret, replay_failed
from cms.webhooks.models import Happening
from tests.cms.webhooks.conftest import NOON

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)


@pytest.fixture
def owed(endpoint):
    """Owe an event; the delivery."""

    def owed(to=endpoint, at=NOON):
        event = ContentEvent.objects.create(
            type=Happening.PUBLISHED, page_id=7, page={"path": "/journal/x/"}, happened_at=at
        )
        owe(event=event, endpoints=[to], at=at)
        return WebhookDelivery.objects.get(event=event)

    return owed


def verified(secret: str, header: str, body: bytes) -> bool:
    """The recipe of docs/webhooks.md, word for word."""
    parts = [part.split("=", 1) for part in header.split(",")]
    moment = next(value for name, value in parts if name == "t")
    expected = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    return any(name == "v1" and hmac.compare_digest(value, expected) for name, value in parts)


def test_it_arrives_signed_with_its_id_and_is_written_down(owed, receiver, endpoint):
    delivery = owed()

    assert deliver_due(at=NOON) == 1

    (headers, body), told = receiver.got[0], receiver.told[0]
    assert verified(endpoint.secret, headers["Webhook-Signature"], body)
    assert headers["Webhook-Signature"].startswith(f"t={int(NOON.timestamp())},")
    assert headers["Webhook-Id"] == told["id"] == str(delivery.event.public_id)
    assert (headers["Webhook-Event"], headers["Content-Type"]) == (
        "page.published", "application/json",
    )  # fmt: skip
    delivery.refresh_from_db()
    attempt = delivery.tries.get()
    assert delivery.state == "delivered"
    assert (attempt.status, attempt.answer, attempt.took_ms >= 0) == (200, "ok", True)
    assert deliver_due(at=NOON + HOUR) == 0


@pytest.mark.parametrize("change", ["body", "secret", "moment"])
def test_what_was_tampered_with_does_not_verify(owed, receiver, endpoint, change):
    owed()
    deliver_due(at=NOON)
    headers, body = receiver.got[0]
    header, secret = headers["Webhook-Signature"], endpoint.secret
    if change == "body":
        body = body.replace(b"journal", b"jurnal")
    elif change == "secret":
        secret = "whsec_other"
    else:
        header = header.replace("t=17", "t=18")
    assert not verified(secret, header, body)


def test_while_a_secret_is_changed_both_verify_and_later_only_the_new(owed, receiver, endpoint):
    former = endpoint.secret
    owed(), owed(at=NOON + DAY)
    new = renew_secret(endpoint=endpoint, by=None, at=NOON)

    deliver_due(at=NOON + HOUR)
    deliver_due(at=NOON + DAY + HOUR)

    signed = [
        [verified(one, headers["Webhook-Signature"], body) for one in (former, new)]
        for headers, body in receiver.got
    ]
    assert signed == [[True, True], [False, True]]


def test_errors_are_tried_again_until_it_is_taken(owed, receiver):
    delivery = owed()
    receiver.says((500, b"down", {}), 503, 200)
    at = NOON
    for _ in range(3):
        deliver_due(at=at)
        delivery.refresh_from_db()
        at = delivery.next_at

    assert delivery.state == "delivered"
    assert [(one.number, one.status) for one in delivery.tries.all()] == [
        (1, 500), (2, 503), (3, 200),
    ]  # fmt: skip
    assert delivery.tries.first().answer == "down"
    assert len({told["id"] for told in receiver.told}) == 1


def test_the_wait_grows_and_differs_a_little(owed, receiver):
    delivery = owed()
    receiver.says(*[500] * 30)
    at, waits = NOON, []
    for _ in range(8):
        deliver(delivery.pk, at=at)
        delivery.refresh_from_db()
        waits.append((delivery.next_at - at).total_seconds())
        at = delivery.next_at
    for wait, planned in zip(waits, delivering.BACK_OFF_SECONDS, strict=False):
        assert planned * 0.8 <= wait <= planned * 1.2
    assert waits[0] != delivering.BACK_OFF_SECONDS[0]


def test_after_a_day_it_is_given_up_and_can_be_replayed(owed, receiver, endpoint):
    delivery = owed()
    receiver.says(*[500] * 40)
    at = NOON
    while delivery.state == "waiting":
        deliver(delivery.pk, at=at)
        delivery.refresh_from_db()
        at = max(at, delivery.next_at)

    assert delivery.given_up_at == NOON + DAY
    assert 10 < delivery.attempts < 30
    assert "attempts" in delivery.given_up_because

    receiver.says(200)
    assert replay_failed(endpoint=endpoint, since=NOON, at=NOON + 2 * DAY) == 1
    assert deliver_due(at=NOON + 2 * DAY) == 1
    assert receiver.told[-1] == receiver.told[0]


def test_a_replay_waits_as_briefly_as_a_first_try(owed, receiver, endpoint):
    delivery = owed()
    receiver.says(*[500] * 40)
    at = NOON
    while delivery.state == "waiting":
        deliver(delivery.pk, at=at)
        delivery.refresh_from_db()
        at = max(at, delivery.next_at)
    again = NOON + 2 * DAY
    replay_failed(endpoint=endpoint, since=NOON, at=again)

    deliver(delivery.pk, at=again)

    delivery.refresh_from_db()
    assert (delivery.next_at - again).total_seconds() <= delivering.BACK_OFF_SECONDS[0] * 1.2


def test_no_answer_is_a_failure_and_lets_the_others_go_first(owed, receiver, monkeypatch):
    monkeypatch.setattr(posting, "TOTAL_SECONDS", 0.3)
    monkeypatch.setattr(posting.post, "__kwdefaults__", {"seconds": 0.3})
    receiver.silent_for = 5
    first, second = owed(), owed()

    deliver_due(at=NOON)

    first.refresh_from_db(), second.refresh_from_db()
    assert first.tries.get().trouble == "It took too long to answer."
    assert (first.state, second.attempts) == ("waiting", 0)  # it rests: the second was not tried


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(owed, receiver, status):
    delivery = owed()
    receiver.says((status, b"", {"Location": receiver.url}))
    deliver_due(at=NOON)
    assert len(receiver.got) == 1
    assert (delivery.tries.get().status, WebhookDelivery.objects.get().state) == (status, "waiting")


def test_of_a_long_answer_only_the_beginning_is_kept(owed, receiver):
    delivery = owed()
    receiver.says((500, b"<\x00b>" * 100_000, {}))
    deliver_due(at=NOON)
    answer = delivery.tries.get().answer
    assert len(answer) <= 500
    assert "\x00" not in answer


def test_gone_switches_the_endpoint_off_and_gives_up_what_waits(owed, receiver, endpoint):
    first, second = owed(), owed()
    receiver.says(410)
    deliver_due(at=NOON)
    endpoint.refresh_from_db()
    assert (endpoint.is_active, "410" in endpoint.stopped_because) == (False, True)
    assert len(receiver.got) == 1
    assert {one.state for one in WebhookDelivery.objects.all()} == {"failed"}
    assert first.pk != second.pk


def test_what_waits_for_an_endpoint_that_stays_off_is_given_up_after_its_day(owed, endpoint):
    delivery = owed()
    WebhookEndpoint.objects.update(is_active=False)
    deliver_due(at=NOON + HOUR)
    delivery.refresh_from_db()
    assert delivery.state == "waiting"
    deliver_due(at=NOON + DAY)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("failed", 0)


def test_deleting_an_endpoint_takes_what_waits_with_it(owed, receiver, endpoint):
    owed()
    endpoint.delete()
    assert deliver_due(at=NOON) == 0
    assert receiver.got == []


def test_deleting_an_endpoint_while_it_is_asked_does_no_harm(owed, endpoint, monkeypatch):
    delivery = owed()

    def post(**kwargs):
        endpoint.delete()
        return posting.Answer(3, 200)

    monkeypatch.setattr(delivering, "post", post)
    assert deliver(delivery.pk, at=NOON)
    assert not WebhookAttempt.objects.exists()


def test_a_second_worker_does_not_make_the_same_attempt(owed, monkeypatch):
    delivery = owed()
    sent = []

    def post(**kwargs):
        sent.append(kwargs["headers"]["Webhook-Attempt"])
        assert deliver_due(at=NOON) == 0  # the other worker, while ours is on its way
        assert not deliver(delivery.pk, at=NOON)
        return posting.Answer(3, 200)

    monkeypatch.setattr(delivering, "post", post)
    deliver_due(at=NOON)
    assert sent == ["1"]


def test_a_crash_between_sending_and_writing_down_sends_again(owed, receiver, monkeypatch):
    delivery = owed()

    def dies(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as doomed:
        doomed.setattr(delivering, "_write_down", dies)
        with pytest.raises(KeyboardInterrupt):
            deliver(delivery.pk, at=NOON)

    assert deliver_due(at=NOON) == 0  # it may still be on its way
    assert deliver_due(at=NOON + delivering.CLAIM) == 1
    assert [one.status for one in delivery.tries.all()] == [None, 200]
    assert [told["id"] for told in receiver.told] == [str(delivery.event.public_id)] * 2


def test_they_go_in_the_order_of_the_events(owed, receiver):
    for _ in range(3):
        owed()
    deliver_due(at=NOON)
    sequence = [told["sequence"] for told in receiver.told]
    assert sequence == sorted(sequence)
    assert len(sequence) == 3


@pytest.mark.parametrize(
    "url",
    ["http://receiver.example/", "https://127.0.0.1/", "https://localhost/", "https://10.0.0.8/x"],
)
def test_only_the_open_internet_over_https_is_asked(owed, endpoint, settings, url):
    settings.LOCAL_WEBHOOKS_ALLOWED = False
    WebhookEndpoint.objects.update(url=url)
    delivery = owed()
    deliver_due(at=NOON)
    attempt = delivery.tries.get()
    assert attempt.status is None
    assert attempt.trouble


def test_with_the_switch_only_this_machine_is_asked(owed, endpoint, receiver):
    WebhookEndpoint.objects.update(url="http://10.0.0.8:9/")
    delivery = owed()
    deliver_due(at=NOON)
    assert "open internet" in delivery.tries.get().trouble


def test_a_month_later_the_log_is_forgotten_but_nothing_that_waits(owed, receiver):
    old, waiting = owed(), owed()
    deliver(old.pk, at=NOON)
    owed(at=NOON + timedelta(days=20))

    forget_old(at=NOON + timedelta(days=31))

    assert not ContentEvent.objects.filter(pk=old.event_id).exists()
    assert ContentEvent.objects.filter(pk=waiting.event_id).exists()
    assert ContentEvent.objects.count() == 2
    assert not WebhookAttempt.objects.exists()


def test_the_database_refuses_a_second_telling_and_a_second_same_attempt(owed, endpoint):
    delivery = owed()
    with pytest.raises(IntegrityError, match=r"event_told_once|endpoint_id"), transaction.atomic():
        owe(event=delivery.event, endpoints=[endpoint], at=NOON)
    WebhookAttempt.objects.create(delivery=delivery, number=1, started_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        WebhookAttempt.objects.create(delivery=delivery, number=1, started_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        WebhookDelivery.objects.update(delivered_at=NOON, given_up_at=NOON)


def test_each_delivery_costs_the_same_queries(owed, receiver, django_assert_num_queries):
    for _ in range(3):
        owed()
    with django_assert_num_queries(2 + 3 * 9):  # looking, then claim and write-down of each
        deliver_due(at=NOON)
