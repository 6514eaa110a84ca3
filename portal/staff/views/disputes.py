"""Disputes: the list, one with its deadline and evidence, and the two ways to answer it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import RECONCILE, REFUND
from payments.days import practice_zone
from payments.disputing.answering import DisputingError, accept_dispute, submit_evidence
from payments.disputing.evidence import Pack, for_stripe, pack_for
from payments.models import Dispute
from payments.stripe_gateway import GatewayError
from portal.staff import disputes as reading
from portal.staff.access import show, signed_in, staff_page
from portal.staff.refund_forms import AnswerForm

PAGE = 50
NO_ANSWER = "Stripe does not answer. Nothing is lost: try again in a minute."


@require_safe
@staff_page(REFUND, RECONCILE)
def disputes(request: HttpRequest) -> HttpResponse:
    page = Paginator(reading.disputes_shown(), PAGE).get_page(request.GET.get("page"))
    table = reading.disputes_table(page.object_list, caption="Disputes")
    return show(request, "disputes.html", {"table": table, "page": page})


@require_safe
@staff_page(REFUND, RECONCILE)
def dispute(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """One dispute: until when, what it did to credits and money, and what our records say."""
    found = _found(dispute_id)
    page = reading.dispute_page(found, at=timezone.now())
    context = {"page": page, "zone": practice_zone()}
    return show(request, "dispute.html", context)


@require_safe
@staff_page(REFUND, RECONCILE)
def evidence(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """The pack on paper."""
    pack = _pack(dispute_id)
    tables = [reading.section_table(section) for section in pack.sections]
    return show(request, "evidence.html", {"pack": pack, "tables": tables, "zone": practice_zone()})


@require_safe
@staff_page(REFUND, RECONCILE)
def evidence_file(request: HttpRequest, dispute_id: str) -> HttpResponse:
    pack = _pack(dispute_id)
    response = JsonResponse(pack.as_json, json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'attachment; filename="evidence-{pack.dispute.pk}.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(REFUND)
def submission(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """Every field as the bank will read it; the POST sends it, once."""
    pack = _pack(dispute_id)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sent = for_stripe(pack, more=form.cleaned_data["more"])
        try:
            submit_evidence(
                dispute=pack.dispute, evidence=sent, by=signed_in(request), at=timezone.now()
            )
        except DisputingError as refusal:
            messages.error(request, str(refusal))
        except GatewayError:
            messages.error(request, NO_ANSWER)
        else:
            messages.success(request, "The evidence is with the bank.")
        return redirect("staff:dispute", dispute_id)
    fields = [(name.replace("_", " "), text) for name, text in for_stripe(pack).items()]
    context = {"pack": pack, "form": form, "fields": fields, "zone": practice_zone()}
    return show(request, "submit_evidence.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(REFUND)
def acceptance(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """Give in: asks first, because it cannot be undone."""
    found = _found(dispute_id)
    if request.method == "POST":
        try:
            accept_dispute(dispute=found, by=signed_in(request), at=timezone.now())
        except DisputingError as refusal:
            messages.error(request, str(refusal))
        except GatewayError:
            messages.error(request, NO_ANSWER)
        else:
            messages.success(request, "Accepted. The money stays with the buyer.")
        return redirect("staff:dispute", dispute_id)
    page = reading.dispute_page(found, at=timezone.now())
    return show(request, "accept_dispute.html", {"page": page})


def _found(dispute_id: str) -> Dispute:
    return get_object_or_404(reading.disputes_shown(), pk=dispute_id)


def _pack(dispute_id: str) -> Pack:
    pack = pack_for(_found(dispute_id), at=timezone.now())
    if pack is None:
        raise Http404
    return pack
