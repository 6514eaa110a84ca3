"""Units whose last day is over."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from payments.crediting.ledger import Kind, append, next_worth, units_in
from payments.days import end_of, in_words, practice_day
from payments.models import Bucket, CreditLot
from payments.posting import post_earned


def expire_due(*, at: datetime) -> int:
    """End the available units of lots whose last day is over; the number of units ended.

    Units held by a booking stay, whatever the date: they end if they are given back.
    """
    running = Q(status=CreditLot.Status.ACTIVE) | Q(frozen_for=CreditLot.FrozenFor.GIFT)
    lots = CreditLot.objects.filter(running)  # a gift nobody claims ends too
    over = lots.filter(expires_on__lt=practice_day(at)).with_available()
    return sum(expire_lot(pk, at) for pk in list(over.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def expire_lot(lot_id: int, at: datetime) -> int:
    lot = CreditLot.objects.select_for_update().get(pk=lot_id)
    units = units_in(lot, [Bucket.AVAILABLE])
    if not units:
        return 0
    before = lot.entries.order_by("pk")
    last = before.last()
    entry = append(
        lot,
        Kind.EXPIRE,
        units,
        (Bucket.AVAILABLE, Bucket.EXPIRED),
        worth=next_worth(lot, units),
        source=f"expire:{lot.pk}:{before.filter(kind=Kind.EXPIRE).count() + 1}",
        reason=_("The last day was %(day)s.") % {"day": in_words(lot.expires_on)},
        at=at,
        effective_at=max(end_of(lot.expires_on), last.effective_at) if last else at,
    )
    post_earned(entry=entry, late=False, at=at)
    return units
