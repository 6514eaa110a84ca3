"""How long sales keep what they know about people. See accounts/retention.py."""

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from accounts.idle import sign_of_life
from accounts.retention import rule
from payments.leaving import take_buyer_off, without_people
from payments.models import Document, StripeEvent

BOOKS_YEARS: Final = 10  # after the year of the paper: the longest any of our countries asks
EVENTS_FOR: Final = timedelta(days=90)
BATCH: Final = 1000
HANDLED: Final = (
    StripeEvent.Status.DONE,
    StripeEvent.Status.FOREIGN,
    StripeEvent.Status.IGNORED,
)
# A mark in an event that we have taken people out of.
WITHOUT_PEOPLE: Final = "_without_people"


@sign_of_life
def bought_or_holds(since: datetime) -> Q:
    return Q(orders__placed_at__gte=since) | Q(credit_lots__expires_on__gte=since.date())


def _old_papers(at: datetime) -> QuerySet[Document]:
    first_kept = datetime(at.year - BOOKS_YEARS, 1, 1, tzinfo=UTC)
    named = ~Q(content__buyer__name="") | ~Q(content__buyer__email="")
    return Document.objects.filter(named, issued_at__lt=first_kept, content__has_key="buyer")


def _take_buyers_off(at: datetime) -> int:
    papers = list(_old_papers(at).order_by("pk")[:BATCH])
    for paper in papers:
        take_buyer_off(paper, name=True)
    return len(papers)


def _old_events(at: datetime) -> QuerySet[StripeEvent]:
    old = StripeEvent.objects.filter(received_at__lt=at - EVENTS_FOR, status__in=HANDLED)
    return old.exclude(payload__has_key=WITHOUT_PEOPLE)


def _take_people_out(at: datetime) -> int:
    events = list(_old_events(at).order_by("received_at")[:BATCH])
    for event in events:
        event.payload = without_people(event.payload, ()) | {WITHOUT_PEOPLE: True}
        event.save(update_fields=["payload"])
    return len(events)


rule(
    "books",
    what="Orders, payments, credits, sessions, receipts and refunds",
    keeps="ten years after the year they belong to",
    why="tax law asks for the books, and for the buyer's name on a receipt",
    then="the buyer's name is taken off the receipts; sums without names stay in the ledger",
    due=lambda at: _old_papers(at).count(),
    carry_out=_take_buyers_off,
)
rule(
    "stripe_events",
    what="What Stripe told us of payments, with name, address and the card's last digits",
    keeps="90 days after it was handled",
    why="to look into a payment that went wrong",
    then="whom it was about is removed; ids, states and amounts stay",
    due=lambda at: _old_events(at).count(),
    carry_out=_take_people_out,
)
