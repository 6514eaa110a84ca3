"""What tests of refunds and disputes do again and again."""

import uuid

from django.contrib.auth.models import Group
from django.db.models import Q, Sum

from accounts.roles import BOOKKEEPERS
from payments.chart import Role
from payments.crediting import reserve, use
from payments.days import practice_day
from payments.models import CreditLot, JournalLine, Order
from payments.refunding.quoting import quote_refund
from payments.refunding.requesting import request_refund
from tests.builders import make_package, make_runner, make_staff

CLEARING, OWED, UNASSIGNED = Role.STRIPE_CLEARING, Role.REFUNDS_OWED, Role.UNASSIGNED


def make_bookkeeper(email: str = "", *, group: str = BOOKKEEPERS, **values):
    staff = make_staff(email, **values)
    staff.groups.add(Group.objects.get(name=group))
    return staff


def sold(shop, *, units: int = 5, price_minor: int = 26000, card: str = "", **values) -> Order:
    """A package bought with a card, known to the portal with all that Stripe tells of it."""
    package = make_package(units=units, price_minor=price_minor, **values)
    attempt = shop.checkout(shop.order(make_runner(), package))
    paid = shop.sandbox.pay(attempt.stripe_session_id, **({"card": card} if card else {}))
    assert paid["outcome"] == "paid"
    shop.sandbox.advance("2h")
    shop.handle_all()
    order = attempt.order
    order.refresh_from_db()
    return order


def use_units(shop, lot: CreditLot, units: int, *, done: bool = True) -> list[uuid.UUID]:
    """Sessions with these credits: done, or only booked."""
    ids = [uuid.uuid4() for _ in range(units)]
    for booking_id in ids:
        reserve(
            owner=lot.owner,
            variant=lot.variants.first(),
            booking_id=booking_id,
            session_on=practice_day(shop.at),
            by=None,
            at=shop.at,
        )
        if done:
            use(booking_id=booking_id, by=None, at=shop.at, effective_at=shop.at, reason="Done")
    return ids


def refund(shop, order: Order, by, *, units=None, amount=None, **values):
    """Ask for the sums and say yes to them."""
    quote = quote_refund(order=order, units=units, amount_minor=amount, at=shop.at)
    return request_refund(
        order=order,
        token=quote.token,
        by=by,
        reason=values.pop("reason", "She moves away."),
        at=shop.at,
        **values,
    )


def sums(*roles: Role) -> dict[str, int]:
    """Debits less credits of accounts; those with nothing on them are left out."""
    found = {}
    for role in roles or tuple(Role):
        lines = JournalLine.objects.filter(Q(debit=role.code) | Q(credit=role.code))
        total = lines.aggregate(
            debits=Sum("amount_minor", filter=Q(debit=role.code), default=0),
            credits=Sum("amount_minor", filter=Q(credit=role.code), default=0),
        )
        if balance := total["debits"] - total["credits"]:
            found[role.name] = balance
    return found


def buckets(order: Order) -> dict[str, int]:
    [lot] = CreditLot.objects.filter(order_line__order=order).with_balances()
    names = ("available", "reserved", "used", "refunded")
    return {name: getattr(lot, name) for name in names if getattr(lot, name)}
