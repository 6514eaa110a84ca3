"""A dispute is lost: the money that was out is given up.

What the bank took is in Disputes receivable since its balance transaction came, with the fee in
Dispute fees; won, the reversal of that transaction empties the account again (posting.stripe).
"""

from collections.abc import Iterable
from datetime import datetime

from payments.chart import Role
from payments.models import CreditEntry, Dispute, JournalEntry, Order, OrderLine
from payments.posting.entries import Move, post, turned_round
from payments.posting.refunds import units_to


def post_dispute_lost(
    *,
    dispute: Dispute,
    order: Order | None,
    taken: Iterable[tuple[CreditEntry, OrderLine]],
    withdrawn_minor: int,
    currency: str,
    at: datetime,
) -> JournalEntry | None:
    """Unused units are owed no more, with their tax; what was used is a bad debt.

    Money that bought nothing here is still among the receipts to assign: it went back.
    """
    receivable = Role.DISPUTES_RECEIVABLE
    moves = units_to(receivable, taken, order) if order else []
    rest = withdrawn_minor - sum(move.amount_minor for move in moves)
    moves.append(Move(Role.BAD_DEBT if order else Role.UNASSIGNED, receivable, rest, order))
    return post(
        source=f"dispute-lost:{dispute.pk}",
        kind="dispute lost",
        description=f"Dispute {dispute.pk} lost",
        moves=moves,
        currency=currency,
        effective_at=at,
        at=at,
    )


def post_unit_void(
    *, entry: CreditEntry, line: OrderLine, dispute: Dispute, at: datetime
) -> JournalEntry | None:
    """A booked unit came free after the dispute was lost: it is owed no more, the debt is less."""
    return post(
        source=f"credit:{entry.pk}",
        kind="dispute lost",
        description=f"Dispute {dispute.pk} lost: {entry.units} of {entry.lot.name}",
        moves=units_to(Role.BAD_DEBT, [(entry, line)], line.order),
        currency=entry.lot.currency,
        effective_at=at,
        at=at,
    )


def post_dispute_regained(*, dispute: Dispute, at: datetime) -> list[JournalEntry]:
    """Won after it was lost, on appeal: what the loss posted is turned round."""
    sources = [f"dispute-lost:{dispute.pk}"]
    voids = CreditEntry.objects.filter(source__startswith=f"dispute:{dispute.pk}:void:")
    sources += [f"credit:{pk}" for pk in voids.values_list("pk", flat=True)]
    lost = JournalEntry.objects.filter(source__in=sources, reversed_by=None).order_by("pk")
    return [entry for one in lost if (entry := _regained(one, at))]


def _regained(lost: JournalEntry, at: datetime) -> JournalEntry | None:
    return post(
        source=f"regained:{lost.pk}",
        kind="dispute regained",
        description=f"Won after all: {lost.description}",
        moves=turned_round(lost),
        currency=lost.lines.values_list("currency", flat=True)[0],
        effective_at=at,
        at=at,
        reverses=lost,
    )


def is_loss_posted(dispute: Dispute) -> bool:
    return JournalEntry.objects.filter(source=f"dispute-lost:{dispute.pk}").exists()
