"""The search page. A form and a list: nothing of it needs a script."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from cms.links import service_cards
from cms.searching import PER_PAGE, count_search, find

LAST_PAGE = 50


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """GET /search/?q=&page="""
    asked = request.GET.get("q", "")
    number = _number(request.GET.get("page", "1"))
    found = find(asked, request=request, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    if found.term and number == 1 and request.method == "GET":
        count_search(found.term, at=timezone.now())
    context = {
        "found": found,
        "page": Paginator(range(found.count), PER_PAGE).get_page(number),
        "query": urlencode({"q": found.term}),
        "services": service_cards(request) if found.term and not found.count else [],
    }
    return render(request, "cms/search.html", context)


def _number(asked: str) -> int:
    return min(max(int(asked), 1), LAST_PAGE) if asked.isascii() and asked.isdigit() else 1
