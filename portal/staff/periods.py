"""What stretch of time a money page is about: whole days of the practice, the end not included."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from payments.days import practice_day, practice_zone, start_of

EVERYTHING = "all"
FIRST_YEAR, LAST_YEAR = 2000, 2999
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment of `start` (None: since the beginning) to that of `end`."""

    start: date | None
    end: date

    @property
    def code(self) -> str:
        """How an address names it: ``2026-03``, ``2026-03-10`` or ``all``."""
        if self.start is None:
            return EVERYTHING
        return self.start.isoformat() if self.is_day else f"{self.start:%Y-%m}"

    @property
    def words(self) -> str:
        if self.start is None:
            return "All time"
        return f"{self.start.day} {self.start:%B %Y}" if self.is_day else f"{self.start:%B %Y}"

    @property
    def is_day(self) -> bool:
        return self.start is not None and self.end - self.start == ONE_DAY

    @property
    def last_day(self) -> date:
        return self.end - ONE_DAY

    @property
    def zone(self) -> ZoneInfo:
        return practice_zone()

    @property
    def starts_at(self) -> datetime | None:
        return start_of(self.start, self.zone) if self.start else None

    @property
    def ends_at(self) -> datetime:
        return start_of(self.end, self.zone)

    @property
    def earlier(self) -> "Period | None":
        if self.start is None:
            return None
        before = self.start - ONE_DAY
        return one_day(before) if self.is_day else month(before.replace(day=1))

    @property
    def later(self) -> "Period | None":
        if self.start is None:
            return None
        return one_day(self.end) if self.is_day else month(self.end)


def month(first: date) -> Period:
    """The calendar month that begins on `first`."""
    return Period(start=first, end=(first + timedelta(days=32)).replace(day=1))


def one_day(day: date) -> Period:
    return Period(start=day, end=day + ONE_DAY)


def month_of(at: datetime) -> Period:
    return month(practice_day(at).replace(day=1))


def period_asked(text: str, *, at: datetime) -> Period:
    """`text` as YYYY-MM, YYYY-MM-DD or "all"; this month for anything else."""
    if text == EVERYTHING:
        return Period(start=None, end=practice_day(at) + ONE_DAY)
    is_day = len(text) == len("2026-03-10")
    try:
        first = date.fromisoformat(text if is_day else f"{text}-01")
    except ValueError:
        return month_of(at)
    if not _is_sensible(first):
        return month_of(at)
    return one_day(first) if is_day else month(first)


def day_asked(text: str, *, otherwise: date) -> date:
    """`text` as YYYY-MM-DD; `otherwise` for anything else."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return asked if _is_sensible(asked) else otherwise


def _is_sensible(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR
