"""What an unknown kind of movement at Stripe is: said once by a person, remembered (M14)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import auditing
from accounts.models import User
from payments.chart import Role, accounts
from payments.mismatching import settle_mismatch
from payments.models import BalanceTransaction, Classification, JournalLine
from payments.posting import post_classified

ROLES = (
    Role.OTHER_STRIPE,
    Role.STRIPE_RESERVES,
    Role.FEES,
    Role.DISPUTE_FEES,
    Role.BANK,
    Role.TAX_PAYABLE,
    Role.UNASSIGNED,
    Role.BAD_DEBT,
    Role.SUSPENSE_REVENUE,
    Role.EXCHANGE,
)
HELD_BACK = ("reserve", "risk_reserved", "obligation", "hold")
FROM_THE_BANK = ("topup",)


class ClassificationError(Exception):
    """A kind of movement that cannot be classified so; says why."""


def likely_role(category: str, type_: str) -> Role:
    """Where movements of a kind most likely belong, by the words of its name."""
    name = f"{category} {type_}".lower()
    if any(word in name for word in HELD_BACK):
        return Role.STRIPE_RESERVES
    if any(word in name for word in FROM_THE_BANK):
        return Role.BANK
    return Role.OTHER_STRIPE


@transaction.atomic
def classify(*, category: str, type_: str, role: Role, by: User, at: datetime) -> Classification:
    """Remember where a kind of movement belongs and post those that waited there, once.

    Raises:
        ClassificationError: it was classified otherwise before, or the account is none for it.
    """
    if role not in ROLES:
        raise ClassificationError(_("Stripe's own movements do not go to that account."))
    kind, made = Classification.objects.get_or_create(
        reporting_category=category,
        type=type_,
        defaults={"role": role.code, "decided_by": by, "decided_at": at},
    )
    if not made and kind.role != role.code:
        raise ClassificationError(
            _("This kind was classified before. Correct single entries in the journal.")
        )
    if made:
        auditing.record(
            "money.classified",
            by=by,
            at=at,
            about="classification",
            key=f"{category}:{type_}"[:120],
            after={"role": role.code},
        )
    done = _("Classified as %(name)s.") % {"name": accounts()[role.code].name}
    for row in _waiting(kind):
        post_classified(row=row, role=role, by=by, at=at)
        settle_mismatch("M14", about=row.pk, at=at, resolution=done, by=by)
    return kind


def _waiting(kind: Classification) -> list[BalanceTransaction]:
    """Movements of this kind that were posted before anybody knew what they are."""
    rows = BalanceTransaction.objects.filter(
        reporting_category=kind.reporting_category, type=kind.type
    )
    by_source = {f"balance:{row.pk}": row for row in rows}
    unclassified = Q(debit=Role.UNCLASSIFIED.code) | Q(credit=Role.UNCLASSIFIED.code)
    lines = JournalLine.objects.filter(unclassified, entry__source__in=by_source)
    return [by_source[source] for source in lines.values_list("entry__source", flat=True)]
