"""What somebody paid beside a credit: owed until the session, then earned with it (B5)."""

from datetime import datetime

from payments.chart import Role
from payments.models import CreditEntry, JournalEntry, Order, OrderLine, PaymentAttempt
from payments.posting.entries import Move, post
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


def post_top_up_taken_back(*, entry: CreditEntry, at: datetime) -> JournalEntry | None:
    """The use was taken back: so is what was earned beside it, dated the same."""
    earned = JournalEntry.objects.filter(source=f"top-up:{entry.reverses_id}").first()
    if earned is None:
        return None
    return post(
        source=f"top-up:{entry.pk}",
        kind="taken back",
        description=f"Taken back: {earned.description}",
        moves=[
            Move(
                Role.called(line.credit),
                Role.called(line.debit),
                line.amount_minor,
                line.order,
                line.lot,
                line.booking_id,
            )
            for line in earned.lines.select_related("order", "lot")
        ],
        currency=entry.lot.currency,
        effective_at=entry.effective_at,
        at=at,
        reverses=earned,
    )
