"""The link below a mail that stops mails like it, for one person and one purpose (N5, RFC 8058).

It works without signing in and never runs out: a mail is read years later. It names nobody, and
whoever has it can only stop these mails, or take the stopping back.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.consents import Channel, Consent, Purpose
from accounts.models import User
from accounts.preferring import OPTIONAL

_SALT: Final = "accounts.unsubscribing"


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose mails of which purpose a link is about."""

    person: User
    purpose: Purpose


def token_for(person: User, purpose: Purpose) -> str:
    return signing.Signer(salt=_SALT).sign_object([str(person.public_id), purpose.value])


def wish_in(token: str) -> Wish | None:
    """What a token asks for; None for one we never made, or of somebody who left."""
    try:
        public_id, purpose = signing.Signer(salt=_SALT).unsign_object(token)
    except signing.BadSignature:
        return None
    person = User.objects.filter(public_id=UUID(public_id), is_active=True).first()
    if person is None or purpose not in OPTIONAL:
        return None
    return Wish(person, Purpose(purpose))


def may_take_back(wish: Wish) -> bool:
    """A link stops mails, and undoes that; it never says yes to what was refused elsewhere."""
    last = Consent.objects.filter(person=wish.person, purpose=wish.purpose).latest_first().first()
    return bool(last and not last.granted and last.channel == Channel.UNSUBSCRIBE)


def unsubscribe_url(person: User, purpose: Purpose) -> str:
    address = reverse("portal_account:unsubscribe", args=[token_for(person, purpose)])
    return f"{settings.SITE_URL}{address}"


def headers_for(url: str) -> dict[str, str]:
    """What lets a mail program offer the same with one button of its own."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
