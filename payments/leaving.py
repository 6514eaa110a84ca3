"""What sales do when a person is erased (G6): what must be over first, and what is taken away.

Amounts, days and numbers stay as they are: the books must still add up. A paper keeps its buyer's
name until the legal period is over (`payments.retaining`), and loses her address now.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import erasing
from accounts.classifying import naming
from accounts.erased import nowhere
from accounts.erasing import Obstacle
from accounts.models import User
from accounts.personal import addresses_of
from payments import personal, stripe_gateway
from payments.crediting.ledger import units_in
from payments.days import practice_day
from payments.disputing.following import INQUIRY, OPEN
from payments.models import (
    CreditLot,
    Dispute,
    Document,
    Gift,
    Mismatch,
    PaymentAttempt,
    RefundRequest,
    StripeEvent,
)
from payments.models.credits import OWED

UNSETTLED: Final = (RefundRequest.Status.REQUESTED, RefundRequest.Status.PENDING)
# What Stripe's objects call somebody by, at any depth.
PERSONAL_KEYS: Final = frozenset(
    "billing_details customer_address customer_details customer_email customer_email_address"
    " customer_name customer_phone customer_purchase_ip collected_information evidence last4"
    " fingerprint receipt_email receipt_url shipping shipping_details".split()
)


@erasing.stands_in_the_way
def open_matters(person: User, at: datetime) -> Iterator[Obstacle]:
    """Payments and refunds on their way, disputes, and money somebody still has to look into."""
    attempts = PaymentAttempt.objects.filter(order__buyer=person).live()
    for attempt in attempts.select_related("order"):
        if not attempt.is_over(at):
            until = practice_day(attempt.expires_at) if attempt.expires_at else None
            yield Obstacle(_("A payment of order %s is on its way.") % attempt.order, until)
    for refund in RefundRequest.objects.filter(order__buyer=person, status__in=UNSETTLED):
        yield Obstacle(_("Money of order %s is on its way back to you.") % refund.order)
    disputes = Dispute.objects.filter(charge__attempt__order__buyer=person)
    for dispute in disputes.filter(status__in=[*OPEN, *INQUIRY]):
        due = dispute.evidence_due_at
        until = practice_day(due) if due and due > at else None
        yield Obstacle(_("Your bank is looking into a payment you questioned."), until)
    for mismatch in Mismatch.objects.open().filter(order__buyer=person).select_related("order"):
        yield Obstacle(_("We are still sorting out a payment of order %s.") % mismatch.order)


@erasing.counts_credits
def credits_left(person: User) -> int:
    """Credits she would lose; a gift of hers that waits stays with whoever it is for."""
    lots = CreditLot.objects.of(person).exclude(frozen_for=CreditLot.FrozenFor.GIFT)
    return sum(units_in(lot, OWED) for lot in lots)


@erasing.goes_first
def forget_at_stripe(person: User, at: datetime) -> None:
    """Have Stripe forget her as a customer. Its records of payments it must keep itself.

    Raises:
        GatewayError: it does not answer; the erasure is tried again.
    """
    for customer in sorted(_customers(events_of(person))):
        stripe_gateway.delete_customer(customer)


@erasing.takes_part
def take_away(person: User, at: datetime) -> None:
    """In the transaction of the erasure: her words and addresses in papers, gifts and events."""
    addresses = addresses_of(person)
    for event in events_of(person).iterator():
        event.payload = without_people(event.payload, addresses)
        event.save(update_fields=["payload"])
    for paper in Document.objects.filter(order__buyer=person):
        take_buyer_off(paper, name=False)
    Gift.objects.filter(order__buyer=person).update(from_name=_("Somebody"), message="")
    # One she took may name an address she has no more.
    got = Gift.objects.filter(Q(to_email__in=addresses) | Q(claimed_by=person))
    got.update(to_name="", to_email=nowhere(person), message="")


def events_of(person: User) -> QuerySet[StripeEvent]:
    found: QuerySet[StripeEvent] = StripeEvent.objects.filter(personal.events_of(person))
    return found


def take_buyer_off(paper: Document, *, name: bool) -> None:
    """The address of the buyer, and with `name` the name too. The database allows nothing else."""
    buyer = paper.content.get("buyer")
    if not buyer:
        return
    buyer["email"] = ""
    if name:
        buyer["name"] = ""
    Document.objects.filter(pk=paper.pk).update(content=paper.content)


def without_people(said: Any, words: Iterable[str]) -> Any:
    """A copy of what Stripe said without whom it is about; ids, states and amounts stay."""
    return _without(said, naming(words))


def _without(said: Any, named: Callable[[Any], bool]) -> Any:
    if isinstance(said, dict):
        return {
            key: None if key in PERSONAL_KEYS else _without(value, named)
            for key, value in said.items()
        }
    if isinstance(said, list):
        return [_without(value, named) for value in said]
    return "" if named(said) else said


def _customers(events: Iterable[StripeEvent]) -> set[str]:
    """Ids of customers in what Stripe told us. We make none; a practice may, at Stripe."""
    found = set()
    for event in events:
        about = event.payload.get("data", {}).get("object", {})
        customer = about.get("customer") if isinstance(about, dict) else None
        if isinstance(customer, str) and customer:
            found.add(customer)
    return found
