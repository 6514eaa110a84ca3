"""From article to package to session (U3): what each article sold and how much of it was used.

Visits are not counted: the links carry the article, the order and the booking keep it, and that
is all there is. A session belongs to the article it was booked from, else to the one that sold the
credit it was paid with, so none is counted twice.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, Sum
from wagtail.permissions import policy_registry

from accounts.models import User
from accounts.roles import RECONCILE, may
from cms.models import BasePage
from payments.exporting.reports.roots import Roots
from payments.invariants import Span
from payments.models import CreditEntry, Order, OrderLine, RefundRequest
from scheduling.models import Booking
from scheduling.models.bookings import CANCELLED, NOT_YET_ANYBODYS

Key = tuple[int, str]  # page, currency
WRITERS = {"add", "change", "publish"}


@dataclass(slots=True)
class ArticleLine:
    """One article in one currency, over a period; amounts in minor units.

    ``paid`` and ``refunded`` are what moved in the period; ``booked`` are sessions booked in it
    and not cancelled since, ``used`` those that took place in it.
    """

    page_id: int
    currency: str
    title: str = ""
    path: str = ""
    is_there: bool = True
    packages: int = 0
    paid_minor: int = 0
    refunded_minor: int = 0
    booked: int = 0
    used: int = 0

    @property
    def net_minor(self) -> int:
        return self.paid_minor - self.refunded_minor


@dataclass(slots=True)
class _Lines:
    """Lines by article and currency, made when first asked for."""

    known: dict[Key, ArticleLine] = field(default_factory=dict)

    def of(self, page_id: int, currency: str) -> ArticleLine:
        return self.known.setdefault((page_id, currency), ArticleLine(page_id, currency))


def may_see(user: Any) -> bool:
    """Whoever writes pages, and whoever may open the books."""
    if not isinstance(user, User):
        return False
    writes = policy_registry.get_by_type(BasePage).user_has_any_permission(user, WRITERS)
    return bool(writes) or may(user, RECONCILE)


def article_lines(span: Span) -> list[ArticleLine]:
    """A line for each article that had to do with money or sessions in the period.

    What it is called is read from its page, or from the last order or session that kept its name:
    an article that was deleted keeps its line. The best seller comes first.
    """
    lines = _Lines()
    _add_money(lines, span)
    _add_sessions(lines, span)
    _name(lines.known.values())
    return sorted(
        lines.known.values(),
        key=lambda line: (-line.net_minor, -line.used, line.title, line.page_id, line.currency),
    )


def _add_money(lines: _Lines, span: Span) -> None:
    sold = Order.objects.paid().filter(article_id__isnull=False).order_by()
    in_time = sold.filter(span.within("paid_at"))
    sums = in_time.values("article_id", "currency").annotate(paid=Sum("total_minor"))
    for row in sums:
        lines.of(row["article_id"], row["currency"]).paid_minor += row["paid"]
    packages = OrderLine.objects.filter(kind=OrderLine.Kind.PACKAGE, order__in=in_time.values("pk"))
    counts = packages.order_by().values("order__article_id", "order__currency")
    for row in counts.annotate(packages=Count("pk")):
        line = lines.of(row["order__article_id"], row["order__currency"])
        line.packages += row["packages"]
    back = RefundRequest.objects.filter(
        span.within("settled_at"),
        status=RefundRequest.Status.SUCCEEDED,
        order__article_id__isnull=False,
    )
    columns = back.order_by().values("order__article_id", "order__currency")
    for row in columns.annotate(refunded=Sum("amount_minor")):
        line = lines.of(row["order__article_id"], row["order__currency"])
        line.refunded_minor += row["refunded"]


def _add_sessions(lines: _Lines, span: Span) -> None:
    sold_by = _articles_of_sessions()
    sessions = Booking.objects.exclude(state__in=[*NOT_YET_ANYBODYS, *CANCELLED]).order_by()
    booked, took_place = span.within("booked_at"), span.within("ends_at")
    ours = sessions.filter(Q(article_id__isnull=False) | Q(public_id__in=sold_by))
    columns = ("public_id", "article_id", "state", "variant__currency")
    for was_booked, condition in ((True, booked), (False, took_place)):
        for public_id, own, state, currency in ours.filter(condition).values_list(*columns):
            line = lines.of(own if own is not None else sold_by[public_id], currency)
            if was_booked:
                line.booked += 1
            elif state == Booking.State.COMPLETED:
                line.used += 1


def _articles_of_sessions() -> dict[Any, int]:
    """Which article sold the credit a session was last paid with, passed-on credits included."""
    bought = OrderLine.objects.filter(order__article_id__isnull=False, lot__isnull=False)
    article_of = dict(bought.order_by().values_list("lot__pk", "order__article_id"))
    if not article_of:
        return {}
    roots = Roots()
    ours = roots.grown_from(article_of)
    entries = CreditEntry.objects.filter(lot__in=ours, booking_id__isnull=False).order_by("pk")
    kinds = [CreditEntry.Kind.RESERVE, CreditEntry.Kind.USE]
    rows = entries.filter(kind__in=kinds).values_list("booking_id", "lot_id")
    return {booking_id: article_of[roots.of(lot_id)] for booking_id, lot_id in rows}


def _name(lines: Iterable[ArticleLine]) -> None:
    wanted = {line.page_id for line in lines}
    pages = BasePage.objects.in_bulk(wanted)
    kept = defaultdict[int, tuple[str, str]](lambda: ("", ""))
    for model in (Booking, Order):
        rows = model._default_manager.filter(article_id__in=wanted - pages.keys()).order_by("pk")
        for page_id, title, path in rows.values_list("article_id", "article_title", "source_page"):
            if title:
                kept[page_id] = (title, path)
    for line in lines:
        page = pages.get(line.page_id)
        line.is_there = page is not None
        line.title, line.path = (page.title, page.url or "") if page else kept[line.page_id]
        line.title = line.title or f"Page {line.page_id}"
