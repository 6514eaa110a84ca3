"""Units come to be: bought, or given by us."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments.crediting.errors import CreditError
from payments.crediting.ledger import Kind, Worth, append
from payments.days import practice_day
from payments.models import Bucket, CreditLot, Order, OrderLine, Policy, ServiceVariant
from payments.money import DEFAULT_CURRENCY, split_evenly

LONGEST = timedelta(days=3653)  # ten years: what is later was a slip of the finger


@transaction.atomic
def grant_lots(*, order: Order, at: datetime) -> list[CreditLot]:
    """Give the buyer the lots of a paid order: one for each line, once.

    A line that has its lot keeps it, so a second call returns the same lots.
    """
    packages = order.lines.filter(kind=OrderLine.Kind.PACKAGE)
    return [_lot_of(line, order, at) for line in packages.order_by("pk")]


def _lot_of(line: OrderLine, order: Order, at: datetime) -> CreditLot:
    if existing := CreditLot.objects.filter(order_line=line).first():
        return existing
    starts_on = practice_day(at)
    lot = CreditLot.objects.create(
        order_line=line,
        owner_id=order.buyer_id,
        name=line.name,
        units=line.units,
        unit_values=split_evenly(line.net_minor, line.units),
        tax_minor=line.tax_minor,
        currency=order.currency,
        starts_on=starts_on,
        expires_on=starts_on + timedelta(days=line.validity_days),
        granted_at=at,
        policy_id=order.policy_id,
    )
    lot.variants.set(line.variants.all())
    append(
        lot,
        Kind.PURCHASE,
        lot.units,
        (Bucket.ISSUED, Bucket.AVAILABLE),
        worth=Worth(lot.value_minor, lot.tax_minor),
        source=f"purchase:{line.pk}",
        reason=f"Order {order.number}",
        at=at,
    )
    return lot


@transaction.atomic
def grant_goodwill(
    *,
    owner: User,
    variants: Iterable[ServiceVariant],
    units: int,
    reason: str,
    by: User,
    at: datetime,
    expires_on: date,
    key: uuid.UUID | None = None,
) -> CreditLot:
    """Give free units: they are worth nothing in the books and never become revenue.

    `key` stands for the click: the same key gives once. Without one each call gives once more.

    Raises:
        CreditError: no reason, no unit, a last day that is over, or nothing they would pay for.
    """
    User.objects.select_for_update().get(pk=owner.pk)
    if key is not None and (given := CreditLot.objects.filter(public_id=key, owner=owner).first()):
        return given
    variants = list(variants)
    today = practice_day(at)
    if units < 1 or not variants or not today <= expires_on <= today + LONGEST:
        raise CreditError(_("Give at least one credit, for a session, until a day to come."))
    policy = Policy.objects.current(practice_day(at)).first()
    if policy is None:
        raise CreditError(_("There are no terms in effect, so no credit can be given."))
    if not reason.strip():
        raise CreditError(_("Say why the credit is given."))
    lot = CreditLot.objects.create(
        public_id=key or uuid.uuid4(),
        owner=owner,
        name=_("Goodwill credit"),
        units=units,
        unit_values=[0] * units,
        currency=DEFAULT_CURRENCY,
        starts_on=practice_day(at),
        expires_on=expires_on,
        granted_at=at,
        policy=policy,
        is_goodwill=True,
    )
    lot.variants.set(variants)
    append(
        lot,
        Kind.GOODWILL,
        units,
        (Bucket.ISSUED, Bucket.AVAILABLE),
        source=f"goodwill:{lot.public_id}",
        reason=reason,
        by=by,
        at=at,
    )
    return lot
