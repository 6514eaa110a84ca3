"""Sends what is owed, at least once: claimed, sent, written down.

A claim puts the next attempt past the time that one may take, in one conditional UPDATE: two
workers never make the same attempt, and when one dies between sending and writing down, the event
goes again under the same id.
"""

import json
import logging
import random
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task

from cms.webhooks.models import (
    TRIED_FOR,
    ContentEvent,
    DeliveryQuerySet,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from cms.webhooks.posting import Answer, post
from cms.webhooks.signing import HEADER, signature

log = logging.getLogger(__name__)

CLAIM: Final = timedelta(minutes=1)  # far above the ten seconds a receiver is given
REST: Final = timedelta(seconds=30)  # for an endpoint that did not answer at all
BACK_OFF_SECONDS: Final = (10, 30, 60, 120, 300, 600, 1200, 2400, 3600, 7200, 10_800)
JITTER: Final = 0.2  # a fifth either way, so that a hundred failures do not come back as one
ROUND_SECONDS: Final = 20.0  # of sending, before the other periodic jobs have their turn
KEPT_FOR: Final = timedelta(days=30)
GONE: Final = 410


def owe(*, event: ContentEvent, endpoints: Iterable[WebhookEndpoint], at: datetime) -> None:
    """Write what is to be sent, in the caller's transaction; a worker is asked once it holds."""
    for endpoint in endpoints:
        delivery = WebhookDelivery.objects.create(
            event=event, endpoint=endpoint, next_at=at, try_until=at + TRIED_FOR
        )
        ask_a_worker(delivery)


def ask_a_worker(delivery: WebhookDelivery) -> None:
    transaction.on_commit(partial(deliver_now.enqueue, delivery.pk), robust=True)


@task()
def deliver_now(pk: int) -> None:
    """Sends one delivery if it is due; whatever goes wrong, ``deliver_due`` comes by later."""
    deliver(pk, at=timezone.now())


def deliver_due(*, at: datetime) -> int:
    """Send what is due, in the order of the events; returns how many arrived."""
    _give_up_on_sleepers(at)
    started = time.monotonic()
    arrived = 0
    waiting = WebhookDelivery.objects.due(at).order_by("event_id", "pk")
    for pk in list(waiting.values_list("pk", flat=True)[:200]):
        passed = time.monotonic() - started
        if passed > ROUND_SECONDS:
            break
        # A slow receiver must not make the later leases of this round start in the past.
        arrived += deliver(pk, at=at + timedelta(seconds=passed))
    return arrived


def deliver(pk: int, *, at: datetime) -> bool:
    """One attempt, if it is due and nobody else is at it; whether it arrived."""
    attempt = _claim(pk, at=at)
    if attempt is None:
        return False
    delivery = attempt.delivery
    body = json.dumps(delivery.event.body(), ensure_ascii=False, separators=(",", ":")).encode()
    answer = post(
        url=delivery.endpoint.url,
        body=body,
        headers={
            HEADER: signature(body=body, secrets=delivery.endpoint.secrets(at), at=at),
            "Webhook-Id": str(delivery.event.public_id),
            "Webhook-Event": delivery.event.type,
            "Webhook-Attempt": str(attempt.number),
        },
    )
    _write_down(attempt, answer, at=at)
    return answer.is_yes


@transaction.atomic
def _claim(pk: int, *, at: datetime) -> WebhookAttempt | None:
    due = WebhookDelivery.objects.due(at).filter(pk=pk).values("pk")
    mine = WebhookDelivery.objects.filter(pk__in=due).filter(
        # Said again on the row itself: PostgreSQL looks at it anew after waiting for a lock.
        delivered_at=None,
        given_up_at=None,
        next_at__lte=at,
    )
    if not mine.update(next_at=at + CLAIM, attempts=F("attempts") + 1):
        return None
    delivery = WebhookDelivery.objects.select_related("event", "endpoint").get(pk=pk)
    return WebhookAttempt.objects.create(delivery=delivery, number=delivery.attempts, started_at=at)


@transaction.atomic
def _write_down(attempt: WebhookAttempt, answer: Answer, *, at: datetime) -> None:
    """What came of it. The endpoint may have been deleted meanwhile, and the delivery with it."""
    WebhookAttempt.objects.filter(pk=attempt.pk).update(
        took_ms=answer.took_ms,
        status=answer.status,
        answer=answer.beginning,
        trouble=answer.trouble,
    )
    waiting = WebhookDelivery.objects.waiting().filter(pk=attempt.delivery_id)
    if answer.is_yes:
        waiting.update(delivered_at=at)
    elif answer.status == GONE:
        stop(attempt.delivery.endpoint, "It answered 410: gone for good.", at=at)
    else:
        if answer.status is None:
            resting = WebhookEndpoint.objects.filter(pk=attempt.delivery.endpoint_id)
            resting.update(resting_until=at + REST)
        # Only while the claim is still ours: who took over after it ran out decides.
        _put_back(waiting.filter(attempts=attempt.number), attempt, at=at)


def _put_back(mine: DeliveryQuerySet, attempt: WebhookAttempt, *, at: datetime) -> None:
    last_moment = attempt.delivery.try_until
    if at >= last_moment:
        mine.update(
            given_up_at=at,
            given_up_because=f"Not taken in {attempt.number} attempts.",
        )
        return
    # A replay has a new day, and begins it with short waits: former tries do not count.
    tries = attempt.delivery.tries.filter(started_at__gte=last_moment - TRIED_FOR).count()
    wait = BACK_OFF_SECONDS[min(max(tries, 1), len(BACK_OFF_SECONDS)) - 1]
    again = at + timedelta(seconds=wait * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311
    mine.update(next_at=min(again, last_moment))


def stop(endpoint: WebhookEndpoint, because: str, *, at: datetime) -> None:
    """Send nothing more to an endpoint; what waits for it is given up and can be replayed."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(is_active=False, stopped_because=because)
    WebhookDelivery.objects.waiting().filter(endpoint=endpoint).update(
        given_up_at=at, given_up_because=because
    )
    log.warning("Webhook endpoint %s was switched off: %s", endpoint.public_id, because)


def _give_up_on_sleepers(at: datetime) -> None:
    """What waited its whole day for an endpoint that is switched off."""
    asleep = WebhookDelivery.objects.waiting().filter(endpoint__is_active=False, try_until__lte=at)
    asleep.update(given_up_at=at, given_up_because="The webhook was switched off.")


def forget_old(*, at: datetime) -> int:
    """Take away events a month old with their log, unless somebody is still to be told."""
    old = ContentEvent.objects.filter(happened_at__lt=at - KEPT_FOR)
    settled = old.exclude(deliveries__in=WebhookDelivery.objects.waiting())
    return settled.delete()[0]
