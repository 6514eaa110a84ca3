"""Receipts and credit notes: found, opened, printed, sent again. Nobody changes one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import RECONCILE, REFUND, TAKE_PAYMENTS
from payments.documents import send_again
from payments.models import Document
from payments.models.documents import DocumentQuerySet
from payments.receipts import on_paper
from portal.staff.access import show, signed_in, staff_page
from portal.staff.asking import address
from portal.staff.downloads import csv_file
from portal.staff.papers import documents_table, found_documents
from portal.staff.runners import runner_url

PAGE = 100


@require_safe
@staff_page(TAKE_PAYMENTS, RECONCILE, REFUND)
def documents(request: HttpRequest) -> HttpResponse:
    """All of them, or those of a number, order, buyer or kind."""
    query, kind = _asked(request)
    page = Paginator(found_documents(query, kind), PAGE).get_page(request.GET.get("page"))
    context = {
        "q": query,
        "kind": kind,
        "kinds": Document.Kind.choices,
        "page": page,
        "query": f"q={query}&kind={kind}",
        "table": documents_table(page.object_list),
        "file_url": address("documents_file", q=query, kind=kind),
    }
    return show(request, "documents.html", context)


@require_safe
@staff_page(RECONCILE)
def documents_file(request: HttpRequest) -> HttpResponse:
    found: DocumentQuerySet = found_documents(*_asked(request))
    return csv_file(documents_table(found), "documents")


@require_safe
@staff_page(TAKE_PAYMENTS, RECONCILE, REFUND)
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them, as it was given out."""
    found = _document(pk)
    context = {
        "document": found,
        "paper": on_paper(found),
        "runner_url": runner_url(found.order.buyer),
        "corrected_by": found.corrected_by.all(),
    }
    return show(request, "document.html", context)


@require_POST
@staff_page(TAKE_PAYMENTS, RECONCILE, REFUND)
def document_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it to its buyer once more."""
    found = _document(pk)
    send_again(document=found, by=signed_in(request), at=timezone.now())
    messages.success(request, f"{found.label} is on its way to {found.order.buyer.email}.")
    return redirect("staff:document", found.pk)


def _document(pk: int) -> Document:
    return get_object_or_404(Document.objects.select_related("order__buyer"), pk=pk)


def _asked(request: HttpRequest) -> tuple[str, str]:
    return request.GET.get("q", "").strip()[:120], request.GET.get("kind", "")[:20]
