"""Files for QuickBooks and Xero: asked for, looked at, taken away."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import RECONCILE
from payments.days import practice_day, practice_zone
from portal.accounting_files import file_response
from portal.staff.access import show, staff_page
from portal.staff.export_forms import ExportForm, unasked
from portal.staff.exporting import preview_of


@require_safe
@staff_page(RECONCILE)
def exports(request: HttpRequest) -> HttpResponse:
    """The form; with days and a file, the first rows and what the file comes to."""
    if not request.GET:
        form = ExportForm(initial=unasked(practice_day(timezone.now())))
        return _shown(request, form)
    form = _asked(request)
    prepared = form.prepared()
    if prepared is None:
        return _shown(request, form, status=422)
    preview = preview_of(
        file=form.wanted,
        prepared=prepared,
        asked=form.asked,
        currency=form.options.currency,
    )
    return _shown(request, form, preview=preview, name=prepared.filename)


@require_safe
@staff_page(RECONCILE)
def exports_file(request: HttpRequest) -> HttpResponseBase:
    """The file itself, or the form with what is wrong."""
    form = _asked(request)
    prepared = form.prepared()
    return _shown(request, form, status=422) if prepared is None else file_response(prepared)


def _asked(request: HttpRequest) -> ExportForm:
    """What the address leaves out is as on the empty form."""
    return ExportForm(unasked(practice_day(timezone.now())) | request.GET.dict())


def _shown(
    request: HttpRequest, form: ExportForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    found = {"form": form, "zone": practice_zone(), "query": request.GET.urlencode()}
    return show(request, "exports.html", found | context, status=status)
