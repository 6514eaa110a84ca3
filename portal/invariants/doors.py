"""I19, I20 and I23: what comes in is handled once, what goes out is said once."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q

from accounts.models import Message
from payments.invariants import Breach
from payments.models import PaymentAttempt, RefundRequest, StripeEvent
from portal.api.models import IdempotentAnswer
from portal.invariants.base import Rule, of_booking, of_order
from scheduling.models import Booking, BookingChange
from scheduling.models.bookings import NOT_YET_ANYBODYS

WAITS: Final = timedelta(minutes=15)
BOOKED: Final = "booking_confirmed"
NAMED_BY_ORDER: Final = ("checkout", "free")  # keys that say which order they are for


def events_waiting(at: datetime) -> Iterator[Breach]:
    waiting = Q(status=StripeEvent.Status.PENDING, received_at__lt=at - WAITS)
    unfinished = Q(status=StripeEvent.Status.DONE, processed_at=None)
    for pk in StripeEvent.objects.order_by().filter(waiting).values_list("pk", flat=True):
        yield Breach("I19", pk, "it has waited for over a quarter of an hour")
    for pk in StripeEvent.objects.order_by().filter(unfinished).values_list("pk", flat=True):
        yield Breach("I19", pk, "it is done, and nobody noted when")


def keys_used_twice(at: datetime) -> Iterator[Breach]:
    answers = IdempotentAnswer.objects.order_by().values_list("caller", "key")
    for _caller, key, times in answers.annotate(times=Count("pk")).filter(times__gt=1):
        yield Breach("I20", key, f"{times} answers were given to one caller under it")
    yield from _agreed_twice()
    attempts = PaymentAttempt.objects.order_by().select_related("order")
    for attempt in attempts.iterator():
        kind, _, rest = attempt.idempotency_key.partition(":")
        order = attempt.order
        if kind in NAMED_BY_ORDER and not rest.startswith(f"{order.number}:{attempt.number}:"):
            what = "its payment was asked for under the key of another"
            yield of_order("I20", order.number, order.public_id, what)
    for one in RefundRequest.objects.order_by().select_related("order").iterator():
        own = f"refund:{one.order.number}:{one.number}:{one.public_id}"
        if one.idempotency_key.startswith("refund:") and one.idempotency_key != own:
            what = "its refund was asked for under the key of another"
            yield of_order("I20", one.order.number, one.order.public_id, what)


def _agreed_twice() -> Iterator[Breach]:
    """A refund is made once for what somebody agreed to, however often it was sent."""
    agreed = RefundRequest.objects.filter(sums__has_key="nonce").order_by()
    seen: Counter[Any] = Counter(
        agreed.values_list("order__number", "order__public_id", "sums__nonce")
    )
    for (number, key, _nonce), times in seen.items():
        if times > 1:
            yield of_order("I20", number, key, f"{times} refunds were made of one agreement")


def unannounced(at: datetime) -> Iterator[Breach]:
    due = Message.objects.unsent().filter(send_after__lt=at - WAITS)
    for pk in due.filter(Q(leased_until=None) | Q(leased_until__lt=at)).values_list(
        "pk", flat=True
    ):
        yield Breach("I23", f"message {pk}", "it should have gone a quarter of an hour ago")
    twice = Message.objects.order_by().values_list("dedupe_key").annotate(times=Count("pk"))
    for key, times in twice.filter(times__gt=1):
        yield Breach("I23", key, f"{times} messages say the same")
    yield from _booked_and_not_told(at)


def _booked_and_not_told(at: datetime) -> Iterator[Breach]:
    """Sessions to come that came out of a hold: the desk may book without a mail, nobody else."""
    confirmed = BookingChange.objects.filter(
        kind=BookingChange.Kind.CONFIRMED,
        from_state__in=NOT_YET_ANYBODYS,
        booking__in=Booking.objects.booked().filter(starts_at__gt=at).values("pk"),
    ).order_by()
    ids = set(confirmed.values_list("booking__public_id", flat=True).iterator())
    if not ids:
        return
    told: Counter[str] = Counter()
    for about in Message.objects.filter(kind=BOOKED).values_list("about", flat=True).iterator():
        told[about.partition(":")[0]] += 1
    for public_id in sorted(ids, key=str):
        if not told[str(public_id)]:
            yield of_booking("I23", public_id, "booked, and its runner was never told")


RULES = (
    Rule(
        "I19",
        "Stripe's news are handled within a quarter of an hour",
        "None waits longer, and each that is done says when.",
        events_waiting,
    ),
    Rule(
        "I20",
        "One key, one thing",
        "A request repeated under its key, a payment or a refund, was done once and is its own.",
        keys_used_twice,
    ),
)
OF_MAIL = Rule(
    "I23",
    "Every booking is announced, and mail leaves",
    "Each session to come that was booked online has its mail, none is said twice, and none"
    " waits for over a quarter of an hour past its time.",
    unannounced,
)
