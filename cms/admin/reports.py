"""Reports for editors: what is the matter with pages, and where offers are used."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.urls import include, path, reverse
from wagtail import hooks
from wagtail.admin.filters import ContentTypeFilter, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.reports import PageReportView
from wagtail.models import get_page_content_types
from wagtail.permissions import policy_registry

from cms import contents, health, references
from cms.health import Matter
from cms.pages.base import BasePage
from cms.references import LOCATION, PACKAGE, SERVICE, THERAPIST, VARIANT, Use

WRITERS = ["add", "change", "publish"]
PAGE_TYPE = ContentTypeFilter(
    label="Type", queryset=lambda request: get_page_content_types(include_base_page_type=False)
)


class HealthFilterSet(WagtailFilterSet):
    matter = django_filters.ChoiceFilter(
        label="What is the matter",
        choices=[(str(matter), matter.words) for matter in Matter],
        method="of_matter",
    )
    content_type = PAGE_TYPE

    class Meta:
        model = BasePage
        fields = ["matter", "live", "content_type"]

    def of_matter(self, pages: Any, name: str, value: str) -> Any:
        found = health.findings(contents.newest(pages))
        wanted = {pk for pk, each in found.items() if any(one.matter == value for one in each)}
        return pages.filter(pk__in=wanted)


class _Report(PageReportView):
    """A list of pages with a column of our own, `notes`, one line each."""

    results_template_name = "cms/admin/report_results.html"
    any_permission_required = WRITERS
    notes_heading = ""
    list_export: ClassVar[list[str]] = [*PageReportView.list_export, "notes_text"]

    @property
    def export_headings(self) -> dict[str, Any]:
        return {**PageReportView.export_headings, "notes_text": self.notes_heading}

    def pages(self) -> Any:
        """What this person may write, with what the list shows of each."""
        policy = policy_registry.get_by_type(BasePage)
        mine = policy.instances_user_has_any_permission_for(self.request.user, WRITERS)
        return mine.filter(depth__gt=1, latest_revision__isnull=False)

    def noted(self, pages: Any) -> dict[int, list[str]]:
        raise NotImplementedError

    def get_base_queryset(self) -> Any:
        pages = self.pages()
        found = self.noted(pages)
        listed = pages.filter(pk__in=found).select_related("content_type")
        return listed.prefetch_workflow_states().annotate_approved_schedule().order_by("title")

    def decorate_paginated_queryset(self, pages: Any) -> Any:
        noted = self.noted(self.pages().filter(pk__in=[page.pk for page in pages]))
        for page in pages:
            page.notes = noted.get(page.pk, [])
            page.notes_text = "; ".join(page.notes)
        return pages

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"notes_heading": self.notes_heading}


class HealthReport(_Report):
    """Every page that something is the matter with."""

    page_title = "Content health"
    header_icon = "clipboard-list"
    notes_heading = "What is the matter"
    filterset_class = HealthFilterSet
    index_url_name = "cms_reports:health"
    index_results_url_name = "cms_reports:health_results"

    def noted(self, pages: Any) -> dict[int, list[str]]:
        found = health.findings(contents.newest(pages))
        return {page: [one.sentence for one in each] for page, each in found.items()}


class UsesFilterSet(WagtailFilterSet):
    kind = django_filters.ChoiceFilter(
        label="Kind",
        choices=[
            (PACKAGE, "Package"),
            (SERVICE, "Service"),
            (VARIANT, "Length"),
            (THERAPIST, "Therapist"),
            (LOCATION, "Location"),
        ],
        method="unfiltered",
    )
    code = django_filters.CharFilter(label="Code", method="unfiltered")
    state = django_filters.ChoiceFilter(
        label="Offer", choices=[("withdrawn", "Withdrawn")], method="unfiltered"
    )
    content_type = PAGE_TYPE

    class Meta:
        model = BasePage
        fields = ["kind", "code", "state", "live", "content_type"]

    def unfiltered(self, pages: Any, name: str, value: str) -> Any:
        """Of these the report itself makes a choice: it is about places of a page, not pages."""
        return pages


class UsesReport(_Report):
    """Where packages, services, lengths, therapists and locations are named."""

    page_title = "Where offers are used"
    header_icon = "tag"
    notes_heading = "Used in"
    filterset_class = UsesFilterSet
    index_url_name = "cms_reports:uses"
    index_results_url_name = "cms_reports:uses_results"

    def noted(self, pages: Any) -> dict[int, list[str]]:
        found = references.uses_in(contents.newest_and_live(pages))
        if self.request.GET.get("state") == "withdrawn":
            found = references.withdrawn(found)
        noted: dict[int, list[str]] = {}
        for use in filter(self._wanted, found):
            noted.setdefault(use.page_id, []).append(f"{use.where}: {use.kind} {use.code}")
        return noted

    def _wanted(self, use: Use) -> bool:
        asked = self.request.GET
        return asked.get("kind") in ("", None, use.kind) and asked.get("code") in (
            "",
            None,
            use.code,
        )


@hooks.register("register_admin_urls")
def report_addresses() -> list[Any]:
    reports = [("health", HealthReport), ("uses", UsesReport)]
    addresses = [
        address
        for name, view in reports
        for address in (
            path(f"{name}/", view.as_view(), name=name),
            path(f"{name}/results/", view.as_view(results_only=True), name=f"{name}_results"),
        )
    ]
    return [path("reports/content/", include((addresses, "cms_reports")))]


class _WritersItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        policy = policy_registry.get_by_type(BasePage)
        return bool(policy.user_has_any_permission(request.user, set(WRITERS)))


def _item(report: type[_Report], order: int) -> MenuItem:
    address = reverse(report.index_url_name)
    return _WritersItem(report.page_title, address, icon_name=report.header_icon, order=order)


@hooks.register("register_reports_menu_item")
def health_item() -> MenuItem:
    return _item(HealthReport, 1110)


@hooks.register("register_reports_menu_item")
def uses_item() -> MenuItem:
    return _item(UsesReport, 1120)
