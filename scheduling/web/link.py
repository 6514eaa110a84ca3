"""A session by the link in a mail, signed out: her first name, this session, nothing else (B13).

Looking never acts: a scanner that opens every link of a mail changes nothing.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from payments.crediting import where_unit_is
from scheduling.calendars import booking_ics
from scheduling.letters import owe_new_link
from scheduling.models import Booking
from scheduling.terms import free_to, free_until_of
from scheduling.web.again import same_again
from scheduling.web.answers import too_many_links
from scheduling.web.booked import calendar_file
from scheduling.web.entrance import Entrance, TooManyLinks, entered, find_by_link, kept_quiet
from scheduling.web.posting import posted_from


@require_safe
@never_cache
@entered()
def booked(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """What, when, where, with whom; move and cancel while that is possible."""
    at = timezone.now()
    booking = entrance.booking
    is_over = not booking.is_booked or booking.ends_at <= at
    can_change = booking.state == Booking.State.CONFIRMED and booking.starts_at > at
    free_until = free_until_of(booking)
    context = {
        "booking": booking,
        "entrance": entrance,
        "unit": where_unit_is(booking.public_id),
        "can_change": can_change,
        "is_over": is_over,
        "again": same_again(booking, at=at) if is_over else None,
        "free_to": free_to(booking),
        "free_until": free_until if can_change and at <= free_until else None,
    }
    return render(request, "scheduling/link.html", context)


@require_safe
@never_cache
@entered()
def calendar(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """The session for a calendar, without her address in it."""
    booking = entrance.booking
    return calendar_file(booking, booking_ics(booking, at=timezone.now(), invites=False))


@posted_from("scheduling:link_booked")
@never_cache
def new_link(request: HttpRequest, token: str) -> HttpResponse:
    """Mail the present link to the address on file, at most one an hour.

    The answer is the same whether one went out or not.
    """
    try:
        booking, _ = find_by_link(request, token)
    except TooManyLinks:
        return kept_quiet(too_many_links(request))
    owe_new_link(booking, at=timezone.now())
    return kept_quiet(redirect(f"{reverse('scheduling:link_booked', args=[token])}?asked="))
