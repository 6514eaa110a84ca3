"""Which days a runner's credits cover for a session (E25).

A credit covers a session that starts by its last day, and the day is the session's own: the local
date at the place where it is. So tonight at 23:00 is covered by a credit that ends today. Where the
terms say "book by" (P4), a credit that has not ended covers whatever is booked now.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from payments.days import practice_day
from payments.models import CreditLot, ServiceVariant
from scheduling.availability import FreeTime


@dataclass(frozen=True, slots=True)
class Cover:
    """First and last local day of each lot with a credit left; both are included.

    `price_minor` is what the session costs by itself, for whoever has no credit for it.
    """

    spans: tuple[tuple[date, date], ...]
    price_minor: int = 0
    currency: str = ""

    @property
    def is_any(self) -> bool:
        return bool(self.spans)

    @property
    def ends_on(self) -> date | None:
        """The last day that any credit covers."""
        return max((last for _, last in self.spans), default=None)

    def covers_day(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.spans)

    def covers(self, time: FreeTime) -> bool:
        return self.covers_day(time.starts_at.astimezone(ZoneInfo(time.zone)).date())

    def only(self, times: Iterable[FreeTime]) -> list[FreeTime]:
        return [time for time in times if self.covers(time)]

    def has_ended(self, starts_at: datetime, zone: str) -> bool:
        """There is a credit, and the session comes after its end."""
        return self.ends_on is not None and starts_at.astimezone(ZoneInfo(zone)).date() > (
            self.ends_on
        )


NO_COVER = Cover(())


def cover_of(*, runner: User, variant: ServiceVariant, at: datetime) -> Cover:
    """What her credits cover of what she books at `at` for this session; one query."""
    lots = CreditLot.objects.of(runner).covering(variant).active().with_available()
    today = practice_day(at)
    return Cover(
        spans=tuple(
            (lot.starts_on, lot.last_session_on(booked_on=today))
            for lot in lots.select_related("policy").fifo()
        ),
        price_minor=variant.price_minor,
        currency=variant.currency,
    )
