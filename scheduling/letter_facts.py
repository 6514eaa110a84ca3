"""What mails about a session say: read from the live booking and the ledger when they are sent.

Nothing about health. Times are on the clinic's clock and name its zone.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from payments.agreeing import address_of
from payments.crediting import came_back_too_late, holds_credit, wallet
from payments.models import CreditEntry
from scheduling import links
from scheduling.availability import FreeTime, nearest
from scheduling.models import Booking, BookingChange
from scheduling.terms import free_until_of, is_practice, last_to_move
from scheduling.wording import date_words, day_words, moment_words, zone_words

Kind = CreditEntry.Kind
ALTERNATIVES = 3


def facts(booking: Booking, at: datetime, owner: User | None = None) -> dict[str, Any]:
    """When, where, with whom, and the ways to change it."""
    person = owner or booking.runner
    local = booking.starts_local
    return {
        "booking": booking,
        "first_name": person.first_name if person else "",
        "session": booking.session_name,
        "therapist": booking.therapist.name,
        "therapist_first": booking.therapist.first_name,
        "day": f"{local:%A} {local.day} {local:%B}",
        "short_day": day_words(booking.starts_at, booking.zone),
        "time": f"{local:%H:%M}",
        "zone": zone_words(booking.zone),
        "location": booking.location.name,
        "address_lines": booking.location.address_lines,
        "directions": booking.location.directions,
        "credits_left": credits_left(booking, person, at),
        "policy_line": policy_line(booking, at),
        "terms_urls": [settings.SITE_URL + address_of(each) for each in booking.agreed_texts],
        "credit_line": credit_line(booking),
        "booking_url": links.manage_url(booking),
        "move_url": links.move_url(booking),
        "cancel_url": links.cancel_url(booking),
        "again_url": links.book_again_url(booking),
    }


def credits_left(booking: Booking, person: User | None, at: datetime) -> int | None:
    if person is None:
        return None
    today = at.astimezone(booking.zone_info).date()
    return wallet(person, on=today).variant_available(booking.variant.code)


def policy_line(booking: Booking, at: datetime) -> str:
    """What changing it costs from now on, by the terms of the booking; how it was, once over."""
    cancel, move = free_until_of(booking), last_to_move(booking)
    words = {"cancel": moment_words(cancel, booking.zone)}
    if booking.is_cancelled:
        return _("It was free to cancel until %(cancel)s.") % words
    costs = holds_credit(booking.public_id)
    if cancel < at:
        late = _("The free time to cancel is over, so cancelling now uses the credit.")
        return late if costs else ""
    if move < at:
        free = _("Free to cancel until %(cancel)s.")
    elif move >= cancel:
        free = _("Free to move or cancel until %(cancel)s.")
    else:
        words["move"] = moment_words(move, booking.zone)
        free = _("Free to move until %(move)s and to cancel until %(cancel)s.")
    after = _("After that the credit is used.") if costs else ""
    return f"{free % words} {after}".strip()


def grace_line(booking: Booking) -> str:
    """The minutes after booking in which a slip of the thumb costs nothing."""
    if booking.policy is None or not booking.policy.grace_minutes:
        return ""
    minutes = booking.policy.grace_minutes
    return ngettext(
        "For %(minutes)s minute after booking you can undo it at no cost, however close it is.",
        "For %(minutes)s minutes after booking you can undo it at no cost, however close it is.",
        minutes,
    ) % {"minutes": minutes}


def credit_line(booking: Booking) -> str:
    """What became of the credit of this session, as the ledger has it."""
    entries = list(
        CreditEntry.objects.of_booking(booking.public_id).select_related("lot").order_by("pk")
    )
    moved = [entry for entry in entries if entry.kind != Kind.EXTEND]
    if not moved:
        return _("It is not paid yet. You can pay when you come.") if booking.is_booked else ""
    last = moved[-1]
    words = {"package": last.lot.name, "day": date_words(last.lot.expires_on)}
    if came_back_too_late(last):
        return _("%(package)s ended on %(day)s, so its credit does not come back.") % words
    if last.kind == Kind.RELEASE:
        if any(entry.kind == Kind.EXTEND for entry in entries):
            return _("Your credit is back in %(package)s, which now ends on %(day)s.") % words
        return _("Your credit is back in %(package)s, which ends on %(day)s.") % words
    if last.kind == Kind.USE:
        return _("The credit of %(package)s is used.") % words
    return _("One credit of %(package)s is set aside for it.") % words


def moved_by_us(booking: Booking) -> bool:
    """Whether the last move was the practice's: then the mail says so."""
    last = booking.changes.filter(kind=BookingChange.Kind.MOVED).last()
    return last is not None and is_practice(booking, last.actor)


def alternatives(booking: Booking, at: datetime) -> list[dict[str, str]]:
    """Three free times near the lost one, the same therapist's first; each a link to one button.

    The link opens a page that asks; only the button there holds the time.
    """
    wish: dict[str, Any] = {
        "variant": booking.variant,
        "location": booking.location,
        "around": booking.starts_at,
        "at": at,
        "count": ALTERNATIVES + 1,
        "runner": booking.runner,
    }
    lost = (booking.starts_at, booking.therapist_id)
    chosen: dict[datetime, FreeTime] = {}
    for one in [*nearest(therapist=booking.therapist, **wish), *nearest(**wish)]:
        if (one.starts_at, one.therapist_id) != lost:
            chosen.setdefault(one.starts_at, one)
    return [
        {
            "when": moment_words(one.starts_at, one.zone),
            "with": one.therapist_name.split(" ")[0],
            "url": links.take_time_url(booking.variant.code, one),
        }
        for one in list(chosen.values())[:ALTERNATIVES]
    ]
