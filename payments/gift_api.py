"""Gifts by API: read, claimed, sent again. The same acts as the portal's own pages."""

import uuid
from datetime import date
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AfterValidator, Field

from accounts.api import anybody, caller, signed_in
from payments.days import practice_day
from payments.gifting import claim, send_again, state_of
from payments.models import Gift

router = Router(tags=["gifts"], auth=signed_in)


def _mailbox(written: str) -> str:
    try:
        validate_email(written)
    except ValidationError as fault:
        raise ValueError("not an email address") from fault
    return written.lower()


Mailbox = Annotated[str, Field(max_length=254), AfterValidator(_mailbox)]


class GiftIn(Schema):
    """Who gives, and to whom. The mail goes to `to_email`, and only that address can claim."""

    from_name: str = Field(min_length=1, max_length=120)
    to_name: str = Field(default="", max_length=120)
    to_email: Mailbox
    message: str = Field(default="", max_length=500)


class GiftOut(Schema):
    """What its buyer sees."""

    id: uuid.UUID
    to_name: str
    to_email: str
    sent_on: date | None
    claimed_on: date | None


class GiftShown(Schema):
    """What whoever has the link sees."""

    id: uuid.UUID
    from_name: str
    package: str
    expires_on: date | None
    is_claimed: bool
    may_be_claimed: bool


class ClaimIn(Schema):
    code: str = Field(max_length=40)


class SendingIn(Schema):
    to_email: Mailbox


class ClaimedLot(Schema):
    lot: uuid.UUID
    units: int
    expires_on: date


@router.get("/{gift_id}/", response=GiftShown, auth=anybody, operation_id="read_gift")
def read_gift(request: HttpRequest, gift_id: uuid.UUID) -> Any:
    """A gift, before and after it is claimed."""
    state = state_of(get_object_or_404(Gift.objects.select_related("order"), public_id=gift_id))
    return {
        "id": state.gift.public_id,
        "from_name": state.gift.from_name,
        "package": state.name,
        "expires_on": state.expires_on,
        "is_claimed": state.is_claimed,
        "may_be_claimed": state.may_be_sent,
    }


@router.post("/{gift_id}/claim/", response=ClaimedLot, operation_id="claim_gift")
def claim_gift(request: HttpRequest, gift_id: uuid.UUID, wanted: ClaimIn) -> Any:
    """Make a gift's credits the caller's own. A repeat answers with the same lot."""
    gift = get_object_or_404(Gift, public_id=gift_id)
    lot = claim(gift=gift, code=wanted.code, by=caller(request), at=timezone.now())
    return {"lot": lot.public_id, "units": lot.units, "expires_on": lot.expires_on}


def sent_again(gift: Gift, wanted: SendingIn) -> dict[str, Any]:
    """For the operations of the buyer and of staff."""
    send_again(gift=gift, to_email=wanted.to_email, at=timezone.now())
    gift.refresh_from_db()
    return gift_shown(gift)


def gift_shown(gift: Gift) -> dict[str, Any]:
    """As the API shows a gift to its buyer."""
    return {
        "id": gift.public_id,
        "to_name": gift.to_name,
        "to_email": gift.to_email,
        "sent_on": practice_day(gift.sent_at) if gift.sent_at else None,
        "claimed_on": practice_day(gift.claimed_at) if gift.claimed_at else None,
    }
