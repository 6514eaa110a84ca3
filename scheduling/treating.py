"""Whose health a member of staff may read about, and until when it is needed (G3).

Whose client somebody is, is said once, in seeing.py: here only for how long health is hers to read.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max, Q

from accounts import health_data
from accounts.models import IntakeAnswers, TreatmentNote, User
from accounts.roles import OWNERS, READ_HEALTH, Visitor, may
from payments.days import practice_day
from scheduling.models import Booking
from scheduling.models.bookings import CANCELLED, NOT_YET_ANYBODYS
from scheduling.seeing import own_clients

TREATED_FOR: Final = timedelta(days=365)


def may_read_health(user: Visitor, client: User, *, at: datetime) -> bool:
    """A therapist with a session of hers, in the past year or to come; and the owner."""
    if not isinstance(user, User) or not may(user, READ_HEALTH):
        return False
    return is_owner(user) or treats(user, client, at=at)


def treats(user: User, client: User, *, at: datetime) -> bool:
    """Whether a client of hers was in her hands not long ago, or will be."""
    return own_clients(user).filter(runner=client, ends_at__gt=at - TREATED_FOR).exists()


def is_owner(user: User) -> bool:
    return user.is_superuser or user.groups.filter(name=OWNERS).exists()


def keep_health(*, at: datetime) -> int:
    """The job: what is needed stays until long enough after the last session; the rest goes.

    Returns how many rows were deleted. Safe to repeat.
    """
    with_words = Q(runner__in=IntakeAnswers.objects.values("person"))
    with_words |= Q(runner__in=TreatmentNote.objects.values("person"))
    sessions = Booking.objects.exclude(state__in=[*NOT_YET_ANYBODYS, *CANCELLED])
    last = (
        sessions.filter(with_words).order_by().values_list("runner").annotate(last=Max("ends_at"))
    )
    for runner, ends_at in list(last):
        health_data.keep_until(runner, health_data.kept_until(practice_day(ends_at)))
    return health_data.delete_due(at=at)
