"""Paying back more units than are left needs two people: one proposes, another agrees (M09)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import REFUND
from payments import trail
from payments.mismatching import open_mismatch
from payments.models import Mismatch, Order, PaymentAttempt, RefundRequest
from payments.refunding.errors import MayNotRefund, RefundingError
from payments.refunding.limits import may_approve
from payments.refunding.quoting import RefundQuote, quote_refund, read_token
from payments.refunding.requesting import commit_request
from payments.refunding.sending import send


@transaction.atomic
def propose_refund(
    *,
    order: Order,
    token: str,
    by: User,
    reason: str,
    at: datetime,
    method: str = PaymentAttempt.Method.CARD,
    reference: str = "",
) -> Mismatch:
    """Put a refund before a second person. Nothing is paid back yet; one proposal an order.

    Raises:
        MayNotRefund, RefundingError: nothing is written.
    """
    if not by.has_perm(REFUND):
        raise MayNotRefund(_("You may not pay back orders."))
    if not reason.strip():
        raise RefundingError(_("Say why the money goes back."))
    agreed = read_token(token, order)
    proposal = open_mismatch(
        "M09",
        about=order.number,
        at=at,
        amount_minor=agreed.amount_minor,
        currency=order.currency,
        order=order,
        details={
            "units": agreed.units,
            "reason": reason.strip()[:200],
            "method": method,
            "reference": reference.strip(),
            "proposed_by": str(by),
            "proposed_by_id": by.pk,
        },
    )
    trail.of_order(
        "money.refund_proposed",
        order,
        by=by,
        at=at,
        after={
            "proposal": proposal.pk,
            "amount_minor": agreed.amount_minor,
            "currency": order.currency,
            "units": agreed.units,
        },
        why=reason.strip(),
    )
    return proposal


def quote_proposed(proposal: Mismatch, *, at: datetime) -> RefundQuote:
    """What the proposed refund would be now."""
    if proposal.order is None:
        raise RefundingError(_("This proposal names no order."))
    return quote_refund(
        order=proposal.order,
        units=int(proposal.details["units"]),
        amount_minor=proposal.amount_minor,
        at=at,
    )


def approve_refund(*, proposal: Mismatch, token: str, by: User, at: datetime) -> RefundRequest:
    """Agree to what another has proposed; then it is paid back as any refund. Calls Stripe.

    Raises:
        MayNotRefund: the person proposed it, or has a limit.
        StaleRefundQuote and the others of ``request_refund``: nothing is written.
    """
    request = _commit(proposal, token, by, at)
    return send(request, at=at)


@transaction.atomic(durable=True)
def _commit(proposal: Mismatch, token: str, by: User, at: datetime) -> RefundRequest:
    if proposal.order is None:
        raise RefundingError(_("This proposal names no order."))
    # The order first, as everywhere; the proposal is looked at again under its own lock.
    order = Order.objects.select_for_update().get(pk=proposal.order.pk)
    proposal = Mismatch.objects.select_for_update().get(pk=proposal.pk)
    said = proposal.details
    if proposal.code != "M09" or proposal.status != Mismatch.Status.OPEN:
        raise RefundingError(_("This proposal has been decided."))
    if by.pk == said["proposed_by_id"]:
        raise MayNotRefund(_("You proposed it, so somebody else has to agree."))
    if not may_approve(by):
        raise MayNotRefund(_("Only somebody who may pay back without a limit can agree."))
    agreed = read_token(token, order)
    if (agreed.units, agreed.amount_minor) != (said["units"], proposal.amount_minor):
        raise RefundingError(_("That is not what was proposed."))
    request = commit_request(
        order=order,
        agreed=agreed,
        by=User.objects.get(pk=said["proposed_by_id"]),
        reason=said["reason"],
        at=at,
        method=said["method"],
        reference=said["reference"],
        approved_by=by,
    )
    proposal.status = Mismatch.Status.RESOLVED
    proposal.resolution = _("Agreed to: refund %(number)s.") % {"number": request.number}
    proposal.resolved_by, proposal.resolved_at = by, at
    proposal.save(update_fields=["status", "resolution", "resolved_by", "resolved_at"])
    trail.of_order(
        "money.refund_approved",
        order,
        by=by,
        at=at,
        after={"proposal": proposal.pk, "refund": request.number},
    )
    return request
