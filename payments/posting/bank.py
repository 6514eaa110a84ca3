"""Money on its way arrives in the bank, or turns out not to have."""

from datetime import datetime

from accounts.models import User
from payments.chart import Role
from payments.days import start_of
from payments.models import BankLine, JournalEntry, Payout
from payments.posting.entries import Move, post


def post_arrival(*, line: BankLine, payout: Payout, by: User, at: datetime) -> JournalEntry | None:
    """A payout was found on the statement: it is in the bank since that day."""
    return post(
        source=f"bank:{line.pk}:{_entries_of(line) + 1}",
        kind="bank arrival",
        description=f"Payout {payout.pk} on the bank statement",
        moves=[Move(Role.BANK, Role.BANK_IN_TRANSIT, line.amount_minor)],
        currency=line.currency,
        effective_at=start_of(line.booked_on),
        at=at,
        by=by,
    )


def post_arrival_undone(*, line: BankLine, by: User, at: datetime) -> JournalEntry | None:
    """The line was another payment: what matching posted is posted the other way round."""
    standing = JournalEntry.objects.filter(
        source__startswith=f"bank:{line.pk}:", reverses=None, reversed_by=None
    ).last()
    if standing is None:
        return None
    return post(
        source=f"bank:{line.pk}:{_entries_of(line) + 1}",
        kind="bank arrival undone",
        description=f"Undone: {standing.description}",
        moves=[Move(Role.BANK_IN_TRANSIT, Role.BANK, line.amount_minor)],
        currency=line.currency,
        effective_at=standing.effective_at,
        at=at,
        reverses=standing,
        by=by,
    )


def _entries_of(line: BankLine) -> int:
    return JournalEntry.objects.filter(source__startswith=f"bank:{line.pk}:").count()
