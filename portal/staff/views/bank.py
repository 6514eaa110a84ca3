"""The bank: import a statement, match its lines to payouts, set the others aside."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import RECONCILE
from payments import banking
from payments.bank_statements import Columns, ColumnsUnknown, StatementError
from payments.banking import BankError
from payments.days import practice_day
from payments.models import BankLine, Payout
from portal.staff import bank as reading
from portal.staff.access import show, signed_in, staff_page
from portal.staff.asking import address

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RECONCILE)
def bank(request: HttpRequest) -> HttpResponse:
    """Lines to match with what they may be, the others by tab; the POST imports a file."""
    sent = request.method == "POST"
    form = reading.StatementForm(request.POST, request.FILES) if sent else reading.StatementForm()
    if sent and form.is_valid():
        file = form.cleaned_data["file"]
        return _import(request, form, file.name, file.read())
    return _bank_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RECONCILE)
def bank_columns(request: HttpRequest) -> HttpResponse:
    """For a CSV whose header we do not know: which column says what; the POST imports it."""
    waiting = reading.kept_file(_key(request))
    if waiting is None:
        messages.error(request, "That file is not here any more. Choose it again.")
        return redirect("staff:bank")
    form = reading.ColumnsForm(
        request.POST or None, headers=waiting["headers"], guess=waiting["guess"]
    )
    if request.method == "POST" and form.is_valid():
        try:
            _imported(request, waiting["name"], waiting["content"], form.columns)
        except StatementError as trouble:
            form.add_error(None, str(trouble))
        else:
            reading.forget_file(_key(request))
            return redirect("staff:bank")
    context = {"form": form, "name": waiting["name"]}
    context |= {"headers": waiting["headers"], "sample": waiting["sample"]}
    return show(request, "bank_columns.html", context, status=422 if form.errors else 200)


@require_safe
@staff_page(RECONCILE)
def bank_line(request: HttpRequest, pk: int) -> HttpResponse:
    """One line: every payout of its amount, or what it was matched to, or why it is aside."""
    return _line_page(request, _line(pk), reading.AsideForm())


@require_POST
@staff_page(RECONCILE)
def bank_match(request: HttpRequest, pk: int) -> HttpResponse:
    payout = get_object_or_404(Payout, pk=request.POST.get("payout", "")[:120])
    by, at = signed_in(request), timezone.now()
    return _do(
        request,
        lambda: banking.match(line=_line(pk), payout=payout, by=by, at=at),
        f"{payout.pk} is in the bank.",
    )


@require_POST
@staff_page(RECONCILE)
def bank_match_sure(request: HttpRequest) -> HttpResponse:
    """All lines at once that only one payout can be."""
    count = banking.match_sure_ones(by=signed_in(request), at=timezone.now())
    messages.success(request, f"{count} line{'s'[: count != 1]} matched.")
    return redirect("staff:bank")


@require_POST
@staff_page(RECONCILE)
def bank_unmatch(request: HttpRequest, pk: int) -> HttpResponse:
    by, at = signed_in(request), timezone.now()
    return _do(
        request,
        lambda: banking.unmatch(line=_line(pk), by=by, at=at),
        "Undone. The books are turned round.",
    )


@require_POST
@staff_page(RECONCILE)
def bank_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a line aside with a reason, or with `back` look at it again."""
    line = _line(pk)
    if request.POST.get("back"):
        return _do(request, lambda: banking.take_back(line=line), "It is to be matched again.")
    form = reading.AsideForm(request.POST)
    if not form.is_valid():
        return _line_page(request, line, form, status=422)
    because = form.cleaned_data["because"]
    return _do(request, lambda: banking.set_aside(line=line, because=because), "Set aside.")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RECONCILE)
def payout_arrival(request: HttpRequest, payout_id: str) -> HttpResponse:
    """Say that a payout was seen in the bank, where there is no file."""
    payout = get_object_or_404(Payout, pk=payout_id)
    today = practice_day(timezone.now())
    form = reading.ArrivalForm(request.POST or None, initial={"on": min(payout.arrival_on, today)})
    if request.method == "POST" and form.is_valid():
        on, by = form.cleaned_data["on"], signed_in(request)
        try:
            banking.mark_arrived(payout=payout, on=on, by=by, at=timezone.now())
        except BankError as refusal:
            form.add_error("on", str(refusal))
        else:
            messages.success(request, f"{payout.pk} is in the bank.")
            return redirect("staff:payout", payout.pk)
    context = {"payout": payout, "form": form, "line": _line_of(payout)}
    return show(request, "payout_arrival.html", context, status=422 if form.errors else 200)


# --- small things ------------------------------------------------------------------------------


def _import(
    request: HttpRequest, form: reading.StatementForm, name: str, content: bytes
) -> HttpResponse:
    try:
        _imported(request, name, content, None)
    except ColumnsUnknown as unknown:
        reading.keep_file(_key(request), name, content, unknown)
        return redirect("staff:bank_columns")
    except StatementError as trouble:
        form.add_error("file", str(trouble))
        return _bank_page(request, form)
    return redirect("staff:bank")


def _imported(request: HttpRequest, name: str, content: bytes, columns: Columns | None) -> None:
    done = banking.import_statement(
        content=content,
        file_name=name,
        by=signed_in(request),
        at=timezone.now(),
        columns=columns,
    )
    known = f" {done.known} were here already." if done.known else ""
    messages.success(request, f"{done.new} new line{'s'[: done.new != 1]} from {name}.{known}")


def _key(request: HttpRequest) -> str:
    return f"bank-file:{signed_in(request).pk}"


def _bank_page(request: HttpRequest, form: reading.StatementForm) -> HttpResponse:
    asked = request.GET.get("show", "")
    tab = asked if asked in reading.SHOWS else "open"
    page = Paginator(reading.lines_of(tab), PAGE).get_page(request.GET.get("page"))
    lines = list(page.object_list)
    found = (
        banking.suggestions(lines)
        if tab == "open"
        else [banking.Suggestion(line, (), is_sure=False) for line in lines]
    )
    context = {
        "form": form,
        "tab": tab,
        "tabs": [
            {"label": label, "url": address("bank", show=name), "current": name == tab}
            for name, label in reading.SHOWS.items()
        ],
        "page": page,
        "query": f"show={tab}",
        "rows": found,
        "sure": sum(one.is_sure for one in found),
        "late": banking.payouts_without_bank_line(timezone.now()),
    }
    return show(request, "bank.html", context, status=422 if form.errors else 200)


def _line_page(
    request: HttpRequest, line: BankLine, form: reading.AsideForm, status: int = 200
) -> HttpResponse:
    payouts = [] if line.payout_id else banking.matchable(line)
    context = {"line": line, "payouts": payouts, "form": form}
    return show(request, "bank_line.html", context, status=status)


def _do(request: HttpRequest, act: Callable[[], Any], words: str) -> HttpResponse:
    try:
        act()
    except BankError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, words)
    return redirect("staff:bank")


def _line(pk: int) -> BankLine:
    lines = BankLine.objects.select_related("payout", "imported", "matched_by")
    found: BankLine = get_object_or_404(lines, pk=pk)
    return found


def _line_of(payout: Payout) -> BankLine | None:
    return BankLine.objects.filter(payout=payout).first()
