"""Reading a runner's credits: what she has, lot by lot, and which of it pays for what."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy

from accounts.models import User
from payments.days import in_words, practice_day
from payments.models import Bucket, CreditLot, ServiceVariant

FrozenFor = CreditLot.FrozenFor


@dataclass(frozen=True, slots=True)
class WalletLot:
    """One lot, in units. `expires_on` is the last day on which a session may start, or must be
    booked where `books_by`; `waits` for the first session, which gives it a later one (P5).

    `is_usable` speaks of the wallet's day. `frozen_for` says why it is not, if somebody froze it.
    """

    public_id: uuid.UUID
    name: str
    available: int
    reserved: int
    used: int
    expired: int
    refunded: int
    transferred: int
    units: int
    starts_on: date
    expires_on: date
    books_by: bool
    waits: bool
    variants: tuple[str, ...]
    variant_names: tuple[str, ...]
    is_usable: bool
    is_goodwill: bool
    frozen_for: str
    frozen_on: date | None

    @property
    def why_frozen(self) -> str:
        """In kind words why nothing can be booked from it; empty when it is not frozen."""
        if not self.frozen_for:
            return ""
        day = in_words(self.frozen_on) if self.frozen_on else ""
        return str(WHY_FROZEN[FrozenFor(self.frozen_for)] % {"day": day})


@dataclass(frozen=True, slots=True)
class Wallet:
    """A runner's lots, those that end first in front; `available` counts usable ones.

    `held` counts those too that rest: on a pause, on hold, not begun yet.
    """

    lots: tuple[WalletLot, ...]
    available: int
    held: int

    @property
    def resting(self) -> int:
        """Credits there are that pay for nothing on the wallet's day."""
        return self.held - self.available

    def variant_available(self, variant_code: str) -> int:
        """Units that can pay for a session of this variant on the wallet's day."""
        return sum(lot.available for lot in self.lots_for(variant_code))

    def lots_for(self, variant_code: str) -> tuple[WalletLot, ...]:
        """The lots such a session may be paid from, the one that would pay in front."""
        return tuple(
            lot
            for lot in self.lots
            if lot.is_usable and lot.available and variant_code in lot.variants
        )

    def next_lot(self, variant_code: str) -> WalletLot | None:
        """The lot such a session would be paid from."""
        return next(iter(self.lots_for(variant_code)), None)


WHY_FROZEN = {
    FrozenFor.PAUSE: gettext_lazy(
        "On a pause since %(day)s. Its last day moves by as long as the pause lasts. Tell us when "
        "you run again."
    ),
    FrozenFor.GIFT: gettext_lazy(
        "A gift that waits to be claimed, so you cannot book with it yourself."
    ),
    FrozenFor.DISPUTE: gettext_lazy(
        "On hold since %(day)s, while the bank looks at its payment. What is booked stays booked."
    ),
    FrozenFor.REVIEW: gettext_lazy(
        "On hold since %(day)s, while its payment is checked. What is booked stays booked."
    ),
}


def wallet(owner: User, *, on: date, booked_on: date | None = None) -> Wallet:
    """The runner's lots as they stand, usable or not for a session on a day; two queries.

    `booked_on` is the day of booking it, where that is not the same.
    """
    lots = CreditLot.objects.of(owner).with_balances().with_waiting()
    named = Prefetch("variants", ServiceVariant.objects.select_related("service"))
    lots = lots.select_related("policy").fifo().prefetch_related(named)
    rows = tuple(_row(lot, on, booked_on or on) for lot in lots)
    return Wallet(
        lots=rows,
        available=sum(row.available for row in rows if row.is_usable),
        held=sum(row.available for row in rows),
    )


def _row(lot: CreditLot, on: date, booked_on: date) -> WalletLot:
    variants = list(lot.variants.all())
    counts = {
        bucket.value: getattr(lot, bucket.value) for bucket in Bucket if bucket != Bucket.ISSUED
    }
    return WalletLot(
        public_id=lot.public_id,
        name=lot.name,
        units=lot.units,
        starts_on=lot.starts_on,
        expires_on=lot.expires_on,
        books_by=lot.books_by,
        waits=getattr(lot, "waits", False),
        variants=tuple(variant.code for variant in variants),
        variant_names=tuple(variant.name for variant in variants),
        is_usable=lot.is_active and lot.pays_for(on, booked_on=booked_on),
        is_goodwill=lot.is_goodwill,
        frozen_for=lot.frozen_for,
        frozen_on=lot.frozen_on,
        **counts,
    )


def lots_in_turn(
    owner: User, *, variant: ServiceVariant, days: Sequence[date], at: datetime
) -> list[str]:
    """The names of the lots that would pay for one session on each of `days`, booked in turn.

    Chosen as `crediting.choose_lot` chooses, each unit once; an empty name where none is left
    or what is left does not count on that day. One query.
    """
    covering = CreditLot.objects.of(owner).covering(variant).active().with_available()
    lots = list(covering.select_related("policy").fifo())
    left = {lot.pk: int(getattr(lot, Bucket.AVAILABLE.value)) for lot in lots}
    today = practice_day(at)
    names = []
    for day in days:
        good = (lot for lot in lots if left[lot.pk] and lot.pays_for(day, booked_on=today))
        lot = next(good, None)
        if lot is not None:
            left[lot.pk] -= 1
        names.append(lot.name if lot else "")
    return names
