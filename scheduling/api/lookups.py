"""Finding what a request names; what is not there, or not the caller's, is 404."""

import uuid

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.api import caller
from accounts.roles import WORK_OWN_DAY, is_front_desk, may
from payments.models import ServiceVariant
from scheduling.models import Booking, Location, Therapist
from scheduling.seeing import sessions_marked_by


def require_desk(request: HttpRequest) -> None:
    """Staff only; to everybody else the address does not exist."""
    if not is_front_desk(caller(request)):
        raise Http404


def require_marks(request: HttpRequest) -> None:
    """For the desk, and for therapists, whose own sessions are found by the rest of the way."""
    if not (is_front_desk(caller(request)) or may(caller(request), WORK_OWN_DAY)):
        raise Http404


def marked_booking(request: HttpRequest, booking_id: uuid.UUID) -> Booking:
    """A session this person may mark; another therapist's is not there."""
    seen = sessions_marked_by(caller(request)).with_everything()
    return get_object_or_404(seen, public_id=booking_id)


def own_booking(request: HttpRequest, booking_id: uuid.UUID) -> Booking:
    own = Booking.objects.of(caller(request)).with_everything()
    return get_object_or_404(own, public_id=booking_id)


def any_booking(booking_id: uuid.UUID) -> Booking:
    return get_object_or_404(Booking.objects.with_everything(), public_id=booking_id)


def variant_called(code: str) -> ServiceVariant:
    return get_object_or_404(ServiceVariant.objects.bookable_online(), code=code)


def location_called(code: str) -> Location:
    return get_object_or_404(Location.objects.filter(is_active=True), code=code)


def therapist_called(code: str | None) -> Therapist | None:
    if not code:
        return None
    return get_object_or_404(Therapist.objects.bookable_online(), code=code)


def any_variant(code: str) -> ServiceVariant:
    """Also what is not booked online: the desk may."""
    return get_object_or_404(ServiceVariant.objects.on_offer(), code=code)


def any_therapist(code: str | None) -> Therapist | None:
    if not code:
        return None
    return get_object_or_404(Therapist.objects.filter(is_active=True), code=code)


def any_location(code: str | None) -> Location | None:
    """Also one that has closed: reports look back."""
    return get_object_or_404(Location, code=code) if code else None
