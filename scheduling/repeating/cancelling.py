"""Giving up the rest of a series: this session and those after it (E15)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments import crediting
from scheduling import runners
from scheduling.effects import Credit
from scheduling.errors import CannotRepeat
from scheduling.models import Booking
from scheduling.patience import patient
from scheduling.quoting import Quote, carry_out_cancel, quote_cancel

State = Booking.State


@dataclass(frozen=True, slots=True)
class Rest:
    """What cancelling from one session on would do: a quote a session, by start."""

    quotes: tuple[Quote, ...]

    @property
    def credits_back(self) -> int:
        return sum(one.effect.credit == Credit.RETURNED for one in self.quotes)

    @property
    def credits_used(self) -> int:
        return sum(one.effect.credit == Credit.USED for one in self.quotes)


def quote_rest(*, booking: Booking, by: User, at: datetime) -> Rest:
    """``booking`` and the later sessions of its series that can still be cancelled."""
    rest = _rest_of(booking, at)
    return Rest(tuple(quote_cancel(booking=one, by=by, at=at) for one in rest))


@patient
@transaction.atomic
def cancel_rest(
    *, booking: Booking, tokens: Mapping[UUID, str], by: User, at: datetime
) -> list[Booking]:
    """Cancel what was agreed to, each session by its own terms; all of them or none.

    ``tokens`` are those of the quotes, by the session's public id.

    Raises:
        CannotRepeat: these are not the sessions that are left now.
        StaleQuote, UnreadableQuote: for one of them something else would happen.
    """
    runners.lock(by)
    crediting.lock_wallet(by)
    rest = _rest_of(booking, at)
    ids = [one.pk for one in rest]
    list(Booking.objects.filter(pk__in=ids).order_by("pk").select_for_update().values_list("pk"))
    if {one.public_id for one in rest} != set(tokens):
        raise CannotRepeat(_("The series has changed since you looked. Look at it again."))
    return [
        carry_out_cancel(token=tokens[one.public_id], booking=one, by=by, at=at) for one in rest
    ]


def _rest_of(booking: Booking, at: datetime) -> list[Booking]:
    if booking.series_id is None:
        return []
    ahead = Booking.objects.filter(
        series=booking.series_id,
        state=State.CONFIRMED,
        starts_at__gte=booking.starts_at,
        starts_at__gt=at,
    )
    return list(ahead.with_everything().order_by("starts_at", "pk"))
