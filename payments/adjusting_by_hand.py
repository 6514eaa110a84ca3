"""What staff adjust by hand: posted at once while it is small, else put before a second person.

Pages and API come through here, so neither goes around the limits (AD4).
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from accounts.models import User
from payments import crediting
from payments.chart import Role
from payments.models import AdjustmentProposal, CreditLot, JournalEntry, ServiceVariant
from payments.posting import post_correction, reverse_entry
from payments.second_person import amount_of, needs_two, propose_adjustment

Kind = AdjustmentProposal.Kind


def correct(
    *,
    key: str,
    debit: Role,
    credit: Role,
    amount_minor: int,
    currency: str,
    effective_at: datetime,
    by: User,
    at: datetime,
    reason: str,
) -> JournalEntry | AdjustmentProposal:
    """As ``post_correction``; above the limit a proposal."""
    if not needs_two(amount_minor=amount_minor) or debit == credit or effective_at > at:
        return post_correction(
            key=key,
            debit=debit,
            credit=credit,
            amount_minor=amount_minor,
            currency=currency,
            effective_at=effective_at,
            by=by,
            at=at,
            reason=reason,
        )
    terms = {
        "key": key,
        "debit": debit.code,
        "credit": credit.code,
        "amount_minor": amount_minor,
        "currency": currency,
        "effective_at": effective_at.isoformat(),
    }
    summary = f"{debit.code} to {credit.code}: {amount_minor / 100:,.2f} {currency}"
    return propose_adjustment(
        kind=Kind.CORRECTION, key=key, summary=summary, terms=terms, reason=reason, by=by, at=at
    )


def reverse(
    *, entry: JournalEntry, by: User, at: datetime, reason: str
) -> JournalEntry | AdjustmentProposal:
    """As ``reverse_entry``; above the limit a proposal."""
    if not needs_two(amount_minor=amount_of(entry)) or entry.reverses_id is not None:
        return reverse_entry(entry=entry, by=by, at=at, reason=reason)
    return propose_adjustment(
        kind=Kind.REVERSAL,
        key=str(entry.pk),
        summary=f"Reverse entry {entry.pk}: {entry.description}",
        terms={"entry": entry.pk, "amount_minor": amount_of(entry)},
        reason=reason,
        by=by,
        at=at,
    )


def give(
    *,
    owner: User,
    variants: Iterable[ServiceVariant],
    units: int,
    reason: str,
    by: User,
    at: datetime,
    expires_on: date,
    key: UUID,
) -> CreditLot | AdjustmentProposal:
    """As ``grant_goodwill``; above the limit a proposal."""
    if not needs_two(units=units):
        return crediting.grant_goodwill(
            owner=owner,
            variants=variants,
            units=units,
            reason=reason,
            by=by,
            at=at,
            expires_on=expires_on,
            key=key,
        )
    terms = {
        "owner": str(owner.public_id),
        "variants": [one.code for one in variants],
        "units": units,
        "until": expires_on.isoformat(),
        "key": str(key),
    }
    return propose_adjustment(
        kind=Kind.GOODWILL,
        key=str(key),
        summary=f"{units} goodwill credits for {owner.public_id}",
        terms=terms,
        reason=reason,
        by=by,
        at=at,
    )
