"""What a code takes off a price, for whom and how often.

A use is taken with the order, under a lock on the code, and given free when the order is given
up. So the limit holds for orders, paid or under way, and not only for payments.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from payments.days import in_words, practice_day
from payments.models import Order, Package, PaymentAttempt, PromotionCode, PromotionUse
from payments.money import charge_step
from payments.selling_errors import (
    CodeEnded,
    CodeForOthers,
    CodeNotYet,
    CodeUsedByYou,
    CodeUsedUp,
    UnknownCode,
)


@dataclass(frozen=True, slots=True)
class Reduced:
    """A price after a code; minor units, tax included."""

    promotion: PromotionCode
    list_price_minor: int
    discount_minor: int

    @property
    def code(self) -> str:
        return self.promotion.code

    @property
    def price_minor(self) -> int:
        return self.list_price_minor - self.discount_minor


def reduced(
    *,
    code: str,
    package: Package,
    price_minor: int,
    person: User | None,
    at: datetime,
    lock: bool = False,
) -> Reduced:
    """The price of a package with a code, which may be typed in either case.

    ``person`` may be nobody yet: then her own limit is not asked. With ``lock`` every other
    taker of the code waits until our transaction ends.

    Raises:
        PromotionRefused: its subclasses say why.
    """
    codes = PromotionCode.objects.select_for_update() if lock else PromotionCode.objects.all()
    promotion = codes.filter(code=written(code), is_active=True).first()
    if promotion is None:
        raise UnknownCode(_("We do not know this code. Please look at how it is written."))
    _require_in_time(promotion, at)
    _require_for(promotion, package)
    _require_left(promotion, person)
    return Reduced(promotion, price_minor, _off(promotion, price_minor, package.currency))


def written(code: str) -> str:
    """A code as it is kept, however somebody typed it."""
    return "".join(code.split()).upper()


def _require_in_time(promotion: PromotionCode, at: datetime) -> None:
    if promotion.valid_from is not None and at < promotion.valid_from:
        day = in_words(practice_day(promotion.valid_from))
        raise CodeNotYet(_("This code is good from %(day)s.") % {"day": day})
    if promotion.valid_until is not None and at >= promotion.valid_until:
        day = in_words(practice_day(promotion.valid_until))
        raise CodeEnded(_("This code ended on %(day)s.") % {"day": day})


def _require_for(promotion: PromotionCode, package: Package) -> None:
    chosen = promotion.packages.all()
    elsewhere = bool(promotion.amount_minor) and promotion.currency != package.currency
    if elsewhere or (chosen and package not in chosen):
        raise CodeForOthers(_("This code is not for this package."))


def _require_left(promotion: PromotionCode, person: User | None) -> None:
    """What somebody's own unpaid orders hold does not stand in her way: the next closes them."""
    uses = promotion.uses.all()
    if person is not None:
        uses = uses.exclude(pk__in=_replaceable(promotion, person))
        mine = uses.filter(person=person).count()
        if promotion.most_per_person is not None and mine >= promotion.most_per_person:
            raise CodeUsedByYou(_("You have used this code already."))
    if promotion.most_uses is not None and uses.count() >= promotion.most_uses:
        raise CodeUsedUp(_("This code has been used as often as it can be."))


def _replaceable(promotion: PromotionCode, person: User) -> list[int]:
    mine = promotion.uses.filter(person=person, order__status=Order.Status.OPEN)
    on_its_way = PaymentAttempt.objects.filter(status=PaymentAttempt.Status.PROCESSING)
    mine = mine.exclude(order__in=on_its_way.values("order"))
    return list(mine.values_list("pk", flat=True))


def _off(promotion: PromotionCode, price_minor: int, currency: str) -> int:
    """What is taken off, never more than the price; what is left can be charged by card."""
    wanted = promotion.amount_minor or (price_minor * promotion.share_bp + 5000) // 10_000
    left = max(0, price_minor - wanted)
    return price_minor - left + left % charge_step(currency)


def take_use(*, promotion: PromotionCode, order: Order, at: datetime) -> PromotionUse:
    """Count the code as used by an order's buyer, once for the order."""
    use, _made = PromotionUse.objects.get_or_create(
        order=order,
        defaults={"promotion": promotion, "person_id": order.buyer_id, "used_at": at},
    )
    return use


def give_use_free(*, order: Order) -> None:
    """The order was given up: somebody else may use the code."""
    PromotionUse.objects.filter(order=order).delete()
