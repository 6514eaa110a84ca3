"""Closing the books of a period (F5): in order, whole days that are over, proved before.

Afterwards nothing is dated into it, says the database; what is learnt later is dated into the
open period and keeps the day it happened (payments/closing.py).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q, Sum
from django.utils.translation import gettext as _

from accounts import auditing
from accounts.models import User
from payments.closing import keep_posters_out
from payments.days import end_of, practice_day
from payments.invariants import Breach, all_checks
from payments.models import JournalEntry, JournalLine, Mismatch, Period, StripeEvent

ONE_DAY = timedelta(days=1)


class ClosingError(Exception):
    """A period that cannot be closed so; says why."""


class NotProved(ClosingError):
    """Something is open that must be settled first, or overridden with a reason."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What stands between the books and the end of a period."""

    starts_on: date | None
    ends_on: date
    critical: Sequence[Mismatch]
    open_others: int
    broken: Sequence[Breach]
    waiting_events: int

    @property
    def is_ready(self) -> bool:
        return not self.critical and not self.broken


def first_open_day() -> date | None:
    """The day after the last closed period; before any, that of the first posting."""
    last: Period | None = Period.objects.order_by("-ends_at").first()
    if last is not None:
        return last.ends_on + ONE_DAY
    first: datetime | None = JournalEntry.objects.aggregate(at=Min("effective_at"))["at"]
    return practice_day(first) if first else None


def readiness(*, ends_on: date) -> Readiness:
    """The checklist before closing up to `ends_on`; reads only, proves everything."""
    found = Mismatch.objects.open()
    serious = found.filter(severity=Mismatch.Severity.CRITICAL)
    return Readiness(
        starts_on=first_open_day(),
        ends_on=ends_on,
        critical=list(serious.select_related("order")),
        open_others=found.exclude(severity=Mismatch.Severity.CRITICAL).count(),
        broken=[breach for check in all_checks() for breach in check()],
        waiting_events=StripeEvent.objects.filter(
            status__in=[StripeEvent.Status.PENDING, StripeEvent.Status.FAILED],
            received_at__lt=end_of(ends_on),
        ).count(),
    )


@transaction.atomic
def close_period(
    *, ends_on: date, by: User, at: datetime, note: str = "", despite: str = ""
) -> Period:
    """Close the books up to the end of `ends_on`. The same day again returns its period.

    `despite` is the reason to close although something is open; it is kept in the note.

    Raises:
        ClosingError: the day is not over, lies in a closed period, or nothing was posted yet.
        NotProved: something critical is open or an invariant is broken, and no reason is given.
    """
    keep_posters_out()
    same: Period | None = Period.objects.filter(ends_at=end_of(ends_on)).first()
    if same is not None:
        return same
    starts_on = _start_of_next(ends_on, at)
    ready = readiness(ends_on=ends_on)
    if not ready.is_ready and not despite.strip():
        raise NotProved(_unproved(ready))
    if despite.strip() and not ready.is_ready:
        note = f"{note.strip()} Closed although not proved: {despite.strip()}".strip()
    period: Period = Period.objects.create(
        starts_on=starts_on,
        ends_on=ends_on,
        ends_at=end_of(ends_on),
        closed_at=at,
        closed_by=by,
        note=note.strip()[:200],
        trial_balance=trial_balance(before=end_of(ends_on)),
    )
    auditing.record(
        "money.period_closed",
        by=by,
        at=at,
        about="period",
        key=ends_on.isoformat(),
        after={"starts_on": starts_on, "ends_on": ends_on, "proved": ready.is_ready},
        why=note.strip(),
    )
    return period


def _start_of_next(ends_on: date, at: datetime) -> date:
    if ends_on >= practice_day(at):
        raise ClosingError(_("Only days that are over can be closed."))
    starts_on = first_open_day()
    if starts_on is None:
        raise ClosingError(_("Nothing has been posted yet, so there is nothing to close."))
    if ends_on < starts_on:
        raise ClosingError(_("The books of that day are closed, or begin after it."))
    return starts_on


def _unproved(ready: Readiness) -> str:
    parts = []
    if ready.critical:
        parts.append(
            _("%(count)d critical items are open") % {"count": len(ready.critical)}
            if len(ready.critical) > 1
            else _("one critical item is open")
        )
    if ready.broken:
        rules = ", ".join(sorted({breach.invariant for breach in ready.broken}))
        parts.append(_("%(rules)s does not hold") % {"rules": rules})
    why = _(" and ").join(parts)
    return _("Not yet: %(why)s. Settle it, or say why to close all the same.") % {"why": why}


def trial_balance(*, before: datetime) -> dict[str, dict[str, int]]:
    """Debits less credits of each account in each currency, as lines dated before say.

    Keys are currencies, then the keys of the accounts; the amounts of a currency sum to zero.
    """
    lines = JournalLine.objects.filter(entry__effective_at__lt=before).order_by()
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for side, sign in (("debit", 1), ("credit", -1)):
        sums = lines.values_list("currency", side).annotate(total=Sum("amount_minor"))
        for currency, code, total in sums:
            found[currency][code] += sign * total
    return {
        currency: {code: sums[code] for code in sorted(sums) if sums[code]}
        for currency, sums in sorted(found.items())
    }


def account_movements(
    *, code: str, since: datetime | None, until: datetime | None
) -> "Sequence[JournalLine]":
    """The lines that touch an account in a stretch of time, oldest first."""
    lines = JournalLine.objects.filter(Q(debit=code) | Q(credit=code)).select_related(
        "entry", "order", "lot"
    )
    if since is not None:
        lines = lines.filter(entry__effective_at__gte=since)
    if until is not None:
        lines = lines.filter(entry__effective_at__lt=until)
    return list(lines.order_by("entry__effective_at", "pk"))
