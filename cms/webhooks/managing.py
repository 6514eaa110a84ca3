"""What staff do about webhooks: a new secret, a test, and sending again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from wagtail.log_actions import log

from accounts.models import User
from cms.webhooks.delivering import ask_a_worker, owe
from cms.webhooks.models import (
    TEST,
    TRIED_FOR,
    ContentEvent,
    Happening,
    WebhookDelivery,
    WebhookEndpoint,
)
from cms.webhooks.signing import new_secret

OVERLAP: Final = timedelta(hours=24)  # a former secret signs along for so long
MANAGE: Final = "cms.change_webhookendpoint"


class WebhookError(Exception):
    """``str()`` is a sentence for the person."""


class SwitchedOff(WebhookError):
    """The webhook is off; nothing can be sent to it."""


class StillWaiting(WebhookError):
    """The delivery has not been settled yet; it is tried again by itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An endpoint as somebody asks for it; its form has been looked at."""

    label: str
    url: str
    events: tuple[Happening, ...]
    is_active: bool = True


def require_manager(user: Any) -> User:
    """
    Raises:
        PermissionDenied: webhooks are not theirs to manage.
    """
    if not isinstance(user, User) or not user.has_perm(MANAGE):
        raise PermissionDenied("Webhooks are for those who manage the site.")
    return user


@transaction.atomic
def add_endpoint(*, wanted: Wanted, by: User) -> WebhookEndpoint:
    """A new endpoint. Its ``secret`` is to be shown now: nothing shows it again."""
    endpoint = WebhookEndpoint.objects.create(
        label=wanted.label,
        url=wanted.url,
        events=[str(one) for one in wanted.events],
        is_active=wanted.is_active,
    )
    log(endpoint, "wagtail.create", user=by)
    return endpoint


@transaction.atomic
def change_endpoint(*, endpoint: WebhookEndpoint, wanted: Wanted, by: User) -> WebhookEndpoint:
    """Switching on again forgets why it was off."""
    endpoint.label, endpoint.url, endpoint.is_active = wanted.label, wanted.url, wanted.is_active
    endpoint.events = [str(one) for one in wanted.events]
    if wanted.is_active:
        endpoint.stopped_because, endpoint.resting_until = "", None
    endpoint.save()
    log(endpoint, "wagtail.edit", user=by)
    return endpoint


@transaction.atomic
def remove_endpoint(*, endpoint: WebhookEndpoint, by: User) -> None:
    """With its log, and with what still waits to be sent to it."""
    log(endpoint, "wagtail.delete", user=by, deleted=True)
    endpoint.delete()


@transaction.atomic
def renew_secret(*, endpoint: WebhookEndpoint, by: User, at: datetime) -> str:
    """A new secret; for a day deliveries are signed by the former one as well."""
    kept = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    kept.previous_secret, kept.previous_until = kept.secret, at + OVERLAP
    kept.secret = new_secret()
    kept.save(update_fields=["secret", "previous_secret", "previous_until"])
    log(kept, "cms.webhook.secret", user=by)
    return str(kept.secret)


@transaction.atomic
def send_test(*, endpoint: WebhookEndpoint, at: datetime) -> WebhookDelivery:
    """
    Raises:
        SwitchedOff: nothing is sent.
    """
    _require_on(endpoint)
    event = ContentEvent.objects.create(type=TEST, happened_at=at)
    owe(event=event, endpoints=[endpoint], at=at)
    return WebhookDelivery.objects.get(event=event)


@transaction.atomic
def replay(*, delivery: WebhookDelivery, at: datetime) -> None:
    """Send an event again that was delivered or given up: the same id, for another day.

    Raises:
        SwitchedOff: the endpoint is off.
        StillWaiting: it is not settled.
    """
    _require_on(delivery.endpoint)
    settled = WebhookDelivery.objects.filter(pk=delivery.pk).exclude(
        pk__in=WebhookDelivery.objects.waiting().values("pk")
    )
    if not _wait_again(settled, at=at):
        raise StillWaiting("This is still being tried. There is nothing to repeat yet.")
    ask_a_worker(delivery)


@transaction.atomic
def replay_failed(*, endpoint: WebhookEndpoint, since: datetime, at: datetime) -> int:
    """Send again whatever was given up of events since then; returns how many.

    Raises:
        SwitchedOff: the endpoint is off.
    """
    _require_on(endpoint)
    failed = WebhookDelivery.objects.failed().filter(
        endpoint=endpoint, event__happened_at__gte=since
    )
    return _wait_again(failed, at=at)


def _wait_again(deliveries: Any, *, at: datetime) -> int:
    return int(
        deliveries.update(
            delivered_at=None,
            given_up_at=None,
            given_up_because="",
            next_at=at,
            try_until=at + TRIED_FOR,
        )
    )


def _require_on(endpoint: WebhookEndpoint) -> None:
    if not endpoint.is_active:
        raise SwitchedOff("This webhook is switched off. Switch it on first.")
