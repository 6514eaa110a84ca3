"""Where webhooks go, what happened, and each attempt to tell of it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.encrypting import EncryptedTextField
from cms.webhooks.signing import new_secret

TRIED_FOR = timedelta(hours=24)


class Happening(models.TextChoices):
    PUBLISHED = "page.published", "A page is published, or a change of it"
    UNPUBLISHED = "page.unpublished", "A page is taken off the site, or expires"
    MOVED = "page.moved", "A page has another address or place"
    DELETED = "page.deleted", "A published page is deleted"


TEST = "webhook.test"


class WebhookEndpoint(models.Model):
    """A receiver. The secret is shown when it is made and never again."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    label = models.CharField(max_length=80, help_text="For instance: the app's front end.")
    url = models.CharField(
        "address",
        max_length=500,
        help_text="Starts with https:// and is reachable from the internet.",
    )
    events = models.JSONField(default=list, help_text="What it is told of.")
    is_active = models.BooleanField(default=True, help_text="Off: nothing is sent.")
    stopped_because = models.CharField(max_length=200, blank=True, editable=False)
    secret = EncryptedTextField(default=new_secret, editable=False)
    previous_secret = EncryptedTextField(null=True, blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, blank=True, editable=False)
    # An address that does not answer is left alone for a moment, so that it holds up no other.
    resting_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "webhook"
        constraints = [
            models.CheckConstraint(
                condition=Q(previous_secret__isnull=True, previous_until=None)
                | Q(previous_secret__isnull=False, previous_until__isnull=False),
                name="former_secret_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def secrets(self, at: datetime) -> list[str]:
        """What a delivery is signed with now: during a rotation by the former secret too."""
        former = self.previous_until is not None and at < self.previous_until
        return [self.secret, *([self.previous_secret] if former else [])]


class ContentEvent(models.Model):
    """Something that happened to a page. ``id`` is the sequence number."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    type = models.CharField(max_length=40)
    page_id = models.BigIntegerField(null=True)  # the page may be gone
    page = models.JSONField(default=dict)
    happened_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.type} of {self.page.get('path', 'nothing')}"

    def body(self) -> dict[str, Any]:
        """What is sent; the same for every attempt."""
        return {
            "id": str(self.public_id),
            "sequence": self.pk,
            "type": self.type,
            "happened_at": self.happened_at.isoformat(),
            "page": self.page or None,
        }


class DeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def waiting(self) -> Self:
        return self.filter(delivered_at=None, given_up_at=None)

    def delivered(self) -> Self:
        return self.filter(delivered_at__isnull=False)

    def failed(self) -> Self:
        return self.filter(given_up_at__isnull=False)

    def in_state(self, state: str) -> Self:
        """``waiting``, ``delivered`` or ``failed``; anything else is all of them."""
        words = {"waiting": self.waiting, "delivered": self.delivered, "failed": self.failed}
        return words[state]() if state in words else self

    def due(self, at: datetime) -> Self:
        """Waiting, their moment come, and an endpoint that may be asked."""
        awake = Q(endpoint__resting_until=None) | Q(endpoint__resting_until__lte=at)
        return self.waiting().filter(awake, endpoint__is_active=True, next_at__lte=at)


class WebhookDelivery(models.Model):
    """One event owed to one endpoint."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries"
    )
    event = models.ForeignKey(ContentEvent, on_delete=models.CASCADE, related_name="deliveries")
    # Who takes it on puts this past the time it may take: nobody else finds it due meanwhile.
    next_at = models.DateTimeField()
    try_until = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    given_up_because = models.CharField(max_length=200, blank=True)

    objects: ClassVar[Any] = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="event_told_once"),
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(given_up_at=None),
                name="webhook_delivered_or_given_up",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(delivered_at=None, given_up_at=None),
                name="webhook_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint}"

    @property
    def state(self) -> str:
        if self.delivered_at:
            return "delivered"
        return "failed" if self.given_up_at else "waiting"

    @property
    def last_try(self) -> WebhookAttempt | None:
        tries = list(self.tries.all())
        return tries[-1] if tries else None


class WebhookAttempt(models.Model):
    """One request. Written before it is sent: one without an end was cut short, and is repeated."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="attempt_made_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="attempts_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}"


def newest_first(deliveries: DeliveryQuerySet) -> DeliveryQuerySet:
    return deliveries.select_related("event", "endpoint").order_by(F("event_id").desc(), "pk")
