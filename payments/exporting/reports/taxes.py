"""Tax that fell due, by rate and by when it is due (report 7).

With tax at the sale the base is what was sold less what was refunded; with tax at each session
it is what was earned. Rates and timings are those frozen on the line that was sold.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, Sum

from payments.chart import Role
from payments.exporting.defining import CURRENCY, Asked, Export, Row, amount, text
from payments.exporting.reports.roots import Roots
from payments.models import JournalLine, OrderLine, TaxTiming

Terms = tuple[int | None, str]  # rate in basis points, timing
BY_HAND: Terms = (None, "by hand")
OWED = (Role.DEFERRED.code, Role.TOP_UPS.code)
TAX_CODE = Role.TAX_PAYABLE.code
SUPPLIED = (Role.SESSION_REVENUE.code, Role.LATE_REVENUE.code)
# Owed still, or no longer, without that anything was sold, refunded or supplied.
NO_SALE = (*SUPPLIED, Role.BREAKAGE.code, Role.UNCLAIMED.code, Role.CREDIT_TRANSFERS.code)


def _tax(asked: Asked) -> Iterable[Row]:
    terms_of = _Terms()
    sums: dict[tuple[Terms, str], list[int]] = defaultdict(lambda: [0, 0])
    wanted = (*OWED, TAX_CODE)
    lines = JournalLine.objects.filter(asked.span.within("entry__effective_at"))
    rows = (
        lines.filter(Q(debit__in=wanted) | Q(credit__in=wanted))
        .order_by()
        .values("lot_id", "order_id", "debit", "credit", "currency")
        .annotate(minor=Sum("amount_minor"))
        .values_list("lot_id", "order_id", "debit", "credit", "currency", "minor")
    )
    for lot, order, debit, credit, currency, minor in rows.iterator():
        terms = terms_of(lot, order)
        sums[terms, currency][0] += minor * _counts_as_base(debit, credit, terms[1])
        sums[terms, currency][1] += minor * ((credit == TAX_CODE) - (debit == TAX_CODE))
    for (rate, timing), currency in sorted(sums, key=lambda key: (key[0][0] or 0, key[0][1], key)):
        base, tax = sums[(rate, timing), currency]
        if base or tax:
            yield (_percent(rate), timing, currency, base, tax)


def _counts_as_base(debit: str, credit: str, timing: str) -> int:
    """1 where a line adds to the base, -1 where it takes from it."""
    if timing == BY_HAND[1] or (debit in OWED) == (credit in OWED):
        return 0
    into = credit in OWED
    other = debit if into else credit
    if timing == TaxTiming.REDEMPTION:
        return (-1 if into else 1) if other in SUPPLIED else 0
    return 0 if other in NO_SALE else (1 if into else -1)


def _percent(rate_bp: int | None) -> str:
    return "" if rate_bp is None else f"{rate_bp // 100}.{rate_bp % 100:02}"


class _Terms:
    """The terms behind a lot or, where a line names none, behind an order; two questions."""

    def __init__(self) -> None:
        self._roots = Roots()
        self._of_lot: dict[int, Terms] = {}
        self._of_order: dict[int, Terms] = {}
        columns = ("lot__pk", "order_id", "kind", "tax_rate_bp", "tax_timing")
        for lot, order, kind, rate, timing in OrderLine.objects.order_by("pk").values_list(
            *columns
        ):
            # The tax of a top-up is due when it is paid: its session is known.
            terms = (rate, TaxTiming.SALE if kind == OrderLine.Kind.TOP_UP else timing)
            terms = (terms[0], str(terms[1]))
            if lot is not None:
                self._of_lot[lot] = terms
            self._of_order.setdefault(order, terms)

    def __call__(self, lot: int | None, order: int | None) -> Terms:
        if lot is not None and (found := self._of_lot.get(self._roots.of(lot))):
            return found
        return self._of_order.get(order, BY_HAND) if order is not None else BY_HAND


TAX = Export(
    "tax",
    "Tax due, by rate",
    (text("rate_percent"), text("timing"), CURRENCY, amount("base"), amount("tax")),
    _tax,
)
