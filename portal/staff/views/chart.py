"""The chart of accounts, the lines of each, one entry, and what a bookkeeper corrects."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import CLOSE_PERIODS, RECONCILE
from payments.adjusting_by_hand import correct, reverse
from payments.chart import Role, accounts
from payments.charting import ChartError, decide_rules, rename_account
from payments.days import practice_day, practice_zone, start_of
from payments.models import AdjustmentProposal, BookRules, JournalEntry
from payments.posting import CorrectionError
from payments.second_person import AdjustmentError
from portal.staff.access import may, show, signed_in, staff_page
from portal.staff.downloads import csv_file
from portal.staff.forms import ReasonForm
from portal.staff.ledger import account_table, account_url, chart_table, entry_table
from portal.staff.ledger_forms import AccountForm, CorrectionForm, RulesForm
from portal.staff.periods import period_asked

PAGE = 100


def _require_closer(request: HttpRequest) -> None:
    """Whoever changes the books by hand may close them too."""
    if not may(request, CLOSE_PERIODS):
        raise PermissionDenied


@require_safe
@staff_page(RECONCILE)
def chart(request: HttpRequest) -> HttpResponse:
    """Every account with its balance now, and the rules of the books."""
    return _chart(request, None, 200)


def _chart(request: HttpRequest, form: RulesForm | None, status: int) -> HttpResponse:
    rules = BookRules.current()
    initial = {"tax_timing": rules.tax_timing, "breakage": rules.breakage}
    context = {
        "table": chart_table(before=timezone.now()),
        "form": form or RulesForm(initial=initial),
        "may_change": may(request, CLOSE_PERIODS),
    }
    return show(request, "accounts.html", context, status=status)


@require_http_methods(["POST"])
@staff_page(RECONCILE)
def rules(request: HttpRequest) -> HttpResponse:
    """When tax is due, what becomes of expired credits: for what happens from now on."""
    _require_closer(request)
    form = RulesForm(request.POST)
    if not form.is_valid():
        return _chart(request, form, 422)
    decide_rules(**form.cleaned_data)
    messages.success(request, "Saved. It counts from now on.")
    return redirect("staff:accounts")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RECONCILE)
def account(request: HttpRequest, role: str) -> HttpResponse:
    """An account's lines in a month; a POST gives it another code and name."""
    found = _role(role)
    named = accounts()[found.code]
    form = AccountForm(request.POST or None, initial={"code": named.code, "name": named.name})
    if request.method == "POST":
        _require_closer(request)
        if form.is_valid() and _renamed(found, form):
            messages.success(request, "Saved.")
            return redirect(account_url(role))
    period = period_asked(request.GET.get("month", ""), at=timezone.now())
    table = account_table(found, period)
    page = Paginator(table.rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "account": named,
        "role": found,
        "period": period,
        "page": page,
        "query": f"month={period.code}",
        "table": table.page(page.number, PAGE),
        "form": form,
        "may_change": may(request, CLOSE_PERIODS),
    }
    return show(request, "account.html", context, status=422 if form.errors else 200)


def _renamed(role: Role, form: AccountForm) -> bool:
    try:
        rename_account(role=role, **form.cleaned_data)
    except ChartError as refusal:
        form.add_error("code", str(refusal))
        return False
    return True


@require_safe
@staff_page(RECONCILE)
def account_file(request: HttpRequest, role: str) -> HttpResponse:
    period = period_asked(request.GET.get("month", ""), at=timezone.now())
    return csv_file(account_table(_role(role), period), f"account-{role}-{period.code}")


def _role(code: str) -> Role:
    try:
        return Role.called(code)
    except StopIteration as unknown:
        raise Http404 from unknown


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RECONCILE)
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry of the journal; a POST with a reason reverses it."""
    found = get_object_or_404(JournalEntry.objects.select_related("actor", "reverses"), pk=pk)
    form = ReasonForm(request.POST or None)
    form.fields["reason"].help_text = "Kept with your name and the time."
    if request.method == "POST":
        _require_closer(request)
        if form.is_valid() and (reversal := _reversed(request, found, form)):
            if isinstance(reversal, AdjustmentProposal):
                return _put_before_another(request)
            messages.success(request, "Reversed. Now post what is right, if anything is.")
            return redirect("staff:journal_entry", reversal.pk)
    context = {
        "entry": found,
        "reversal": JournalEntry.objects.filter(reverses=found).first(),
        "table": entry_table(found),
        "form": form,
        "may_change": may(request, CLOSE_PERIODS),
        "zone": practice_zone(),
    }
    return show(request, "journal_entry.html", context, status=422 if form.errors else 200)


def _reversed(
    request: HttpRequest, found: JournalEntry, form: ReasonForm
) -> JournalEntry | AdjustmentProposal | None:
    try:
        return reverse(
            entry=found,
            by=signed_in(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
    except (AdjustmentError, CorrectionError) as refusal:
        form.add_error("reason", str(refusal))
        return None


def _put_before_another(request: HttpRequest) -> HttpResponse:
    messages.warning(request, "That is too much for one person. Somebody else has to agree.")
    return redirect("staff:adjustments")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(CLOSE_PERIODS)
def correction(request: HttpRequest) -> HttpResponse:
    """An amount from one account to another, by hand, with a reason."""
    at = timezone.now()
    form = CorrectionForm(request.POST or None, today=practice_day(at))
    if request.method == "POST" and form.is_valid():
        on = form.cleaned_data["on"]
        moment = at if on == practice_day(at) else start_of(on)
        try:
            posted = correct(**form.terms, effective_at=moment, by=signed_in(request), at=at)
        except (AdjustmentError, CorrectionError) as refusal:
            form.add_error(None, str(refusal))
        else:
            if isinstance(posted, AdjustmentProposal):
                return _put_before_another(request)
            messages.success(request, "Posted.")
            return redirect("staff:journal_entry", posted.pk)
    return show(request, "correction.html", {"form": form}, status=422 if form.errors else 200)
