"""A package bought for somebody else: paid by one, owned by whoever claims it.

Until it is claimed its credits lie frozen with the buyer, so they are nobody's to book with, and
a refund goes to the buyer. Claiming takes the code from the mail and the address it went to.
"""

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import outbox
from accounts.models import Message, User
from accounts.outbox import Letter, Silence
from payments.crediting import lock_wallet, transfer_units
from payments.crediting.ledger import Kind, append, units_in
from payments.days import practice_day
from payments.models import Bucket, CreditEntry, CreditLot, Gift, Order, Package
from payments.selling_errors import SellingError

MAIL = "gift_arrived"
CODE_LETTERS = 12
SEND_AGAIN_AFTER = timedelta(minutes=5)
MOST_SENT = 10
GIVEN = "A gift"  # in the ledger, which outlives every name; those stand with the gift alone


class NotAGift(SellingError):
    """It cannot be given like this."""


class NotToBeSent(SellingError):
    """The gift is claimed, not paid, or was sent a moment ago."""


class NotYours(SellingError):
    """The code is another one, or the gift was sent to another address."""


class GiftGone(SellingError):
    """Somebody claimed it, or its credits are not there any more."""


@dataclass(frozen=True, slots=True)
class GiftWish:
    """Who gives what to whom, as the buyer wrote it."""

    from_name: str
    to_name: str
    to_email: str
    message: str = ""

    def as_lookup(self) -> dict[str, str]:
        """Finds an order with the same wish."""
        return {
            "gift__from_name": self.from_name,
            "gift__to_name": self.to_name,
            "gift__to_email": self.to_email,
            "gift__message": self.message,
        }


# buying ------------------------------------------------------------------------------------
def require_giftable(wish: GiftWish, *, package: Package, buyer: User) -> None:
    """Refuse a gift to oneself, and what is once for each person.

    Raises:
        NotAGift: with the reason.
    """
    if wish.to_email == buyer.email:
        raise NotAGift(_("That is your own address. Buy it for yourself instead."))
    if package.is_introductory:
        raise NotAGift(_("This offer is once for each person, so it cannot be a gift."))


def address_gift(wish: GiftWish, *, order: Order) -> Gift:
    """Write on an order whom it is for."""
    return Gift.objects.create(
        order=order,
        from_name=wish.from_name,
        to_name=wish.to_name,
        to_email=wish.to_email,
        message=wish.message,
    )


def wrap(*, order: Order, lots: list[CreditLot], at: datetime) -> None:
    """The order is paid: keep a gift's credits for whoever claims them, and tell them so.

    Called once, in the transaction that granted the lots; an order that is no gift stays as it is.
    """
    gift = Gift.objects.select_for_update().filter(order=order).first()
    if gift is None:
        return
    for lot in lots:
        lot.status, lot.frozen_for = CreditLot.Status.FROZEN, CreditLot.FrozenFor.GIFT
        lot.frozen_on = practice_day(at)
        lot.save(update_fields=["status", "frozen_for", "frozen_on"])
        _note(lot, Kind.FREEZE, f"gift:{gift.pk}:wrap", GIVEN, order.buyer, at)
    _send(gift, at)


def _note(
    lot: CreditLot, kind: str, source: str, reason: str, by: User | None, at: datetime
) -> CreditEntry:
    available = (Bucket.AVAILABLE, Bucket.AVAILABLE)
    units = units_in(lot, [Bucket.AVAILABLE])
    return append(lot, kind, units, available, source=source, reason=reason, by=by, at=at)


# sending -----------------------------------------------------------------------------------
@transaction.atomic
def send_again(*, gift: Gift, at: datetime, to_email: str = "") -> Gift:
    """Mail an unclaimed gift anew, to another address if one is given. Codes of before end.

    Raises:
        NotToBeSent: claimed, not paid, gone, or sent less than five minutes ago.
    """
    gift = Gift.objects.select_for_update().select_related("order__buyer").get(pk=gift.pk)
    if gift.claimed_at is not None:
        raise NotToBeSent(_("This gift has been claimed."))
    if not gift.order.is_paid:
        raise NotToBeSent(_("This gift is not paid yet. It goes out as soon as it is."))
    if not _left(gift):
        raise NotToBeSent(_("The credits of this gift are not there any more."))
    if to_email and to_email == gift.order.buyer.email:
        raise NotToBeSent(_("That is your own address."))
    if gift.sent_at is not None and gift.sent_at > at - SEND_AGAIN_AFTER:
        raise NotToBeSent(_("We sent it a moment ago. Please wait five minutes."))
    if gift.times_sent >= MOST_SENT:
        raise NotToBeSent(_("We have sent it many times. Please ring us."))
    gift.to_email = to_email or gift.to_email
    return _send(gift, at)


def _send(gift: Gift, at: datetime) -> Gift:
    gift.times_sent += 1
    gift.sent_at = at
    gift.code_hash = _hash(code_of(gift))
    gift.save(update_fields=["to_email", "times_sent", "sent_at", "code_hash"])
    version = f"{gift.public_id}:{gift.times_sent}"
    outbox.enqueue(
        kind=MAIL,
        about=version,
        to=gift.to_email,
        user=None,
        dedupe_key=f"{MAIL}:{version}",
        at=at,
    )
    return gift


