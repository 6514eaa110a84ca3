"""What the till holds is not what it should: the difference is posted when it is counted."""

from datetime import datetime

from accounts.models import User
from payments.chart import Role
from payments.models import CashUp, JournalEntry
from payments.posting.entries import Move, post


def post_cash_difference(
    *,
    cash_up: CashUp,
    count: int,
    difference_minor: int,
    effective_at: datetime,
    by: User,
    at: datetime,
) -> JournalEntry | None:
    """Bring the cash drawer to what was counted: missing cash is a cost, cash too much is not.

    ``count`` is the how-manieth count of that till it is; a further one posts what it changes.
    """
    return post(
        source=f"cash-up:{cash_up.pk}:{count}",
        kind="cash difference",
        description=f"Cash-up of {cash_up.on} by {cash_up.person}",
        moves=[Move(Role.CASH_DRAWER, Role.CASH_DIFFERENCES, difference_minor)],
        currency=cash_up.currency,
        effective_at=effective_at,
        at=at,
        by=by,
        reason=cash_up.note,
    )
