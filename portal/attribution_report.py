"""The report of what articles sold, among Wagtail's reports, with its CSV and XLSX."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import PermissionDenied
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.views.reports import ReportView

from payments.days import start_of
from payments.invariants import Span
from payments.models import Order
from payments.money import major
from portal.attribution import ArticleLine, article_lines, may_see


class PeriodFilterSet(WagtailFilterSet):
    paid_at = django_filters.DateFromToRangeFilter(label="Period", widget=DateRangePickerWidget)

    class Meta:
        model = Order
        fields: ClassVar[list[str]] = ["paid_at"]


@dataclass(frozen=True, slots=True)
class Row:
    """A line as files and the page write it."""

    line: ArticleLine

    @property
    def article(self) -> str:
        return self.line.title if self.line.is_there else f"{self.line.title} (deleted)"

    @property
    def path(self) -> str:
        return self.line.path

    @property
    def currency(self) -> str:
        return self.line.currency

    @property
    def packages(self) -> int:
        return self.line.packages

    @property
    def paid(self) -> Any:
        return major(self.line.paid_minor, self.line.currency)

    @property
    def refunded(self) -> Any:
        return major(self.line.refunded_minor, self.line.currency)

    @property
    def net(self) -> Any:
        return major(self.line.net_minor, self.line.currency)

    @property
    def booked(self) -> int:
        return self.line.booked

    @property
    def used(self) -> int:
        return self.line.used


class AttributionReport(ReportView):
    """Article, packages sold, money, sessions."""

    page_title = "From article to chair"
    header_icon = "link"
    results_template_name = "portal/admin/attribution_results.html"
    filterset_class = PeriodFilterSet
    index_url_name = "portal_attribution:report"
    index_results_url_name = "portal_attribution:report_results"
    export_filename = "articles-to-sessions"
    model = Order
    list_export: ClassVar[list[str]] = [
        "article",
        "path",
        "currency",
        "packages",
        "paid",
        "refunded",
        "net",
        "booked",
        "used",
    ]
    export_headings: ClassVar[dict[str, str]] = {
        "article": "Article",
        "path": "Address",
        "currency": "Currency",
        "packages": "Packages sold",
        "paid": "Paid",
        "refunded": "Refunded",
        "net": "Net",
        "booked": "Sessions booked",
        "used": "Sessions used",
    }

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not may_see(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        return Order.objects.none()

    def get_filtered_queryset(self) -> Any:
        asked = self.filters.form.cleaned_data if self.filters and self.filters.is_valid() else {}
        chosen = asked.get("paid_at")
        first, last = (_day(chosen.start), _day(chosen.stop)) if chosen else (None, None)
        return [Row(line) for line in article_lines(span_of(first, last))]


def span_of(first: date | None, last: date | None) -> Span:
    """Whole days of the practice, the last one with them."""
    return Span(
        start_of(first) if first else None, start_of(last + timedelta(days=1)) if last else None
    )


def _day(moment: Any) -> date | None:
    return moment.date() if moment else None
