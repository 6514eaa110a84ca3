"""Movements at Stripe that no rule of ours knows: what a person said of their kind (M14)."""

from datetime import datetime

from accounts.models import User
from payments.chart import Role
from payments.models import BalanceTransaction, Classification, JournalEntry
from payments.posting.entries import Move, post


def classified_as(row: BalanceTransaction) -> Role | None:
    """Where movements of this kind belong; None while nobody has said so."""
    kind = Classification.objects.filter(
        reporting_category=row.reporting_category, type=row.type
    ).first()
    return Role.called(kind.role) if kind else None


def post_classified(
    *, row: BalanceTransaction, role: Role, by: User, at: datetime
) -> JournalEntry | None:
    """A movement that was posted as unclassified goes where its kind belongs."""
    return post(
        source=f"classified:{row.pk}",
        kind="classified",
        description=f"Stripe {row.reporting_category} {row.source_id or row.pk} classified",
        moves=[Move(Role.UNCLASSIFIED, role, row.amount_minor)],
        currency=row.currency,
        effective_at=row.created_at,
        at=at,
        by=by,
    )
