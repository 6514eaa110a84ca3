"""How long the diary keeps what it knows about people. See accounts/retention.py."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from accounts.idle import sign_of_life
from accounts.retention import rule
from scheduling.models import BookingChange, WaitlistEntry, WaitlistOffer

WISHES_FOR: Final = timedelta(days=365)
WORDS_FOR: Final = timedelta(days=3 * 365)
BATCH: Final = 5000


@sign_of_life
def had_a_session(since: datetime) -> Q:
    return Q(bookings__ends_at__gte=since)


def _old_wishes(at: datetime) -> QuerySet[WaitlistEntry]:
    return WaitlistEntry.objects.filter(ended_at__lt=at - WISHES_FOR)


def _forget_wishes(at: datetime) -> int:
    old = list(_old_wishes(at).values_list("pk", flat=True)[:BATCH])
    WaitlistOffer.objects.filter(entry__in=old).delete()
    WaitlistEntry.objects.filter(pk__in=old).delete()
    return len(old)


def _old_words(at: datetime) -> QuerySet[BookingChange]:
    return BookingChange.objects.filter(at__lt=at - WORDS_FOR).exclude(reason="")


def _forget_words(at: datetime) -> int:
    old = list(_old_words(at).values_list("pk", flat=True)[:BATCH])
    return BookingChange.objects.filter(pk__in=old).update(reason="")


rule(
    "waitlist",
    what="Wishes on the waiting list and what was offered for them",
    keeps="one year after they ended",
    why="to answer why a time went to somebody else",
    then="deleted",
    due=lambda at: _old_wishes(at).count(),
    carry_out=_forget_wishes,
)
rule(
    "words",
    what="Words about why a session was moved or cancelled",
    keeps="three years",
    why="to settle a dispute about a credit",
    then="the words are removed; what happened and when stays",
    due=lambda at: _old_words(at).count(),
    carry_out=_forget_words,
)
