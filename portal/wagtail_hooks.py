"""What we add to the Wagtail admin out of several apps."""

from typing import Any

from django.urls import include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from portal.attribution import may_see
from portal.attribution_report import AttributionReport


@hooks.register("register_admin_urls")
def attribution_addresses() -> list[Any]:
    addresses = [
        path("", AttributionReport.as_view(), name="report"),
        path("results/", AttributionReport.as_view(results_only=True), name="report_results"),
    ]
    return [path("reports/articles/", include((addresses, "portal_attribution")))]


class _AttributionItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return may_see(request.user)


@hooks.register("register_reports_menu_item")
def attribution_item() -> MenuItem:
    return _AttributionItem(
        AttributionReport.page_title,
        reverse("portal_attribution:report"),
        icon_name=AttributionReport.header_icon,
        order=1150,
    )
