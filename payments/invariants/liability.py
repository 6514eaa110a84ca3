"""I8: what is owed in sessions, rolled forward: the credits' own ledger against the journal.

Two ledgers tell the same story. The credits say what each movement was worth; the journal moves
the amount between accounts, with the lot beside it. They must agree on what was owed at the start,
for each lot on how it changed, and so on what is owed at the end; the same for the tax that waits
for the sessions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Q

from payments.chart import Role
from payments.invariants.base import ALWAYS, Breach, Sides, Span, moved_on, side_by_side, total
from payments.models import CreditEntry, CreditLot, JournalLine, OrderLine, TaxTiming
from payments.models.credits import OWED

ENTERS = Q(to_bucket__in=OWED) & ~Q(from_bucket__in=OWED)
LEAVES = Q(from_bucket__in=OWED) & ~Q(to_bucket__in=OWED)
CREDIT, TOP_UP = "credit:", "top-up:"
LotAndCurrency = tuple[int | None, str | None]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One of the two amounts that go with a unit, and where each ledger keeps it."""

    words: str
    role: Role
    column: str

    def by_credits(self, when: Q) -> dict[LotAndCurrency, int]:
        """By lot, what came to be owed less what ceased to be."""
        sums = CreditEntry.objects.filter(when).order_by().values_list("lot_id", "lot__currency")
        moved = {
            (lot, currency): more - less
            for lot, currency, more, less in sums.annotate(
                more=total(self.column, ENTERS), less=total(self.column, LEAVES)
            )
            if more != less
        }
        if self.role != Role.TAX_DEFERRED or not moved:
            return moved
        waits = lots_whose_tax_waits()
        return {key: minor for key, minor in moved.items() if key[0] in waits}

    def by_books(self, when: Q) -> dict[LotAndCurrency, int]:
        code = self.role.code
        lines = JournalLine.objects.filter(when, Q(debit=code) | Q(credit=code)).order_by()
        sums = lines.values_list("lot_id", "currency").annotate(moved=moved_on(code))
        return {(lot, currency): -moved for lot, currency, moved in sums if moved}


OWED_KINDS = (
    _Kind("Owed in sessions", Role.DEFERRED, "value_minor"),
    _Kind("Tax on sessions to come", Role.TAX_DEFERRED, "tax_minor"),
)


def lots_whose_tax_waits() -> set[int]:
    """Lots sold for tax at redemption, and those transferred out of them."""
    waits: set[int] = set()
    lots = CreditLot.objects.order_by("pk").filter(
        Q(order_line__tax_timing=TaxTiming.REDEMPTION) | Q(transferred_from__isnull=False)
    )
    columns = ("pk", "order_line__tax_timing", "transferred_from")
    for pk, timing, parent in lots.values_list(*columns).iterator():
        if timing == TaxTiming.REDEMPTION or parent in waits:
            waits.add(pk)
    return waits


def liability_rolls_forward(span: Span = ALWAYS) -> list[Breach]:
    """I8: credits and books agree on what was owed, on how it changed, and on when."""
    return [
        *(breach for kind in OWED_KINDS for breach in _differences(kind, span)),
        *_left_between(span),
        *_postings_at_fault(span),
        *_top_ups_at_fault(span),
    ]


def _differences(kind: _Kind, span: Span) -> Iterator[Breach]:
    if span.since is not None:
        for sides in _sums(kind, f"{kind.words} at the start", span.earlier):
            if sides.difference:
                yield _of_ledgers(sides)
    books = kind.by_books(span.within("entry__effective_at"))
    credits = kind.by_credits(span.within("effective_at"))
    wrong = {
        key: by
        for key in sorted(books.keys() | credits.keys(), key=str)
        if (by := books.get(key, 0) - credits.get(key, 0))
    }
    known = CreditLot.objects.in_bulk([lot for lot, _ in wrong if lot is not None])
    for (lot_id, currency), by in wrong.items():
        lot = known.get(lot_id) if lot_id is not None else None
        about = str(lot.public_id) if lot else "no lot"
        what = f"{kind.words.lower()}: the books moved another amount than the credits"
        yield Breach("I8", about, what, by, "lot" if lot else "", about, currency or "")


def _of_ledgers(sides: Sides) -> Breach:
    what = f"{sides.what}: the books differ from the lots"
    return Breach("I8", sides.currency, what, sides.difference, "", "", sides.currency)


def _sums(kind: _Kind, what: str, when: Callable[[str], Q]) -> list[Sides]:
    books = _by_currency(kind.by_books(when("entry__effective_at")))
    return side_by_side(what, books, _by_currency(kind.by_credits(when("effective_at"))))