def code_of(gift: Gift) -> str:
    """The code of the gift's last mail, three groups of four. Made from our secret key, so that
    the mail can be written anew while the database holds only a hash."""
    said = f"gift:{gift.public_id}:{gift.times_sent}".encode()
    made = hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).digest()
    letters = base64.b32encode(made).decode()[:CODE_LETTERS]
    return "-".join(letters[start : start + 4] for start in range(0, CODE_LETTERS, 4))


def _hash(code: str) -> str:
    """A code without what people add or leave out when they type it."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def claim_url(gift: Gift) -> str:
    page = reverse("payments:gift", args=[gift.public_id])
    return f"{settings.SITE_URL}{page}?code={code_of(gift)}"


def letter(message: Message, *, at: datetime) -> Letter | Silence:
    """The mail to whoever the gift is for."""
    public_id, _colon, turn = message.about.partition(":")
    gifts = Gift.objects.select_related("order__buyer")
    gift = gifts.filter(public_id=uuid.UUID(public_id)).first()
    if gift is None or gift.claimed_at is not None:
        return Silence("The gift is claimed.")
    if str(gift.times_sent) != turn:
        return Silence("A later mail has the code.")
    lot = _lot_of(gift)
    if lot is None or not _left(gift):
        return Silence("The credits of the gift are gone.")
    return Letter(
        subject=f"A gift from {gift.from_name}"[:50],
        template=MAIL,
        context={"gift": gift, "lot": lot, "code": code_of(gift), "claim_url": claim_url(gift)},
    )


# claiming ----------------------------------------------------------------------------------
@transaction.atomic
def claim(*, gift: Gift, code: str, by: User, at: datetime) -> CreditLot:
    """Hand the gift's credits over to the person it was sent to; a repeat returns her lot.

    Raises:
        NotYours: another code, or none of her proved addresses is the gift's.
        GiftGone: somebody else has it, it was paid back, or it cannot be had just now.
    """
    wrapped = _lot_of(gift)
    if wrapped is not None:
        lock_wallet(wrapped.owner)
    gift = Gift.objects.select_for_update().get(pk=gift.pk)
    if gift.claimed_lot is not None and gift.claimed_by_id == by.pk:
        return gift.claimed_lot
    _require_hers(gift, code, by)
    if gift.claimed_at is not None:
        raise GiftGone(_("This gift has been claimed."))
    lot = _lot_of(gift)
    if lot is None or not _left(gift):
        raise GiftGone(_("The credits of this gift are not there any more."))
    if lot.frozen_for != CreditLot.FrozenFor.GIFT:
        raise GiftGone(_("This gift cannot be claimed just now. Please ring us."))
    if lot.expires_on < practice_day(at):
        raise GiftGone(_("The last day of this gift is over. Please ring us."))
    claimed = _handed_over(gift, lot, by, at)
    gift.claimed_by, gift.claimed_at, gift.claimed_lot = by, at, claimed
    gift.save(update_fields=["claimed_by", "claimed_at", "claimed_lot"])
    return claimed


def _require_hers(gift: Gift, code: str, by: User) -> None:
    proved = EmailAddress.objects.filter(user=by, verified=True, email__iexact=gift.to_email)
    if not hmac.compare_digest(_hash(code), gift.code_hash or ""):
        raise NotYours(_("The code is not the one in the latest mail. Please look again."))
    if not proved.exists():
        raise NotYours(
            _("This gift was sent to another address. Sign in with that one to claim it.")
        )


def _handed_over(gift: Gift, lot: CreditLot, by: User, at: datetime) -> CreditLot:
    lot.status, lot.frozen_for = CreditLot.Status.ACTIVE, CreditLot.FrozenFor.NOTHING
    lot.frozen_on = None
    lot.save(update_fields=["status", "frozen_for", "frozen_on"])
    _note(lot, Kind.THAW, f"gift:{gift.pk}:unwrap", GIVEN, by, at)
    return transfer_units(
        lot=lot,
        units=units_in(lot, [Bucket.AVAILABLE]),
        to=by,
        reason=GIVEN,
        by=by,
        at=at,
        source=f"gift:{gift.pk}",
    )


# reading -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class GiftState:
    """How far a gift is, for its buyer, staff, and who may claim it."""

    gift: Gift
    name: str
    units: int
    expires_on: date | None
    is_paid: bool
    is_claimed: bool
    is_there: bool  # there are credits left to claim
    sent_on: date | None
    claimed_on: date | None

    @property
    def may_be_sent(self) -> bool:
        return self.is_paid and self.is_there and not self.is_claimed


def state_of(gift: Gift) -> GiftState:
    lot = _lot_of(gift)
    line = gift.order.lines.first()
    return GiftState(
        gift=gift,
        name=line.name if line else "",
        units=line.units if line else 0,
        expires_on=lot.expires_on if lot else None,
        is_paid=gift.order.is_paid,
        is_claimed=gift.claimed_at is not None,
        is_there=_left(gift) > 0,
        sent_on=practice_day(gift.sent_at) if gift.sent_at else None,
        claimed_on=practice_day(gift.claimed_at) if gift.claimed_at else None,
    )


def gift_of(order: Order) -> GiftState | None:
    gift = Gift.objects.select_related("order").filter(order=order).first()
    return state_of(gift) if gift else None


def _lot_of(gift: Gift) -> CreditLot | None:
    return CreditLot.objects.filter(order_line__order=gift.order_id).first()


def _left(gift: Gift) -> int:
    lot = _lot_of(gift)
    return units_in(lot, [Bucket.AVAILABLE]) if lot else 0
