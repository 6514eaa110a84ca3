"""The till, counted: what each person took in a day, and what should be there (report 9)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from accounts import auditing
from accounts.models import User
from payments.days import end_of, practice_day, practice_zone, start_of
from payments.models import CashUp, JournalEntry, PaymentAttempt, RefundRequest
from payments.posting.desk import post_cash_difference

Method = PaymentAttempt.Method
LONGEST_NOTE = 200
MOST_MINOR = 10**12
AN_INSTANT = timedelta(seconds=1)
Key = tuple[date, int, str]  # day, person, currency


class CashUpError(Exception):
    """A till that cannot be counted so; says why."""


class NoteMissing(CashUpError):
    """A difference needs a word about it."""


class AlreadyCounted(CashUpError):
    """That till was counted that day; counting again has to be meant."""


class DayNotOver(CashUpError):
    """A day to come has no till."""


@dataclass(frozen=True, slots=True)
class Till:
    """A person's day at the desk in one currency; amounts in minor units.

    ``expected_minor`` is the cash that should be there now; ``counted`` what was said of it.
    """

    on: date
    person: User
    currency: str
    cash_minor: int
    cash_back_minor: int
    terminal_minor: int
    transfer_minor: int
    counted: CashUp | None

    @property
    def expected_minor(self) -> int:
        return self.cash_minor - self.cash_back_minor

    @property
    def is_stale(self) -> bool:
        """Cash moved after it was counted, so the count says less than it did."""
        return self.counted is not None and self.counted.expected_minor != self.expected_minor


def tills(*, start: date, end: date, person: User | None = None) -> list[Till]:
    """Who took money from `start` until before `end`, by day, person and currency; four queries.

    With `person` only that one's. A till that was counted is listed though nothing moved.
    """
    taken = _sums(
        PaymentAttempt.objects.filter(status=PaymentAttempt.Status.PAID),
        "recorded_by",
        "paid_at",
        (start, end, person),
    )
    back = _sums(
        RefundRequest.objects.filter(status=RefundRequest.Status.SUCCEEDED, method=Method.CASH),
        "requested_by",
        "settled_at",
        (start, end, person),
    )
    counts = CashUp.objects.filter(on__gte=start, on__lt=end)
    if person is not None:
        counts = counts.filter(person=person)
    counted = {
        (one.on, one.person_id, one.currency): one for one in counts.select_related("made_by")
    }
    keys: set[Key] = {*taken, *back, *counted}
    people = User.objects.in_bulk({who for _on, who, _currency in keys})
    found = [
        Till(
            on=key[0],
            person=people[key[1]],
            currency=key[2],
            cash_minor=taken.get(key, {}).get(Method.CASH, 0),
            cash_back_minor=back.get(key, {}).get(Method.CASH, 0),
            terminal_minor=taken.get(key, {}).get(Method.TERMINAL, 0),
            transfer_minor=taken.get(key, {}).get(Method.TRANSFER, 0),
            counted=counted.get(key),
        )
        for key in keys
    ]
    return sorted(
        found, key=lambda till: (till.on, str(till.person), till.person.pk, till.currency)
    )


def till_of(*, person: User, on: date, currency: str) -> Till:
    """One person's day, also where nothing was taken."""
    found = tills(start=on, end=on + timedelta(days=1), person=person)
    empty = Till(on, person, currency, 0, 0, 0, 0, None)
    return next((till for till in found if till.currency == currency), empty)


@transaction.atomic
def cash_up(
    *,
    person: User,
    on: date,
    currency: str,
    counted_minor: int,
    note: str,
    by: User,
    at: datetime,
    again: bool = False,
) -> CashUp:
    """Say what was counted in a person's till; the difference to what should be there is posted.

    The same count twice is one. ``again`` corrects an earlier count: what it changes is posted
    as an entry of its own, and the first entry stays.

    Raises:
        NoteMissing: it differs, or corrects a count, and nobody says why.
        AlreadyCounted: it was counted, otherwise, and `again` is not meant.
        DayNotOver, CashUpError: it cannot be counted so. Nothing is written, whatever is raised.
    """
    if on > practice_day(at):
        raise DayNotOver(_("That day is still to come."))
    if not 0 <= counted_minor <= MOST_MINOR:
        raise CashUpError(_("Type the cash that was counted, nothing or more."))
    note = note.strip()[:LONGEST_NOTE]
    User.objects.select_for_update().get(pk=person.pk)
    found = CashUp.objects.select_for_update().filter(on=on, person=person, currency=currency)
    earlier = found.first()
    expected = till_of(person=person, on=on, currency=currency).expected_minor
    if earlier is not None and _says(earlier, expected, counted_minor):
        return earlier
    if earlier is not None and not again:
        raise AlreadyCounted(
            _("This till is counted already. Say that you count it again, and why.")
        )
    difference = counted_minor - expected
    if not note and (difference or earlier is not None):
        raise NoteMissing(_("Say in a few words how the difference came about."))
    posted = earlier.difference_minor if earlier else 0
    kept = earlier or CashUp(on=on, person=person, currency=currency)
    kept.expected_minor, kept.counted_minor = expected, counted_minor
    kept.difference_minor, kept.note = difference, note
    kept.made_at, kept.made_by = at, by
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError as race:
        raise AlreadyCounted(_("Somebody has just counted this till.")) from race
    auditing.record(
        "money.till_counted",
        by=by,
        at=at,
        about="till",
        key=f"{person.public_id}:{on.isoformat()}:{currency}",
        after={
            "expected_minor": expected,
            "counted_minor": counted_minor,
            "difference_minor": difference,
            "again": earlier is not None,
        },
        why=note,
    )
    post_cash_difference(
        cash_up=kept,
        count=_counts(kept) + 1,
        difference_minor=difference - posted,
        effective_at=min(at, end_of(on) - AN_INSTANT),
        by=by,
        at=at,
    )
    return kept


def _says(count: CashUp, expected_minor: int, counted_minor: int) -> bool:
    return (count.expected_minor, count.counted_minor) == (expected_minor, counted_minor)


def _counts(kept: CashUp) -> int:
    return JournalEntry.objects.filter(source__startswith=f"cash-up:{kept.pk}:").count()


def _sums(
    rows: "QuerySet[Any]", who: str, when: str, which: tuple[date, date, User | None]
) -> dict[Key, dict[str, int]]:
    """Totals by day, person and currency, then by method; days are the practice's."""
    start, end, person = which
    rows = rows.filter(**{f"{when}__gte": start_of(start), f"{when}__lt": start_of(end)})
    rows = rows.filter(**{who: person}) if person else rows.exclude(**{who: None})
    sums = (
        rows.order_by()
        .annotate(on=TruncDate(when, tzinfo=practice_zone()), who=F(who))
        .values("on", "who", "currency", "method")
        .annotate(total=Sum("amount_minor"))
        .order_by("on", "who", "currency")
    )
    return {key: {row["method"]: row["total"] for row in group} for key, group in _by_till(sums)}


def _by_till(sums: Any) -> Iterator[tuple[Key, Iterator[dict[str, Any]]]]:
    return groupby(sums, key=lambda row: (row["on"], row["who"], row["currency"]))
