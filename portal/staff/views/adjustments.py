"""What somebody wants to adjust by hand and may not alone: a second person decides (AD4)."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import ADJUST_CREDITS, CLOSE_PERIODS
from payments.crediting import CreditError
from payments.days import practice_zone
from payments.models import AdjustmentProposal
from payments.posting import CorrectionError
from payments.second_person import AdjustmentError, agree, disagree, may_decide
from portal.staff.access import show, signed_in, staff_page

SHOWN = 100


@require_safe
@staff_page(CLOSE_PERIODS, ADJUST_CREDITS)
def adjustments(request: HttpRequest) -> HttpResponse:
    """Open proposals first, then what was decided lately."""
    me = signed_in(request)
    found = AdjustmentProposal.objects.select_related("proposed_by", "decided_by")[:SHOWN]
    rows = [(one, may_decide(me, one), one.proposed_by_id == me.pk) for one in found]
    rows.sort(key=lambda row: row[0].outcome != AdjustmentProposal.Outcome.OPEN)
    return show(request, "adjustments.html", {"rows": rows, "zone": practice_zone()})


@require_POST
@staff_page(CLOSE_PERIODS, ADJUST_CREDITS)
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, agree, "Agreed and posted.")


@require_POST
@staff_page(CLOSE_PERIODS, ADJUST_CREDITS)
def refusal(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, disagree, "Not agreed. Nothing is posted.")


def _decide(
    request: HttpRequest, pk: int, act: Callable[..., AdjustmentProposal], words: str
) -> HttpResponse:
    proposal = get_object_or_404(AdjustmentProposal, pk=pk)
    try:
        act(proposal=proposal, by=signed_in(request), at=timezone.now())
    except (AdjustmentError, CorrectionError, CreditError) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, words)
    return redirect("staff:adjustments")
