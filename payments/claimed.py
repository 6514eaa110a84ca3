"""Telling somebody who proved her address what was bought for it before (R2)."""

from datetime import datetime
from typing import Any

from accounts import outbox
from accounts.claiming import account_claimed
from accounts.models import Message, User
from accounts.outbox import Letter, Silence
from payments.days import practice_day
from payments.models import CreditLot, Order
from payments.wallets import wallet

MAIL = "account_claimed"


def listen() -> None:
    """Called when the app is ready."""
    outbox.writer(MAIL)(_write)
    account_claimed.connect(tell, dispatch_uid="payments.claimed")


def anything_waited(user: User) -> bool:
    return CreditLot.objects.of(user).exists() or Order.objects.of(user).paid().exists()


def tell(sender: object, user: User, at: datetime, **kwargs: Any) -> None:
    """Owe one mail, however often and from how many devices she signs in."""
    if anything_waited(user):
        outbox.enqueue(
            kind=MAIL,
            about=str(user.public_id),
            to=user.email,
            user=user,
            dedupe_key=f"{MAIL}:{user.public_id}",
            at=at,
        )


def _write(message: Message, *, at: datetime) -> Letter | Silence:
    if message.user is None:
        return Silence("There is nobody to tell.")
    own = wallet(message.user, on=practice_day(at))
    context = {
        "first_name": message.user.first_name,
        "lots": [lot for lot in own.lots if lot.available],
        "available": own.available,
    }
    return Letter(subject="Your account is open", template=MAIL, context=context)
