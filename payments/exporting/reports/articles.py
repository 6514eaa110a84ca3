"""Which article brought which sale, and how much of it was used since (F8)."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from payments.exporting.defining import CURRENCY, Asked, Export, Row, amount, number, text
from payments.exporting.reports.roots import Roots
from payments.invariants.base import total
from payments.models import Bucket, CreditEntry, Order, OrderLine

NO_ARTICLE = "No article"
Key = tuple[str, str]  # page, currency


def _articles(asked: Asked) -> Iterable[Row]:
    """Orders paid in the period, by the page they came from; their sessions until its end.

    Credits that were passed on count for the article that sold them.
    """
    orders = Order.objects.paid().filter(asked.span.within("paid_at"))
    found: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for page, currency, paid in orders.order_by().values_list(
        "source_page", "currency", "total_minor"
    ):
        figures = found[page, currency]
        figures[0] += 1
        figures[1] += paid
    lots: dict[int, Key] = {}
    lines = OrderLine.objects.filter(order__in=orders.order_by().values("pk")).order_by()
    columns = ("order__source_page", "order__currency", "units", "lot__pk")
    for page, currency, units, lot in lines.values_list(*columns):
        found[page, currency][2] += units
        if lot is not None:
            lots[lot] = (page, currency)
    for lot, used in _used(asked).items():
        if lot in lots:
            found[lots[lot]][3] += used
    for page, currency in sorted(found):
        yield (page or NO_ARTICLE, currency, *found[page, currency])


def _used(asked: Asked) -> dict[int, int]:
    """Units used until the end of the period, by the lot that was bought."""
    entries = CreditEntry.objects.filter(asked.span.before("effective_at")).order_by()
    into, out = Q(to_bucket=Bucket.USED), Q(from_bucket=Bucket.USED)
    sums = (
        entries.filter(into | out)
        .values("lot_id")
        .annotate(used=total("units", into) - total("units", out))
    )
    roots, used = Roots(), defaultdict[int, int](int)
    for lot, units in sums.values_list("lot_id", "used"):
        used[roots.of(lot)] += units
    return used


ARTICLES = Export(
    "articles",
    "Sales by article",
    (
        text("article"),
        CURRENCY,
        number("orders"),
        amount("paid"),
        number("units_sold"),
        number("units_used"),
    ),
    _articles,
)
