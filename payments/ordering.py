"""An order freezes the terms of what is bought. Nothing is paid yet."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments.agreeing import in_effect, texts_agreed
from payments.attributing import NOWHERE, Source
from payments.days import practice_day
from payments.gifting import GiftWish, address_gift, require_giftable
from payments.limiting import require_may_buy
from payments.models import (
    BookRules,
    LegalEntity,
    Order,
    OrderLine,
    Package,
    Policy,
    PromotionCode,
)
from payments.money import can_be_charged, tax_inside
from payments.promoting import reduced, take_use
from payments.selling_errors import NotForSale

SAME_PURCHASE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Price:
    """What a package costs this buyer now; minor units, tax included."""

    listed_minor: int
    single_minor: int  # one session of it by itself
    discount_minor: int = 0
    promotion: PromotionCode | None = None

    @property
    def minor(self) -> int:
        return self.listed_minor - self.discount_minor


@transaction.atomic
def place_order(
    *,
    buyer: User,
    package: Package,
    at: datetime,
    reserved_for: uuid.UUID | None = None,
    source: Source = NOWHERE,
    price_minor: int | None = None,
    code: str = "",
    gift: GiftWish | None = None,
    at_desk: bool = False,
) -> Order:
    """Freeze the terms of one package for a buyer. Nothing is paid yet.

    ``price_minor`` is charged instead of the package's own price: a single session may cost
    something else with one therapist (S2). ``code`` is a promotion code as it was typed.
    ``at_desk`` sells what is not for sale online too. ``source`` is the page that led here.
    The order is under the version of the package's terms that is in effect now.

    An order of the same buyer for the same package, price and booking that is still open from
    the last half hour is returned again, so a double click buys once.

    Raises:
        NotForSale: the package is not on sale at `at`.
        LimitReached, IntroductoryUsed, NotVerified: not to this person, or not again.
        PromotionRefused: the code takes nothing off; nothing is ordered.
        NotAGift: it cannot be given like this.
    """
    buyer = User.objects.select_for_update().get(pk=buyer.pk)
    sold = _on_sale(package, at, at_desk=at_desk)
    if gift is not None:
        require_giftable(gift, package=sold, buyer=buyer)
    price = _price(sold, price_minor, code, buyer, at)
    policy = in_effect(sold.policy, practice_day(at))
    if same := _same_order(buyer, sold, policy, price, reserved_for, gift, at):
        return same
    require_may_buy(buyer=buyer, package=sold, at_desk=at_desk)
    order = open_order(
        buyer=buyer,
        currency=sold.currency,
        total_minor=price.minor,
        at=at,
        policy=policy,
        source=source,
        reserved_for=reserved_for,
        sold_by=sold.sold_by or LegalEntity.objects.filter(is_default=True).first(),
        promotion=price.promotion,
        discount_minor=price.discount_minor,
    )
    _add_line(order, sold, price)
    if price.promotion is not None:
        take_use(promotion=price.promotion, order=order, at=at)
    if gift is not None:
        address_gift(gift, order=order)
    return order


def open_order(
    *,
    buyer: User,
    total_minor: int,
    policy: Policy,
    at: datetime,
    source: Source = NOWHERE,
    **terms: object,
) -> Order:
    """An order without lines yet, with its number and the words of the terms agreed to."""
    order = Order.objects.create(
        number=uuid.uuid4().hex[:16],  # until the row has its id
        buyer=buyer,
        total_minor=total_minor,
        placed_at=at,
        policy=policy,
        agreed_texts=texts_agreed(policy, practice_day(at)),
        source_page=source.path[:200],
        article_id=source.page_id,
        article_title=source.title,
        **terms,
    )
    order.number = f"MFR-{order.pk:06d}"
    order.save(update_fields=["number"])
    return order


def _on_sale(package: Package, at: datetime, *, at_desk: bool) -> Package:
    offered = Package.objects.on_sale(at).select_related("sold_by")
    if not at_desk:
        offered = offered.exclude(visibility=Package.Visibility.HIDDEN)
    sold = offered.filter(pk=package.pk).first()
    if sold is None:
        raise NotForSale(_("This package is not on sale any more."))
    return sold


def _price(package: Package, own_price: int | None, code: str, buyer: User, at: datetime) -> Price:
    listed = package.price_minor if own_price is None else own_price
    single = single_price(package) if own_price is None else own_price
    if not can_be_charged(listed, package.currency):
        raise NotForSale(_("This price cannot be charged. Please ring us."))
    if not code.strip():
        return Price(listed, single)
    after = reduced(code=code, package=package, price_minor=listed, person=buyer, at=at, lock=True)
    return Price(listed, single, after.discount_minor, after.promotion)


def single_price(package: Package) -> int:
    """What one session of a package costs by itself, in the cheapest length that it covers."""
    prices = package.variants.filter(currency=package.currency).values_list(
        "price_minor", flat=True
    )
    each, over = divmod(package.price_minor, package.units)
    return min(prices, default=each + bool(over))


def _same_order(
    buyer: User,
    package: Package,
    policy: Policy,
    price: Price,
    reserved_for: uuid.UUID | None,
    gift: GiftWish | None,
    at: datetime,
) -> Order | None:
    open_ones = Order.objects.of(buyer).open().filter(reserved_for=reserved_for)
    same = open_ones.filter(
        lines__package=package,
        lines__price_minor=price.minor,
        lines__units=package.units,
        policy=policy,
        promotion=price.promotion,
    )
    same = same.filter(gift=None) if gift is None else same.filter(**gift.as_lookup())
    return same.filter(placed_at__gt=at - SAME_PURCHASE, placed_at__lte=at).first()


def _add_line(order: Order, package: Package, price: Price) -> OrderLine:
    line = OrderLine.objects.create(
        order=order,
        package=package,
        name=package.name,
        units=package.units,
        list_price_minor=price.listed_minor,
        discount_minor=price.discount_minor,
        price_minor=price.minor,
        single_price_minor=price.single_minor,
        tax_minor=tax_inside(price.minor, package.tax_rate_bp),
        tax_rate_bp=package.tax_rate_bp,
        tax_timing=BookRules.current().tax_timing,
        validity_days=package.validity_days,
        valid_from=package.valid_from,
    )
    line.variants.set(package.variants.all())
    return line
