"""What somebody paid beside a credit: owed until the session, then earned with it (B5)."""

from datetime import datetime

from django.db.models import Q, Sum

from payments.chart import Role
from payments.models import (
    CreditEntry,
    JournalEntry,
    JournalLine,
    Order,
    OrderLine,
    PaymentAttempt,
)
from payments.posting.entries import Move, post, turned_round
from payments.posting.sales import MONEY_OF_METHOD


def post_top_up_paid(*, line: OrderLine, method: str, at: datetime) -> JournalEntry | None:
    """Money came in for a session to come; its tax is due at once, as the session is known."""
    money = MONEY_OF_METHOD[PaymentAttempt.Method(method)]
    order = line.order
    booking_id = order.reserved_for
    return post(
        source=f"sale:{order.pk}",
        kind="top-up",
        description=f"Order {order.number} paid",
        moves=[
            Move(money, Role.TOP_UPS, line.net_minor, order, booking_id=booking_id),
            Move(money, Role.TAX_PAYABLE, line.tax_minor, order, booking_id=booking_id),
        ],
        currency=order.currency,
        effective_at=at,
        at=at,
    )


def post_top_up_earned(*, entry: CreditEntry, late: bool, at: datetime) -> JournalEntry | None:
    """The credit of a session that was topped up is used: what was paid beside it is earned."""
    lines = OrderLine.objects.filter(
        kind=OrderLine.Kind.TOP_UP,
        order__reserved_for=entry.booking_id,
        order__status=Order.Status.PAID,
    )
    line = lines.select_related("order").order_by("order__paid_at").first()
    if entry.booking_id is None or line is None:
        return None
    role = Role.LATE_REVENUE if late else Role.SESSION_REVENUE
    return post(
        source=f"top-up:{entry.pk}",
        kind="late" if late else "top-up used",
        description=f"{line.name}: order {line.order.number}",
        moves=[Move(Role.TOP_UPS, role, line.net_minor, line.order, None, entry.booking_id)],
        currency=line.order.currency,
        effective_at=entry.effective_at,
        at=at,
    )


def top_up_to(account: Role, order: Order, amount_minor: int) -> list[Move]:
    """Of an amount that goes back, what is still owed of a top-up: owed by `account` instead.

    Nothing once its session has earned it.
    """
    line = order.lines.filter(kind=OrderLine.Kind.TOP_UP).first()
    if line is None or amount_minor <= 0:
        return []
    top_ups = JournalLine.objects.filter(order=order)
    owed = top_ups.aggregate(
        came=Sum("amount_minor", filter=Q(credit=Role.TOP_UPS.code), default=0),
        went=Sum("amount_minor", filter=Q(debit=Role.TOP_UPS.code), default=0),
    )
    tax = (2 * amount_minor * line.tax_minor + line.price_minor) // (2 * line.price_minor)
    net = amount_minor - tax
    if net > owed["came"] - owed["went"]:
        return []
    return [
        Move(Role.TOP_UPS, account, net, order, booking_id=order.reserved_for),
        Move(Role.TAX_PAYABLE, account, tax, order, booking_id=order.reserved_for),
    ]


def post_top_up_taken_back(*, entry: CreditEntry, at: datetime) -> JournalEntry | None:
    """The use was taken back: so is what was earned beside it, dated the same."""
    earned = JournalEntry.objects.filter(source=f"top-up:{entry.reverses_id}").first()
    if earned is None:
        return None
    return post(
        source=f"top-up:{entry.pk}",
        kind="taken back",
        description=f"Taken back: {earned.description}",
        moves=turned_round(earned),
        currency=entry.lot.currency,
        effective_at=entry.effective_at,
        at=at,
        reverses=earned,
    )
