"""Webhooks by API: what the admin does, for staff who manage the site."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime, ConfigDict, Field

from accounts.api import signed_in
from accounts.models import User
from accounts.reaching.errors import ElsewhereTrouble
from cms.api_auth import ContentToken
from cms.api_scopes import Scope
from cms.webhooks import managing
from cms.webhooks.managing import Wanted, require_manager
from cms.webhooks.models import Happening, WebhookDelivery, WebhookEndpoint, newest_first
from cms.webhooks.posting import require_usable

router = Router(tags=["webhooks"], auth=[*signed_in, ContentToken(Scope.WEBHOOKS)])

Name = Literal["page.published", "page.unpublished", "page.moved", "page.deleted"]


class WebhookIn(Schema):
    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=1, max_length=80)
    url: str = Field(max_length=500)
    events: list[Name] = Field(min_length=1)
    is_active: bool = True


class WebhookOut(Schema):
    id: uuid.UUID
    label: str
    url: str
    events: list[str]
    is_active: bool
    stopped_because: str


class WebhookWithSecretOut(WebhookOut):
    """The secret, this once."""

    secret: str


class SecretOut(Schema):
    secret: str
    former_until: datetime


class AttemptOut(Schema):
    number: int
    started_at: datetime
    took_ms: int | None
    status: int | None
    answer: str
    trouble: str


class DeliveryOut(Schema):
    id: uuid.UUID
    state: Literal["waiting", "delivered", "failed"]
    event: dict[str, Any]
    next_at: datetime | None
    given_up_because: str
    attempts: list[AttemptOut]


class DeliveryListOut(Schema):
    count: int
    items: list[DeliveryOut]


class SinceIn(Schema):
    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime


class ReplayedOut(Schema):
    sent_again: int


class DeliveriesWanted(Schema):
    state: Literal["", "waiting", "delivered", "failed"] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0


@router.get("/", response=list[WebhookOut], operation_id="list_webhooks")
def list_webhooks(request: HttpRequest) -> Any:
    require_manager(request.user)
    return [_shown(one) for one in WebhookEndpoint.objects.order_by("pk")]


@router.post("/", response={201: WebhookWithSecretOut}, operation_id="add_webhook")
def add_webhook(request: HttpRequest, wanted: WebhookIn) -> Any:
    """The answer holds the secret, which is never shown again."""
    by = _by(request)
    endpoint = managing.add_endpoint(wanted=_wanted(wanted), by=by)
    return Status(201, {**_shown(endpoint), "secret": endpoint.secret})


@router.put("/{webhook_id}/", response=WebhookOut, operation_id="change_webhook")
def change_webhook(request: HttpRequest, webhook_id: uuid.UUID, wanted: WebhookIn) -> Any:
    endpoint, by = _endpoint_of(request, webhook_id), _by(request)
    return _shown(managing.change_endpoint(endpoint=endpoint, wanted=_wanted(wanted), by=by))


@router.delete("/{webhook_id}/", response={204: None}, operation_id="remove_webhook")
def remove_webhook(request: HttpRequest, webhook_id: uuid.UUID) -> Any:
    """With its log, and with what still waits to be sent to it."""
    managing.remove_endpoint(endpoint=_endpoint_of(request, webhook_id), by=_by(request))
    return Status(204, None)


@router.post("/{webhook_id}/secret/", response=SecretOut, operation_id="renew_webhook_secret")
def renew_secret(request: HttpRequest, webhook_id: uuid.UUID) -> Any:
    """A new secret, shown this once. The former one signs along for a day."""
    endpoint, at = _endpoint_of(request, webhook_id), timezone.now()
    secret = managing.renew_secret(endpoint=endpoint, by=_by(request), at=at)
    return {"secret": secret, "former_until": at + managing.OVERLAP}


@router.post("/{webhook_id}/test/", response={202: DeliveryOut}, operation_id="test_webhook")
def test_webhook(request: HttpRequest, webhook_id: uuid.UUID) -> Any:
    """Sends an event of type `webhook.test`; look at its delivery for the answer."""
    sent = managing.send_test(endpoint=_endpoint_of(request, webhook_id), at=timezone.now())
    return Status(202, _delivery_shown(sent))


@router.get(
    "/{webhook_id}/deliveries/", response=DeliveryListOut, operation_id="list_webhook_deliveries"
)
def list_deliveries(
    request: HttpRequest, webhook_id: uuid.UUID, wanted: Query[DeliveriesWanted]
) -> Any:
    """The newest events first, each with its attempts."""
    found = WebhookDelivery.objects.filter(endpoint=_endpoint_of(request, webhook_id))
    found = found.in_state(wanted.state)
    page = newest_first(found).prefetch_related("tries")
    items = page[wanted.offset : wanted.offset + wanted.limit]
    return {"count": found.count(), "items": [_delivery_shown(one) for one in items]}


@router.get(
    "/deliveries/{delivery_id}/", response=DeliveryOut, operation_id="read_webhook_delivery"
)
def read_delivery(request: HttpRequest, delivery_id: uuid.UUID) -> Any:
    require_manager(request.user)
    return _delivery_shown(_delivery(delivery_id))


@router.post(
    "/deliveries/{delivery_id}/replay/",
    response={202: DeliveryOut},
    operation_id="replay_webhook_delivery",
)
def replay_delivery(request: HttpRequest, delivery_id: uuid.UUID) -> Any:
    """Send one event again, under its own id."""
    require_manager(request.user)
    managing.replay(delivery=_delivery(delivery_id), at=timezone.now())
    return Status(202, _delivery_shown(_delivery(delivery_id)))


@router.post("/{webhook_id}/replay/", response=ReplayedOut, operation_id="replay_webhook_failures")
def replay_failures(request: HttpRequest, webhook_id: uuid.UUID, wanted: SinceIn) -> Any:
    """Send again everything that was given up of events since a moment."""
    endpoint = _endpoint_of(request, webhook_id)
    count = managing.replay_failed(endpoint=endpoint, since=wanted.since, at=timezone.now())
    return {"sent_again": count}


def _by(request: HttpRequest) -> User:
    return require_manager(request.user)


def _endpoint_of(request: HttpRequest, webhook_id: uuid.UUID) -> WebhookEndpoint:
    require_manager(request.user)
    return get_object_or_404(WebhookEndpoint, public_id=webhook_id)


def _delivery(delivery_id: uuid.UUID) -> WebhookDelivery:
    return get_object_or_404(newest_first(WebhookDelivery.objects.all()), public_id=delivery_id)


def _wanted(sent: WebhookIn) -> Wanted:
    try:
        require_usable(sent.url)
    except ElsewhereTrouble as refused:
        raise ValidationError(str(refused)) from refused
    events = tuple(one for one in Happening if one in sent.events)
    return Wanted(sent.label, sent.url, events, sent.is_active)


def _shown(endpoint: WebhookEndpoint) -> dict[str, Any]:
    names = ("label", "url", "events", "is_active", "stopped_because")
    return {"id": endpoint.public_id, **{name: getattr(endpoint, name) for name in names}}


def _delivery_shown(delivery: WebhookDelivery) -> dict[str, Any]:
    waiting = delivery.state == "waiting"
    return {
        "id": delivery.public_id,
        "state": delivery.state,
        "event": delivery.event.body(),
        "next_at": delivery.next_at if waiting else None,
        "given_up_because": delivery.given_up_because,
        "attempts": list(delivery.tries.all()),
    }
