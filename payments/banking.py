"""The bank's statement: imported once, each line matched to the payout it is, or set aside."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import auditing
from accounts.models import User
from payments import trail
from payments.bank_statements import Columns, StatementError, StatementLine, read_statement
from payments.days import practice_day
from payments.mirroring import PAYOUT_LOST
from payments.mismatching import settle_mismatch
from payments.models import BankImport, BankLine, Payout
from payments.money import DEFAULT_CURRENCY
from payments.posting.bank import post_arrival, post_arrival_undone

CODE = "M12"
LATE_AFTER = 3  # business days between a payout's arrival and its line, before somebody looks
LINE_FROM, LINE_UNTIL = -1, 5  # days before, business days after the arrival that Stripe tells
AT_ONCE = 500
BY_HAND = "Seen on the statement"
SATURDAY = 5


class BankError(Exception):
    """A statement or a match that cannot be; says why."""


class DoesNotMatch(BankError):
    """The line is not this payout."""


class LineTaken(BankError):
    """The line, or the payout, has its match already."""


class ReasonMissing(BankError):
    """Nothing is set aside without a word."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file brought: lines that are new, and those we knew from another one."""

    bank_import: BankImport
    new: int
    known: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The payouts a line may be, the likeliest first; `is_sure` when only one can be meant."""

    line: BankLine
    payouts: tuple[Payout, ...]
    is_sure: bool


# importing ---------------------------------------------------------------------------------
def import_statement(
    *,
    content: bytes,
    file_name: str,
    by: User,
    at: datetime,
    columns: Columns | None = None,
    currency: str = DEFAULT_CURRENCY,
) -> Imported:
    """Keep the lines of a file that are new. The same file, or one that overlaps, adds none twice.

    All of it is kept or nothing.

    Raises:
        ColumnsUnknown: it is a CSV whose columns somebody has to name.
        StatementError: it cannot be read, or tells of days to come.
    """
    digest = hashlib.sha256(content).hexdigest()
    if earlier := BankImport.objects.filter(sha256=digest).first():
        return Imported(earlier, 0, earlier.lines.count())
    kind, lines = read_statement(content, currency=currency, columns=columns)
    _require_past(lines, at)
    try:
        return _kept(digest, kind, file_name, _marked(lines), by, at)
    except IntegrityError:  # the same file, or line, came in by another door meanwhile
        return _kept_after_all(digest, kind, file_name, _marked(lines), by, at)


def _require_past(lines: Sequence[StatementLine], at: datetime) -> None:
    last = max(line.booked_on for line in lines)
    if last > practice_day(at) + timedelta(days=1):
        raise StatementError(
            _("This file tells of %(day)s, which is still to come. Are day and month swapped?")
            % {"day": last.isoformat()}
        )


def _marked(lines: Iterable[StatementLine]) -> dict[str, StatementLine]:
    """Each line by what it says; equal ones are told apart by which of them it is."""
    seen: Counter[StatementLine] = Counter()
    found = {}
    for line in lines:
        seen[line] += 1
        says = (line.account, line.booked_on, line.amount_minor, line.currency, line.text)
        words = "\x1f".join(map(str, (*says, line.reference, seen[line])))
        found[hashlib.sha256(words.encode()).hexdigest()] = line
    return found


@transaction.atomic
def _kept(
    digest: str,
    kind: str,
    file_name: str,
    lines: dict[str, StatementLine],
    by: User,
    at: datetime,
) -> Imported:
    kept = BankImport.objects.create(
        format=kind, file_name=file_name[:200], sha256=digest, imported_at=at, imported_by=by
    )
    known = _known(lines)
    new = {print_: line for print_, line in lines.items() if print_ not in known}
    BankLine.objects.bulk_create(
        [
            BankLine(
                imported=kept,
                account=line.account[:60],
                booked_on=line.booked_on,
                amount_minor=line.amount_minor,
                currency=line.currency,
                text=line.text[:500],
                reference=line.reference[:200],
                fingerprint=print_,
            )
            for print_, line in new.items()
        ],
        batch_size=AT_ONCE,
    )
    auditing.record(
        "money.bank_imported",
        by=by,
        at=at,
        about="bank statement",
        key=str(kept.pk),
        after={"lines": len(new), "format": kind},
    )
    return Imported(kept, len(new), len(lines) - len(new))


def _kept_after_all(
    digest: str,
    kind: str,
    file_name: str,
    lines: dict[str, StatementLine],
    by: User,
    at: datetime,
) -> Imported:
    if earlier := BankImport.objects.filter(sha256=digest).first():
        return Imported(earlier, 0, earlier.lines.count())
    return _kept(digest, kind, file_name, lines, by, at)


def _known(lines: dict[str, StatementLine]) -> set[str]:
    prints = list(lines)
    chunks = [prints[start : start + AT_ONCE] for start in range(0, len(prints), AT_ONCE)]
    return {
        known
        for chunk in chunks
        for known in BankLine.objects.filter(fingerprint__in=chunk).values_list(
            "fingerprint", flat=True
        )
    }


# matching ----------------------------------------------------------------------------------
def suggestions(lines: Sequence[BankLine]) -> list[Suggestion]:
    """What each line may be, among payouts that have none; two queries however many lines.

    Sure is a line that names its payout, or the only one of its amount around that day; a line
    that two payouts could be, or a payout that two lines could be, is for a person.
    """
    possible = {line.pk: _named_first(line, found) for line, found in _around(lines)}
    claims = Counter(payout.pk for found in possible.values() for payout in found)
    return [
        Suggestion(line, possible[line.pk], _is_sure(line, possible[line.pk], claims))
        for line in lines
    ]


def match_sure_ones(*, by: User, at: datetime) -> int:
    """Match every line that only one payout can be; how many there were."""
    waiting = list(BankLine.objects.unmatched().order_by("booked_on", "pk"))
    sure = [one for one in suggestions(waiting) if one.is_sure]
    for one in sure:
        match(line=one.line, payout=one.payouts[0], by=by, at=at)
    return len(sure)


@transaction.atomic
def match(*, line: BankLine, payout: Payout, by: User, at: datetime) -> BankLine:
    """Say that a line is this payout: it is in the bank now, and no more on its way. Once.

    Raises:
        LineTaken: one of the two is matched to another, or the line is set aside.
        DoesNotMatch: they differ in amount or currency, or the payout failed.
    """
    payout = Payout.objects.select_for_update().get(pk=payout.pk)
    line = BankLine.objects.select_for_update().get(pk=line.pk)
    if line.payout_id == payout.pk:
        return line
    if line.payout_id is not None:
        raise LineTaken(_("This line is matched to another payout. Undo that first."))
    if line.set_aside_because:
        raise LineTaken(_("This line is set aside. Take it back first."))
    if BankLine.objects.filter(payout=payout).exists():
        raise LineTaken(_("This payout has its line already."))
    if (line.amount_minor, line.currency) != (payout.amount_minor, payout.currency):
        raise DoesNotMatch(_("The amounts differ, so this is not that payout."))
    if payout.status in PAYOUT_LOST:
        raise DoesNotMatch(_("This payout failed and never reached the bank."))
    line.payout, line.matched_at, line.matched_by = payout, at, by
    line.save(update_fields=["payout", "matched_at", "matched_by"])
    trail.bank_line("money.bank_matched", line, by=by, at=at)
    post_arrival(line=line, payout=payout, by=by, at=at)
    settle_mismatch(CODE, about=payout.pk, at=at, resolution="It is on the bank statement.")
    return line


@transaction.atomic
def unmatch(*, line: BankLine, by: User, at: datetime) -> BankLine:
    """It was another payment after all; what matching posted is reversed. Unmatched stays so."""
    line = BankLine.objects.select_for_update().get(pk=line.pk)
    if line.payout_id is None:
        return line
    trail.bank_line("money.bank_unmatched", line, by=by, at=at)
    line.payout = line.matched_at = line.matched_by = None
    line.save(update_fields=["payout", "matched_at", "matched_by"])
    post_arrival_undone(line=line, by=by, at=at)
    return line


@transaction.atomic
def set_aside(*, line: BankLine, because: str) -> BankLine:
    """The line is none of Stripe's, and nobody need look at it again. An empty reason refuses.

    Raises:
        ReasonMissing, LineTaken: nothing is written.
    """
    if not because.strip():
        raise ReasonMissing(_("Say what it is, in a few words."))
    line = BankLine.objects.select_for_update().get(pk=line.pk)
    if line.payout_id is not None:
        raise LineTaken(_("This line is matched to a payout. Undo that first."))
    line.set_aside_because = because.strip()[:200]
    line.save(update_fields=["set_aside_because"])
    trail.bank_line(
        "money.bank_set_aside", line, by=None, at=timezone.now(), why=line.set_aside_because
    )
    return line


@transaction.atomic
def take_back(*, line: BankLine) -> BankLine:
    """Look at a line again that was set aside."""
    line = BankLine.objects.select_for_update().get(pk=line.pk)
    line.set_aside_because = ""
    line.save(update_fields=["set_aside_because"])
    trail.bank_line("money.bank_taken_back", line, by=None, at=timezone.now())
    return line


@transaction.atomic
def mark_arrived(*, payout: Payout, on: date, by: User, at: datetime) -> BankLine:
    """Somebody saw the payout in the bank without a file: a line is kept for it, and matched.

    Raises:
        LineTaken, DoesNotMatch: see `match`.
        BankError: the day is still to come. Nothing is written, whatever is raised.
    """
    if on > practice_day(at):
        raise BankError(_("That day is still to come."))
    payout = Payout.objects.select_for_update().get(pk=payout.pk)
    if earlier := BankLine.objects.filter(payout=payout).first():
        return earlier
    mark = hashlib.sha256(f"by hand:{payout.pk}".encode()).hexdigest()
    kept, _made = BankImport.objects.get_or_create(
        sha256=mark,
        defaults={
            "format": BankImport.Format.CSV,
            "file_name": BY_HAND,
            "imported_at": at,
            "imported_by": by,
        },
    )
    line, _new = BankLine.objects.get_or_create(
        fingerprint=mark,
        defaults={
            "imported": kept,
            "booked_on": on,
            "amount_minor": payout.amount_minor,
            "currency": payout.currency,
            "text": BY_HAND,
            "reference": payout.pk,
        },
    )
    return match(line=line, payout=payout, by=by, at=at)


def matchable(line: BankLine) -> list[Payout]:
    """Payouts of the line's amount that have no line, whenever they arrived; the nearest first."""
    found = _unseen().filter(amount_minor=line.amount_minor, currency=line.currency)
    return sorted(found[:AT_ONCE], key=lambda payout: abs(payout.arrival_on - line.booked_on))


