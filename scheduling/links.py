"""Addresses that go out in mails and calendars: whole, because they are read elsewhere.

A manage link (B13) carries a signed token: which session, and which version of it. It is no row
of the database; a change of the session raises ``token_version``, and every link before is dead.
"""

import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from scheduling.models import Booking, WaitlistOffer

if TYPE_CHECKING:
    from scheduling.availability import FreeTime

_SALT = "scheduling.manage_link"
_OFFER_SALT = "scheduling.waitlist_offer"


class BadLink(Exception):
    """The token was not made by us."""


def manage_token(booking: Booking) -> str:
    """For this session as it is now: whoever holds it may see, move and cancel it."""
    name = urlsafe_b64encode(booking.public_id.bytes).decode().rstrip("=")
    return Signer(salt=_SALT, sep=".").sign(f"{name}.{booking.token_version}")


def read_manage_token(token: str) -> tuple[uuid.UUID, int]:
    """The session's public id and the version the link was made for.

    Raises:
        BadLink: any character differs from what we signed.
    """
    try:
        name, version = Signer(salt=_SALT, sep=".").unsign(token).split(".")
        return uuid.UUID(bytes=urlsafe_b64decode(f"{name}==")), int(version)
    except (BadSignature, ValueError) as error:
        raise BadLink from error


def manage_url(booking: Booking) -> str:
    """The session's page that works signed out, until the session changes."""
    return _whole(reverse("scheduling:link_booked", args=[manage_token(booking)]))


def move_url(booking: Booking) -> str:
    return _whole(reverse("scheduling:link_move", args=[manage_token(booking)]))


def cancel_url(booking: Booking) -> str:
    return _whole(reverse("scheduling:link_cancel", args=[manage_token(booking)]))


def booking_url(booking: Booking) -> str:
    """The session's page for its runner signed in: for calendars, which are shared."""
    return _whole(reverse("scheduling:booked", args=[booking.public_id]))


def book_again_url(booking: Booking) -> str:
    """The page of a session that is over shows its next times: a tap each."""
    return f"{manage_url(booking)}#again"


def times_url(booking: Booking) -> str:
    """The times of the same session with the same therapist at the same place, for anybody."""
    page = reverse("scheduling:choose_time", args=[booking.variant.code])
    query = urlencode({"therapist": booking.therapist.code, "location": booking.location.code})
    return _whole(f"{page}?{query}")


def take_time_url(variant_code: str, time: "FreeTime") -> str:
    """A page with one button that holds this time: looking at it holds nothing."""
    query = urlencode(
        {
            "slot": f"{time.starts_at:%Y-%m-%dT%H:%M:%SZ}",
            "therapist": time.therapist_code,
            "location": time.location_code,
        }
    )
    return _whole(f"{reverse('scheduling:take_time', args=[variant_code])}?{query}")


def offer_token(offer: WaitlistOffer) -> str:
    """For one offered time: whoever holds it may see it, take it and let it go (E14)."""
    name = urlsafe_b64encode(offer.public_id.bytes).decode().rstrip("=")
    return Signer(salt=_OFFER_SALT, sep=".").sign(name)


def read_offer_token(token: str) -> uuid.UUID:
    """The offer's public id.

    Raises:
        BadLink: any character differs from what we signed.
    """
    try:
        name = Signer(salt=_OFFER_SALT, sep=".").unsign(token)
        return uuid.UUID(bytes=urlsafe_b64decode(f"{name}=="))
    except (BadSignature, ValueError) as error:
        raise BadLink from error


def offer_url(offer: WaitlistOffer) -> str:
    """The page of an offered time, which works signed out."""
    return _whole(reverse("scheduling:offer", args=[offer_token(offer)]))


def _whole(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
