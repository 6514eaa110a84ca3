"""What else happens with money in a practice: paid back, disputed, paid in cash.

Played last, so that the books have something that needs a person, and the pages something to
show. The people and orders are those of the history.
"""

import uuid
from datetime import datetime

from accounts.models import User
from payments.crediting.ledger import units_in
from payments.desk_selling import sell_at_desk
from payments.models import Bucket, Charge, CreditLot, Order, Package, PaymentAttempt
from payments.refunding.quoting import quote_refund
from payments.refunding.requesting import request_refund
from payments.sandbox.control_client import SandboxControl
from portal.demo import logins

ENOUGH = 2  # credits left; an order with fewer is left alone


def make_trouble(*, sandbox: SandboxControl, at: datetime) -> None:
    """A refund of ours, one made at Stripe that waits for somebody, a dispute, a cash sale."""
    ours, theirs, disputed, *_rest = _orders()
    _pay_back(ours, at)
    sandbox.dashboard_refund(_charge(theirs), amount=theirs.total_minor // theirs.lines.get().units)
    sandbox.dispute(_charge(disputed), reason="product_not_received")
    _sell_for_cash(disputed.buyer, at)


def _orders() -> list[Order]:
    """Orders paid by card with credits left, the newest first, each of another runner."""
    found: dict[int, Order] = {}
    lots = CreditLot.objects.active().select_related("order_line__order__buyer")
    for lot in lots.order_by("-pk"):
        is_free = units_in(lot, [Bucket.AVAILABLE]) >= ENOUGH and not units_in(
            lot, [Bucket.RESERVED]
        )
        if lot.order_line is not None and is_free:
            found.setdefault(lot.owner_id, lot.order_line.order)
    keen = User.objects.get(email=logins.RUNNER.email)
    return [order for owner, order in found.items() if owner != keen.pk]


def _charge(order: Order) -> str:
    return Charge.objects.get(attempt__order=order, status="succeeded").pk


def _pay_back(order: Order, at: datetime) -> None:
    quote = quote_refund(order=order, units=1, at=at)
    request_refund(
        order=order,
        token=quote.token,
        by=User.objects.get(email=logins.BOOKS),
        reason="Moving to Leeds",
        at=at,
    )


def _sell_for_cash(buyer: User, at: datetime) -> None:
    sell_at_desk(
        buyer=buyer,
        package=Package.objects.filter(units=1).order_by("position", "pk")[0],
        method=PaymentAttempt.Method.CASH,
        by=User.objects.get(email=logins.DESK),
        at=at,
        key=uuid.uuid4(),
    )
