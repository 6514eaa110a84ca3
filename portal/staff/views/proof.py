"""The proof of a period, its pack, its tables, and the rows between payout and session."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import RECONCILE
from payments.days import practice_zone
from payments.exporting import TABLES, Asked, Export, csv_lines, json_lines
from payments.exporting.packing import make_pack
from payments.exporting.xlsx import CONTENT_TYPE, workbook
from payments.models import BalanceTransaction, Charge, CreditLot
from portal.staff.access import show, staff_page
from portal.staff.links import address_of
from portal.staff.lot import lot_page
from portal.staff.money_reports import index_of
from portal.staff.proof import asked_of, proof_of, proof_page, query_of
from portal.staff.sheets import sheet
from portal.staff.transactions import transactions_table

PAGE = 100


def _asked(request: HttpRequest) -> Asked:
    first, last = request.GET.get("from", ""), request.GET.get("to", "")
    return asked_of(first, last, at=timezone.now())


@require_safe
@staff_page(RECONCILE)
def proof(request: HttpRequest) -> HttpResponse:
    """I1 to I9 for any days, live: green or red, with the rows that break them."""
    asked = _asked(request)
    page = proof_page(asked, at=timezone.now())
    return show(request, "proof.html", {"page": page, "asked": asked, "query": query_of(asked)})


@require_safe
@staff_page(RECONCILE)
def pack(request: HttpRequest) -> HttpResponseBase:
    """The same days to take away: every table and a signed manifest."""
    asked, now = _asked(request), timezone.now()
    file = make_pack(asked=asked, proof=proof_of(asked, at=now), at=now)
    return FileResponse(file, as_attachment=True, filename=f"proof-{_named(asked)}.zip")


def _named(asked: Asked) -> str:
    return f"{asked.start}-{asked.last_day}" if asked.start else f"until-{asked.last_day}"


# Tables ----------------------------------------------------------------------------------------
def _export(name: str) -> Export:
    try:
        return TABLES[name]
    except KeyError as unknown:
        raise Http404 from unknown


@require_safe
@staff_page(RECONCILE)
def money_reports(request: HttpRequest) -> HttpResponse:
    """Every report of a month's end for some days: its page and its files."""
    asked = _asked(request)
    query = query_of(asked)
    context = {"asked": asked, "query": query, "table": index_of(query)}
    return show(request, "money_reports.html", context)


@require_safe
@staff_page(RECONCILE)
def table(request: HttpRequest, name: str) -> HttpResponse:
    """A table of the pack or a report on the screen, a page at a time: the rows of the file."""
    export, asked = _export(name), _asked(request)
    page = Paginator(list(export.read(asked)), PAGE).get_page(request.GET.get("page"))
    context = {
        "export": export,
        "asked": asked,
        "page": page,
        "query": query_of(asked),
        "table": sheet(export, list(page.object_list), asked),
    }
    return show(request, "sheet.html", context)


@require_safe
@staff_page(RECONCILE)
def table_file(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """The whole table as a file: csv and json are streamed."""
    export, asked = _export(name), _asked(request)
    if kind == "xlsx":
        response: HttpResponseBase = HttpResponse(
            workbook(export, asked), content_type=CONTENT_TYPE
        )
    elif kind == "json":
        lines = json_lines(export, asked)
        response = StreamingHttpResponse(lines, content_type="application/json")
    else:
        response = StreamingHttpResponse(
            csv_lines(export, asked), content_type="text/csv; charset=utf-8"
        )
    name = f"{export.name}-{_named(asked)}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# Rows between a payout and a session -----------------------------------------------------------
@require_safe
@staff_page(RECONCILE)
def lot(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One lot, up to its payout and down to its sessions."""
    lots = CreditLot.objects.select_related("owner", "order_line__order")
    found = get_object_or_404(lots, public_id=public_id)
    return show(request, "lot.html", {"page": lot_page(found), "zone": practice_zone()})


@require_safe
@staff_page(RECONCILE)
def balance_transaction(request: HttpRequest, pk: str) -> HttpResponse:
    """One movement of Stripe's balance, with its payout, order, lots and sessions."""
    rows = BalanceTransaction.objects.select_related("payout_line")
    found = get_object_or_404(rows, pk=pk)
    shown = transactions_table([found], caption="What is behind it", currency=found.currency)
    parts = [
        (str(part.get("description") or part.get("type", "")), part["amount"])
        for part in found.fee_details
    ]
    context = {"row": found, "table": shown, "parts": parts, "zone": practice_zone()}
    return show(request, "balance_transaction.html", context)


@require_safe
@staff_page(RECONCILE)
def charge(request: HttpRequest, pk: str) -> HttpResponse:
    """A charge is shown by the movement it made, or by its order before there is one."""
    found = get_object_or_404(Charge.objects.select_related("attempt__order"), pk=pk)
    if found.balance_transaction_id:
        return redirect(address_of("transaction", found.balance_transaction_id))
    if found.attempt:
        return redirect(address_of("order", found.attempt.order.public_id))
    raise Http404
