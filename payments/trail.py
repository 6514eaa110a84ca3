"""What the audit trail is told of money and credits: who did what, in figures and states.

What rules post by themselves (sessions done, credits that end, what Stripe tells) is not noted
here one by one: those ledgers only grow and say it all (docs/audit.md).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from accounts import auditing
from accounts.models import User
from payments.models import (
    BankLine,
    CreditEntry,
    Dispute,
    JournalEntry,
    Mismatch,
    Order,
    PaymentAttempt,
    RefundRequest,
)

Kind = CreditEntry.Kind
# Noted by the act on the session they go with, or done by a rule whose day has come.
_TOLD_ELSEWHERE: Final = (Kind.RESERVE, Kind.RELEASE, Kind.USE)
_BY_RULE: Final = (Kind.EXPIRE,)
_OF_GIFTS: Final = "gift:"  # their words name who the gift is for


def movement(entry: CreditEntry, *, by: User | None, at: datetime) -> None:
    """A movement of credits by a person, or by a payment that came in."""
    of_session = entry.kind in _TOLD_ELSEWHERE or entry.booking_id is not None
    if of_session or entry.kind in _BY_RULE or (by is None and entry.kind != Kind.PURCHASE):
        return
    after = {"units": entry.units, "from": entry.from_bucket, "to": entry.to_bucket}
    before: dict[str, Any] = {}
    if entry.expires_on_after is not None:
        before, after["expires_on"] = (
            {"expires_on": entry.expires_on_before},
            entry.expires_on_after,
        )
    auditing.record(
        f"credits.{entry.kind}",
        by=by,
        at=at,
        about="lot",
        key=str(entry.lot.public_id),
        runner=entry.lot.owner,
        before=before,
        after=after,
        why="" if entry.source.startswith(_OF_GIFTS) else entry.reason,
    )


def sale(order: Order, attempt: PaymentAttempt, *, was: str, at: datetime) -> None:
    """Money for an order is here: taken at the desk by somebody, or come by itself."""
    of_order(
        "money.paid",
        order,
        by=attempt.recorded_by,
        at=at,
        before={"status": was},
        after={
            "status": order.status,
            "method": attempt.method,
            "amount_minor": attempt.amount_minor,
            "currency": attempt.currency,
        },
    )


def refund(request: RefundRequest, *, by: User, at: datetime) -> None:
    """A refund was made: asked of Stripe, paid by hand, or put to its order afterwards."""
    of_order(
        "money.refunded",
        request.order,
        by=by,
        at=at,
        after={
            "refund": request.number,
            "origin": request.origin,
            "method": request.method,
            "amount_minor": request.amount_minor,
            "currency": request.currency,
            "units": request.sums.get("units", 0),
        },
        why=request.reason,
    )


def of_order(
    action: str,
    order: Order,
    *,
    by: User | None,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
) -> None:
    auditing.record(
        action,
        by=by,
        at=at,
        about="order",
        key=str(order.public_id),
        runner=order.buyer,
        before=before,
        after=after,
        why=why,
    )


def mismatch_resolved(mismatch: Mismatch, *, by: User, at: datetime) -> None:
    auditing.record(
        "money.mismatch_resolved",
        by=by,
        at=at,
        about="mismatch",
        key=str(mismatch.pk),
        before={"status": Mismatch.Status.OPEN},
        after={"status": mismatch.status, "code": mismatch.code},
        why=mismatch.resolution,
    )


def posted(entry: JournalEntry, amounts: int, currency: str, *, by: User, at: datetime) -> None:
    """An entry of the journal that somebody wrote, or that an act of theirs did."""
    auditing.record(
        "journal.posted",
        by=by,
        at=at,
        about="journal",
        key=str(entry.pk),
        after={
            "kind": entry.kind,
            "amount_minor": amounts,
            "currency": currency,
            "reverses": entry.reverses_id,
        },
        why=entry.reason,
    )


def bank_line(action: str, line: BankLine, *, by: User | None, at: datetime, why: str = "") -> None:
    auditing.record(
        action,
        by=by or auditing.asker.get()(),
        at=at,
        about="bank line",
        key=str(line.pk),
        after={"payout": line.payout_id, "amount_minor": line.amount_minor},
        why=why,
    )


def dispute(action: str, found: Dispute, *, by: User, at: datetime) -> None:
    auditing.record(
        action,
        by=by,
        at=at,
        about="dispute",
        key=found.pk,
        after={"amount_minor": found.amount_minor, "currency": found.currency},
    )
