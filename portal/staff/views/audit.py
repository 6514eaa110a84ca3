"""The audit trail, and the rules that must always hold: read, searched, taken away, proved."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import READ_AUDIT, RECONCILE
from payments.days import practice_zone
from portal.invariants.proving import prove
from portal.models import InvariantRun
from portal.staff.access import show, staff_page
from portal.staff.audit import AREAS, audit_asked, audit_table, entries_found
from portal.staff.downloads import csv_file
from portal.staff.promises import last_verdict, overview, rows_of, rule_called

PAGE = 50
MOST_IN_FILE = 20_000


@require_safe
@staff_page(READ_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """Everything that was done, or what a person, an act, a thing or some days narrow it to."""
    asked = audit_asked(request.GET)
    page = Paginator(entries_found(asked), PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "areas": AREAS,
        "page": page,
        "query": asked.query,
        "table": audit_table(list(page.object_list)),
    }
    return show(request, "audit.html", context)


@require_safe
@staff_page(READ_AUDIT)
def audit_file(request: HttpRequest) -> HttpResponse:
    """The same as a file, the latest of it where there is more than a spreadsheet wants."""
    found = entries_found(audit_asked(request.GET))
    return csv_file(audit_table(list(found[:MOST_IN_FILE])), "audit")


@require_safe
@staff_page(READ_AUDIT, RECONCILE)
def invariants(request: HttpRequest) -> HttpResponse:
    """Each rule in plain words and what the last proof said of it."""
    verdict = last_verdict(at=timezone.now())
    context = {"verdict": verdict, "table": overview(verdict.run), "zone": practice_zone()}
    return show(request, "invariants.html", context)


@require_safe
@staff_page(READ_AUDIT, RECONCILE)
def invariant(request: HttpRequest, code: str) -> HttpResponse:
    """One rule, and the rows that broke it when it was last asked."""
    rule, run = rule_called(code), InvariantRun.objects.first()
    if rule is None:
        raise Http404
    context = {"rule": rule, "run": run, "table": rows_of(run, rule), "zone": practice_zone()}
    return show(request, "invariant.html", context)


@require_POST
@staff_page(READ_AUDIT, RECONCILE)
def invariants_proof(request: HttpRequest) -> HttpResponse:
    """Ask all of them now."""
    run = prove(at=timezone.now())
    if run.holds:
        messages.success(request, f"All {len(run.verdicts)} rules hold.")
    else:
        messages.error(request, "Something does not hold. Look at the rules in red.")
    return redirect("staff:invariants")
