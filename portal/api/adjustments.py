"""Adjustments by hand that need a second person, by API (AD4). Everybody else gets 404."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime

from accounts.api import caller, signed_in
from accounts.roles import ADJUST_CREDITS, CLOSE_PERIODS, may
from payments.models import AdjustmentProposal
from payments.second_person import agree, disagree

router = Router(tags=["staff"], auth=signed_in)


class ProposalOut(Schema):
    """Nothing is posted until somebody else agrees: ``outcome`` is open, agreed or refused."""

    id: int
    kind: str
    summary: str
    reason: str
    proposed_by: str
    proposed_at: AwareDatetime
    outcome: str
    decided_by: str | None
    decided_at: AwareDatetime | None


@router.get("/adjustments/", response=list[ProposalOut], operation_id="list_adjustments")
def list_adjustments(request: HttpRequest) -> Any:
    """What waits for a second person, and what was decided, the latest first; at most 100."""
    _require(request)
    found = AdjustmentProposal.objects.select_related("proposed_by", "decided_by")[:100]
    return [proposal_shown(one) for one in found]


@router.post(
    "/adjustments/{proposal_id}/agreement/",
    response=ProposalOut,
    operation_id="agree_to_adjustment",
)
def agree_to_adjustment(request: HttpRequest, proposal_id: int) -> Any:
    """Agree to what another proposed; it is posted at once."""
    proposal = _proposal(request, proposal_id)
    return proposal_shown(agree(proposal=proposal, by=caller(request), at=timezone.now()))


@router.post(
    "/adjustments/{proposal_id}/refusal/", response=ProposalOut, operation_id="refuse_adjustment"
)
def refuse_adjustment(request: HttpRequest, proposal_id: int) -> Any:
    """Nothing is posted. Whoever proposed it may take it back so."""
    proposal = _proposal(request, proposal_id)
    return proposal_shown(disagree(proposal=proposal, by=caller(request), at=timezone.now()))


def proposal_shown(proposal: AdjustmentProposal) -> dict[str, Any]:
    return {
        "id": proposal.pk,
        "kind": proposal.kind,
        "summary": proposal.summary,
        "reason": proposal.reason,
        "proposed_by": str(proposal.proposed_by),
        "proposed_at": proposal.proposed_at,
        "outcome": proposal.outcome,
        "decided_by": str(proposal.decided_by) if proposal.decided_by else None,
        "decided_at": proposal.decided_at,
    }


def _require(request: HttpRequest) -> None:
    if not any(may(caller(request), one) for one in (CLOSE_PERIODS, ADJUST_CREDITS)):
        raise Http404


def _proposal(request: HttpRequest, proposal_id: int) -> AdjustmentProposal:
    _require(request)
    found: AdjustmentProposal = get_object_or_404(AdjustmentProposal, pk=proposal_id)
    return found
