"""Disputes by API: the list, the evidence our records give, and the two ways to answer."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from accounts.api import signed_in
from payments.disputing.answering import accept_dispute, submit_evidence
from payments.disputing.evidence import Pack, for_stripe, pack_for
from payments.models import Dispute
from portal.api.refunds import require_refunder

router = Router(tags=["staff"], auth=signed_in)


class DisputeOut(Schema):
    """``status`` is Stripe's word; evidence is due before ``evidence_due_at``."""

    id: str
    amount_minor: int
    currency: str
    status: str
    reason: str
    created_at: AwareDatetime
    evidence_due_at: AwareDatetime | None
    evidence_sent_at: AwareDatetime | None


class EvidenceOut(Schema):
    """The whole pack, and the same as the fields the bank will read."""

    pack: dict[str, Any]
    fields: dict[str, str]


class EvidenceIn(Schema):
    """``more`` goes to the bank as it is; write nothing about health."""

    more: str = Field("", max_length=5000)


@router.get("/disputes/", response=list[DisputeOut], operation_id="list_disputes")
def list_disputes(request: HttpRequest, limit: int = 50) -> Any:
    """The latest first. ``limit`` is at most 100."""
    require_refunder(request)
    return Dispute.objects.order_by("-created_at", "-pk")[: min(max(limit, 1), 100)]


@router.get("/disputes/{dispute_id}/evidence/", response=EvidenceOut, operation_id="read_evidence")
def evidence(request: HttpRequest, dispute_id: str) -> Any:
    """What our records say of the order, assembled now."""
    require_refunder(request)
    pack = _pack(dispute_id)
    return {"pack": pack.as_json, "fields": for_stripe(pack)}


@router.post(
    "/disputes/{dispute_id}/evidence/", response=DisputeOut, operation_id="submit_evidence"
)
def submit(request: HttpRequest, dispute_id: str, wanted: EvidenceIn) -> Any:
    """Send the evidence to the bank, once."""
    by = require_refunder(request)
    pack = _pack(dispute_id)
    sent = for_stripe(pack, more=wanted.more)
    return submit_evidence(dispute=pack.dispute, evidence=sent, by=by, at=timezone.now())


@router.post(
    "/disputes/{dispute_id}/acceptance/", response=DisputeOut, operation_id="accept_dispute"
)
def accept(request: HttpRequest, dispute_id: str) -> Any:
    """Give in: the money stays with the buyer. It cannot be undone."""
    by = require_refunder(request)
    return accept_dispute(dispute=_found(dispute_id), by=by, at=timezone.now())


def _found(dispute_id: str) -> Dispute:
    return get_object_or_404(Dispute.objects.select_related("charge__attempt"), pk=dispute_id)


def _pack(dispute_id: str) -> Pack:
    pack = pack_for(_found(dispute_id), at=timezone.now())
    if pack is None:
        raise Http404
    return pack