def payouts_without_bank_line(at: datetime) -> list[Payout]:
    """Paid by Stripe, and three business days later on no statement (M12); the oldest first."""
    today = practice_day(at)
    paid = Payout.objects.filter(status="paid", bank_line=None, arrival_on__lt=today)
    return [
        payout
        for payout in paid.order_by("arrival_on", "pk")
        if business_days_after(payout.arrival_on, LATE_AFTER) < today
    ]


def business_days_after(day: date, count: int) -> date:
    """Monday to Friday; public holidays only make it wait a little less long."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day


def _unseen() -> QuerySet[Payout]:
    return Payout.objects.filter(bank_line=None).exclude(status__in=PAYOUT_LOST)


def _around(lines: Sequence[BankLine]) -> list[tuple[BankLine, list[Payout]]]:
    """Each line with the payouts of its amount that may arrive that day."""
    amounts = {line.amount_minor for line in lines}
    by_sum: dict[tuple[int, str], list[Payout]] = {}
    if lines:
        first = min(line.booked_on for line in lines) - timedelta(days=14)
        last = max(line.booked_on for line in lines) - timedelta(days=LINE_FROM)
        for payout in _unseen().filter(arrival_on__gte=first, arrival_on__lte=last):
            if payout.amount_minor in amounts:
                by_sum.setdefault((payout.amount_minor, payout.currency), []).append(payout)
    return [
        (
            line,
            [
                payout
                for payout in by_sum.get((line.amount_minor, line.currency), [])
                if _may_arrive(payout, line.booked_on)
            ],
        )
        for line in lines
    ]


def _may_arrive(payout: Payout, on: date) -> bool:
    earliest = payout.arrival_on + timedelta(days=LINE_FROM)
    return earliest <= on <= business_days_after(payout.arrival_on, LINE_UNTIL)


def _named_first(line: BankLine, payouts: list[Payout]) -> tuple[Payout, ...]:
    """Those the line names by an id come alone; else the nearest day first."""
    named = [payout for payout in payouts if _names(line, payout)]
    nearest = sorted(payouts, key=lambda one: (abs(one.arrival_on - line.booked_on), one.pk))
    return tuple(named or nearest)


def _names(line: BankLine, payout: Payout) -> bool:
    words = f"{line.text} {line.reference}".casefold()
    ids = [one.casefold() for one in (payout.trace_id, payout.pk) if one]
    return any(one in words for one in ids)


def _is_sure(line: BankLine, payouts: tuple[Payout, ...], claims: Counter[str]) -> bool:
    if len(payouts) != 1:
        return False
    if _names(line, payouts[0]):
        return True
    says_stripe = "stripe" in f"{line.text} {line.reference}".casefold()
    return says_stripe and claims[payouts[0].pk] == 1
