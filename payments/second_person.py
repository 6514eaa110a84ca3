"""How much one person may adjust by hand alone, and how a second one agrees to more (AD4)."""

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import auditing
from accounts.models import User
from accounts.roles import ADJUST_CREDITS, CLOSE_PERIODS, may
from payments import crediting
from payments.chart import Role
from payments.days import practice_day
from payments.models import AdjustmentProposal, JournalEntry, ServiceVariant
from payments.posting.reversing import post_correction, reverse_entry

ALONE_MINOR: Final = 500_00  # an amount in the books
ALONE_UNITS: Final = 20  # credits given
LONGEST_KEY: Final = 80  # characters of AdjustmentProposal.key

Kind, Outcome = AdjustmentProposal.Kind, AdjustmentProposal.Outcome
_NEEDS: Final = {
    Kind.CORRECTION: CLOSE_PERIODS,
    Kind.REVERSAL: CLOSE_PERIODS,
    Kind.GOODWILL: ADJUST_CREDITS,
}


class AdjustmentError(Exception):
    """An adjustment that cannot be agreed to; says why."""


def needs_two(*, amount_minor: int = 0, units: int = 0) -> bool:
    return amount_minor > ALONE_MINOR or units > ALONE_UNITS


def amount_of(entry: JournalEntry) -> int:
    return sum(line.amount_minor for line in entry.lines.all())


def may_decide(person: User, proposal: AdjustmentProposal) -> bool:
    """Somebody else who could have done it, were it smaller."""
    allowed = may(person, _NEEDS[Kind(proposal.kind)])
    return allowed and proposal.proposed_by_id != person.pk


@transaction.atomic
def propose_adjustment(
    *,
    kind: str,
    key: str,
    summary: str,
    terms: Mapping[str, Any],
    reason: str,
    by: User,
    at: datetime,
) -> AdjustmentProposal:
    """Put an adjustment before a second person. The same key again returns the first proposal.

    Raises:
        AdjustmentError: no reason given, or the key stands for something else; nothing is written.
    """
    if not reason.strip():
        raise AdjustmentError(_("Say why."))
    proposal, is_new = AdjustmentProposal.objects.get_or_create(
        key=_stored_key(kind, key),
        defaults={
            "kind": kind,
            "summary": summary[:200],
            "terms": dict(terms),
            "reason": reason.strip()[:200],
            "proposed_by": by,
            "proposed_at": at,
        },
    )
    if not is_new and _asked_for(proposal.terms) != _asked_for(terms):
        raise AdjustmentError(_("Something else was proposed under this key."))
    if is_new:
        _noted("adjustment.proposed", proposal, by, at)
    return proposal


def _stored_key(kind: str, key: str) -> str:
    """As given where there is room; cut, two long keys that begin alike would be one."""
    whole = f"{kind}:{key}"
    return whole if len(whole) <= LONGEST_KEY else f"{kind}:{sha256(key.encode()).hexdigest()}"


def _asked_for(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Today is stored as the moment of the click: a second click means the same day."""
    asked = dict(terms)
    if "effective_at" in asked:
        asked["effective_at"] = practice_day(datetime.fromisoformat(asked["effective_at"]))
    if "variants" in asked:
        asked["variants"] = sorted(asked["variants"])
    return asked


@transaction.atomic
def agree(*, proposal: AdjustmentProposal, by: User, at: datetime) -> AdjustmentProposal:
    """A second person agrees, and it is posted under the name of who proposed it.

    Raises:
        AdjustmentError: her own, not hers to decide, or decided already.
        CorrectionError, CreditError: it cannot be posted any more; nothing is written.
    """
    proposal = _to_decide(proposal, by)
    _ACTS[Kind(proposal.kind)](proposal, at)
    return _decided(proposal, Outcome.AGREED, by, at)


@transaction.atomic
def disagree(*, proposal: AdjustmentProposal, by: User, at: datetime) -> AdjustmentProposal:
    """It is not posted. Whoever proposed it may say so, too.

    Raises:
        AdjustmentError: not hers to decide, or decided already.
    """
    proposal = _to_decide(proposal, by, or_own=True)
    return _decided(proposal, Outcome.REFUSED, by, at)


def _to_decide(
    proposal: AdjustmentProposal, by: User, *, or_own: bool = False
) -> AdjustmentProposal:
    found = AdjustmentProposal.objects.select_for_update().get(pk=proposal.pk)
    if found.outcome != Outcome.OPEN:
        raise AdjustmentError(_("This proposal has been decided."))
    is_own = found.proposed_by_id == by.pk
    if is_own and not or_own:
        raise AdjustmentError(_("You proposed it, so somebody else has to agree."))
    if not (is_own or may_decide(by, found)):
        raise AdjustmentError(_("You may not decide this."))
    return found


def _decided(
    proposal: AdjustmentProposal, outcome: str, by: User, at: datetime
) -> AdjustmentProposal:
    proposal.outcome, proposal.decided_by, proposal.decided_at = outcome, by, at
    proposal.save(update_fields=["outcome", "decided_by", "decided_at"])
    _noted(f"adjustment.{outcome}", proposal, by, at)
    return proposal


def _noted(action: str, proposal: AdjustmentProposal, by: User, at: datetime) -> None:
    auditing.record(
        action,
        by=by,
        at=at,
        about="adjustment",
        key=str(proposal.pk),
        after={"kind": proposal.kind, "terms": proposal.terms},
        why=proposal.reason,
    )


def _correct(proposal: AdjustmentProposal, at: datetime) -> None:
    terms = proposal.terms
    post_correction(
        key=terms["key"],
        debit=Role.called(terms["debit"]),
        credit=Role.called(terms["credit"]),
        amount_minor=terms["amount_minor"],
        currency=terms["currency"],
        effective_at=datetime.fromisoformat(terms["effective_at"]),
        by=proposal.proposed_by,
        at=at,
        reason=proposal.reason,
    )


def _reverse(proposal: AdjustmentProposal, at: datetime) -> None:
    entry = JournalEntry.objects.get(pk=proposal.terms["entry"])
    reverse_entry(entry=entry, by=proposal.proposed_by, at=at, reason=proposal.reason)


def _give(proposal: AdjustmentProposal, at: datetime) -> None:
    terms = proposal.terms
    crediting.grant_goodwill(
        owner=User.objects.get(public_id=terms["owner"]),
        variants=ServiceVariant.objects.filter(code__in=terms["variants"]),
        units=terms["units"],
        reason=proposal.reason,
        by=proposal.proposed_by,
        at=at,
        expires_on=date.fromisoformat(terms["until"]),
        key=UUID(terms["key"]),
    )


_ACTS: Final = {Kind.CORRECTION: _correct, Kind.REVERSAL: _reverse, Kind.GOODWILL: _give}
