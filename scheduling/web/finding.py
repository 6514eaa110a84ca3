"""Whose page is this? Somebody else's looks exactly like one that does not exist."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from scheduling.models import Booking
from scheduling.web import visit


def find_hold(request: HttpRequest, public_id: UUID) -> Booking:
    """The booking of a page before it is confirmed: this visit's, or this runner's."""
    mine = Q(pk=None)
    if key := visit.known_hold_key(request):
        mine |= Q(runner=None, hold_key=key)
    if isinstance(request.user, User):
        mine |= Q(runner=request.user)
    return _get(Booking.objects.filter(mine), public_id)


def find_booking(runner: User, public_id: UUID) -> Booking:
    """A runner's own booking, in whatever state."""
    return _get(Booking.objects.of(runner), public_id)


def _get(bookings: Any, public_id: UUID) -> Booking:
    booking: Booking = get_object_or_404(bookings.with_everything(), public_id=public_id)
    return booking


def signed_in(request: HttpRequest) -> User:
    """The person of a page that asks for a sign-in first."""
    if not isinstance(request.user, User):
        raise TypeError("This page needs a signed-in runner.")
    return request.user
