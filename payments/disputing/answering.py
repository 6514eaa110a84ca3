"""A dispute is answered, with evidence or by giving in. Both ask Stripe first, then write."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import REFUND
from payments import stripe_gateway as gateway
from payments import trail
from payments.disputing.following import INQUIRY, OPEN
from payments.disputing.reporting import report_dispute
from payments.models import Dispute
from payments.reading import read_dispute
from payments.refunding.limits import limit_of
from payments.stripe_gateway import GatewayRefused

ANSWERABLE = ("needs_response", "warning_needs_response")


class DisputingError(Exception):
    """A dispute that cannot be answered so; says why."""


class DisputeDecided(DisputingError):
    """The bank takes no more: the evidence is in, or it has decided."""


class MayNotAnswer(DisputingError):
    """The person may not answer disputes."""


def submit_evidence(
    *, dispute: Dispute, evidence: Mapping[str, str], by: User, at: datetime
) -> Dispute:
    """Send the evidence to the bank, once: nothing can be added later. Calls Stripe.

    The same evidence again is the same request, so an unanswered call may be repeated.

    Raises:
        MayNotAnswer, DisputeDecided: nothing is sent.
        GatewayDown: nobody knows; ask again.
    """
    _require_may(by)
    _require_within_limit(by, dispute)
    known = Dispute.objects.get(pk=dispute.pk)
    if known.evidence_sent_at is not None:
        return known
    if known.status not in ANSWERABLE:
        raise DisputeDecided(_("The bank takes no evidence any more."))
    sent = {name: text for name, text in evidence.items() if text}
    digest = hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()[:16]
    try:
        gateway.update_dispute(
            known.pk, evidence=sent, submit=True, idempotency_key=f"evidence:{known.pk}:{digest}"
        )
    except GatewayRefused as refusal:
        read_dispute(known.pk, at=at)
        raise DisputeDecided(_("The bank takes no evidence any more.")) from refusal
    _note_sent(known.pk, by, at)
    return read_dispute(known.pk, at=at)


@transaction.atomic
def _note_sent(dispute_id: str, by: User, at: datetime) -> None:
    dispute = Dispute.objects.select_for_update().get(pk=dispute_id)
    if dispute.evidence_sent_at is None:
        dispute.evidence_sent_at, dispute.evidence_sent_by = at, by
        dispute.save(update_fields=["evidence_sent_at", "evidence_sent_by"])
        trail.dispute("money.dispute_answered", dispute, by=by, at=at)
    report_dispute(dispute, at=at)


def accept_dispute(*, dispute: Dispute, by: User, at: datetime) -> Dispute:
    """Give in: the money stays with the buyer, unused credits are gone. Calls Stripe.

    A dispute that is decided comes back as it is.

    Raises:
        MayNotAnswer, DisputeDecided: nothing is done.
        GatewayDown: nobody knows; ask again.
    """
    _require_may(by)
    known = Dispute.objects.get(pk=dispute.pk)
    _require_within_limit(by, known)
    if known.status not in (*OPEN, *INQUIRY):
        return known
    try:
        gateway.close_dispute(known.pk, idempotency_key=f"accept:{known.pk}:{known.status}")
    except GatewayRefused as refusal:
        read_dispute(known.pk, at=at)
        raise DisputeDecided(_("The bank has decided already.")) from refusal
    trail.dispute("money.dispute_accepted", known, by=by, at=at)
    return read_dispute(known.pk, at=at)


def _require_may(by: User) -> None:
    if not by.has_perm(REFUND):
        raise MayNotAnswer(_("You may not answer disputes."))


def _require_within_limit(by: User, dispute: Dispute) -> None:
    """Giving in costs what paying back would, so the same limit holds."""
    limit = limit_of(by)
    if limit is not None and dispute.amount_minor > limit:
        raise MayNotAnswer(_("That is more than you may pay back. Ask a manager to give in."))
