"""A bookkeeper corrects the books: an entry is turned round, an amount goes where it belongs.

Nothing posted is changed. Each correction carries a name and a reason.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments.chart import Role
from payments.models import JournalEntry
from payments.posting.entries import Move, post, turned_round


class CorrectionError(Exception):
    """A correction that cannot be posted so; says why."""


@transaction.atomic
def reverse_entry(*, entry: JournalEntry, by: User, at: datetime, reason: str) -> JournalEntry:
    """Post an entry the other way round, dated the same unless that is closed. Once.

    Raises:
        CorrectionError: there is no reason, or the entry is itself a reversal.
    """
    if not reason.strip():
        raise CorrectionError(_("Say why it is reversed."))
    if entry.reverses_id is not None:
        raise CorrectionError(_("A reversal is not reversed. Post what is right instead."))
    done: JournalEntry | None = JournalEntry.objects.filter(reverses=entry).first()
    if done is not None:
        return done
    line = entry.lines.first()
    reversal = post(
        source=f"reversal:{entry.pk}",
        kind="reversal",
        description=f"Reversed: {entry.description}",
        moves=turned_round(entry),
        currency=line.currency if line else "",
        effective_at=entry.effective_at,
        at=at,
        reverses=entry,
        by=by,
        reason=reason.strip(),
    )
    if reversal is None:
        raise CorrectionError(_("There is nothing to reverse."))
    return reversal


def post_correction(
    *,
    key: str,
    debit: Role,
    credit: Role,
    amount_minor: int,
    currency: str,
    effective_at: datetime,
    by: User,
    at: datetime,
    reason: str,
) -> JournalEntry:
    """Move an amount between two accounts. `key` makes a second click harmless.

    Raises:
        CorrectionError: no reason, no amount, one account only, or a day still to come.
    """
    if not reason.strip():
        raise CorrectionError(_("Say why it is corrected."))
    if amount_minor <= 0:
        raise CorrectionError(_("The amount must be more than nothing."))
    if debit == credit:
        raise CorrectionError(_("Choose two different accounts."))
    if effective_at > at:
        raise CorrectionError(_("That day is still to come."))
    entry = post(
        source=f"correction:{key}",
        kind="correction",
        description=f"Correction: {reason.strip()}",
        moves=[Move(debit, credit, amount_minor)],
        currency=currency,
        effective_at=effective_at,
        at=at,
        by=by,
        reason=reason.strip(),
    )
    if entry is None:
        raise CorrectionError(_("There is nothing to correct."))
    return entry
