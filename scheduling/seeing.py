"""Whose sessions and whose pages a member of staff may see: everybody's, her own, or nobody's.

Front desk and managers see all; a therapist sees the sessions she gives and those she gives them
to (AD1). What is not hers does not exist for her, so every page and operation about one session
or one client finds it through here (AD5).
"""

from django.db.models import QuerySet

from accounts.merging import find_person
from accounts.models import User
from accounts.roles import (
    RECONCILE,
    RUN_DAY,
    TAKE_PAYMENTS,
    VIEW_CLIENTS,
    WORK_OWN_DAY,
    Visitor,
    may,
)
from scheduling.models import Booking, Therapist
from scheduling.models.bookings import CANCELLED, NOT_YET_ANYBODYS, BookingQuerySet


def sees_every_session(user: Visitor) -> bool:
    return any(may(user, one) for one in (RUN_DAY, RECONCILE, TAKE_PAYMENTS))


def own_therapist(user: Visitor) -> Therapist | None:
    """Whose day this person works: her own, if she works here and may."""
    if not may(user, WORK_OWN_DAY) or not isinstance(user, User):
        return None
    return Therapist.objects.filter(user=user, is_active=True).first()


def sessions_seen_by(user: Visitor) -> BookingQuerySet:
    """Every session for whoever runs the day or handles its money, one's own for a therapist."""
    if sees_every_session(user):
        return Booking.objects.all()
    return _own_sessions(user)


def sessions_marked_by(user: Visitor) -> BookingQuerySet:
    """Sessions this person may mark as arrived, done or missed: who keeps the books may not."""
    if may(user, RUN_DAY):
        return Booking.objects.all()
    return _own_sessions(user)


def clients_seen_by(user: Visitor) -> "QuerySet[User]":
    """Everybody, or those a therapist gave a session to or will.

    A hold, and a session that was cancelled, make nobody a client.
    """
    people: QuerySet[User] = User.objects.all()
    if may(user, VIEW_CLIENTS):
        return people
    return people.filter(pk__in=own_clients(user))


def own_clients(user: Visitor) -> "QuerySet[Booking, int | None]":
    """Ids of those whom this person treats. What she reads of health ends there: treating.py."""
    own = _own_sessions(user).exclude(state__in=[*NOT_YET_ANYBODYS, *CANCELLED])
    return own.values_list("runner", flat=True)


def client_seen_by(user: Visitor, public_id: object) -> User | None:
    """The client of that id, or of one that was merged into another, if this person may see her."""
    client = find_person(public_id)
    return client if client is not None and may_see_client(user, client) else None


def may_see_client(user: Visitor, client: User) -> bool:
    return clients_seen_by(user).filter(pk=client.pk).exists()


def _own_sessions(user: Visitor) -> BookingQuerySet:
    therapist = own_therapist(user)
    found: BookingQuerySet = Booking.objects.filter(therapist=therapist)
    return found if therapist is not None else found.none()
