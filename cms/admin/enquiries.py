"""The list of what was sent through a form, with filters and exports no spreadsheet can run."""

from __future__ import annotations

import json
from typing import Any

import django_filters
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from wagtail.contrib.forms.views import SubmissionsListFilterSet, SubmissionsListView

from cms.forms.models import ConsentText, in_words
from payments.exporting.guarding import safe_cell


class EnquiryFilters(SubmissionsListFilterSet):
    words = django_filters.CharFilter(label="Words in it", method="with_words")
    consent = django_filters.ModelChoiceFilter(
        label="Agreed to", queryset=lambda request: _versions(request)
    )

    def with_words(self, found: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """Some databases keep letters with accents as they are, some as codes."""
        kept = Q(said__icontains=words) | Q(said__icontains=json.dumps(words)[1:-1])
        return found.annotate(said=Cast("form_data", TextField())).filter(kept)


class EnquiryList(SubmissionsListView):
    template_name = "cms/admin/enquiries.html"
    filterset_class = EnquiryFilters
    paginate_by = 50

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("consent")

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        """Words that look like a formula stay words, in both kinds of file."""
        row = super().to_row_dict(item)
        return {
            name: safe_cell(in_words(value) if isinstance(value, list | bool) else value)
            for name, value in row.items()
        }


def _versions(request: Any) -> QuerySet[ConsentText]:
    page_id = request.resolver_match.kwargs.get("page_id") if request else None
    return ConsentText.objects.filter(page_id=page_id).order_by("number")