def _by_currency(sums: dict[LotAndCurrency, int]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for (_, currency), minor in sums.items():
        found[currency or ""] += minor
    return found


def books_and_lots(span: Span) -> list[Sides]:
    """Owed at the end, and at the start where there is one."""
    found = []
    for kind in OWED_KINDS:
        if span.since is not None:
            found += _sums(kind, f"{kind.words} at the start", span.earlier)
        found += _sums(kind, f"{kind.words} at the end", span.before)
    return found


def _left_between(span: Span) -> Iterator[Breach]:
    """A transfer takes out of one lot what it puts into another."""
    code = Role.CREDIT_TRANSFERS.code
    lines = JournalLine.objects.filter(span.before("entry__effective_at"))
    lines = lines.filter(Q(debit=code) | Q(credit=code)).order_by()
    sums = lines.values("entry_id", "currency").annotate(moved=moved_on(code)).exclude(moved=0)
    for row in sums:
        what = "a transfer took out another amount than it put in"
        key = str(row["entry_id"])
        yield Breach("I8", f"entry {key}", what, row["moved"], "journal", key, row["currency"])


def _postings_at_fault(span: Span) -> Iterator[Breach]:
    """Postings of movements that are not there, or are of another day, session or kind."""
    moved = CreditEntry.objects.filter(span.within("effective_at")).order_by()
    entries = {
        pk: (effective_at, booking if kind in OF_A_SESSION else None)
        for pk, effective_at, booking, kind in moved.values_list(
            "pk", "effective_at", "booking_id", "kind"
        ).iterator()
    }
    posted = JournalLine.objects.filter(
        Q(entry__source__startswith=CREDIT) | Q(entry__source__startswith=TOP_UP),
        span.within("entry__effective_at"),
    )
    columns = (
        "entry_id",
        "entry__source",
        "entry__kind",
        "entry__effective_at",
        "debit",
        "credit",
        "booking_id",
    )
    told: set[int] = set()
    for pk, source, kind, at, debit, credit, booking in posted.order_by("pk").values_list(*columns):
        known = entries.get(int(source.rpartition(":")[2]), (None, None))
        is_usual = (debit, credit) in PAIRS.get(kind, {(debit, credit)})
        is_same = known[0] == at and known[1] in (None, booking)
        if pk not in told and not (is_same and is_usual):
            told.add(pk)
            what = "no movement of credits of that moment, session and kind goes with it"
            yield Breach("I8", source, what, 0, "journal", str(pk))


def _top_ups_at_fault(span: Span) -> Iterator[Breach]:
    """What was paid beside a credit is owed whole until its session, and nothing after it."""
    code = Role.TOP_UPS.code
    lines = JournalLine.objects.filter(
        Q(debit=code) | Q(credit=code), span.before("entry__effective_at")
    )
    sums = lines.order_by().values_list("order__number", "order__public_id", "currency")
    paid = dict(
        OrderLine.objects.filter(kind=OrderLine.Kind.TOP_UP)
        .order_by()
        .values_list("order__public_id")
        .annotate(net=total("price_minor") - total("tax_minor"))
    )
    for number, order, currency, moved in sums.annotate(moved=moved_on(code)):
        if -moved not in (0, paid.get(order)):
            what = "what was paid beside a credit is owed in part, or too much of it"
            yield Breach("I8", str(number), what, -moved, "order", str(order or ""), currency)


OF_A_SESSION = (CreditEntry.Kind.USE, CreditEntry.Kind.REVERSE)
DEFERRED, TAX_WAITS, TAX_DUE = (
    role.code for role in (Role.DEFERRED, Role.TAX_DEFERRED, Role.TAX_PAYABLE)
)
_BESIDE = Role.TOP_UPS.code
_USED = {(DEFERRED, Role.SESSION_REVENUE.code), (TAX_WAITS, TAX_DUE)}
_LATE = {
    (DEFERRED, Role.LATE_REVENUE.code),
    (_BESIDE, Role.LATE_REVENUE.code),
    (TAX_WAITS, TAX_DUE),
}
_TOPPED_UP = {(_BESIDE, Role.SESSION_REVENUE.code)}
_EXPIRED = {
    (account, role.code)
    for account in (DEFERRED, TAX_WAITS)
    for role in (Role.BREAKAGE, Role.UNCLAIMED)
}
# From which account to which a posting of each kind moves, as the rules have it.
PAIRS: dict[str, set[tuple[str, str]]] = {
    "use": _USED,
    "late": _LATE,
    "top-up used": _TOPPED_UP,
    "expire": _EXPIRED,
    "taken back": {(credit, debit) for debit, credit in _USED | _LATE | _TOPPED_UP | _EXPIRED},
}
