"""Which day to open and what to show of it: the strip, the times, the next day with room."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict

from accounts.models import User
from payments.attributing import VIA, token_in
from payments.models import ServiceVariant
from scheduling.availability import DayChoice, FreeTime, free_times
from scheduling.covering import NO_COVER, Cover
from scheduling.models import Booking, Location, Therapist
from scheduling.runners import standing_refusal
from scheduling.web.slots import SlotButton, buttons, by_day, starts_in, zone_words

STRIP_DAYS = 7


@dataclass(frozen=True, slots=True)
class Diary:
    """Everything the page with times shows."""

    location: Location
    locations: tuple[Location, ...]
    therapist: Therapist | None
    therapists: tuple[Therapist, ...]
    day: date
    days: tuple[DayChoice, ...]
    day_base: str
    slots: tuple[SlotButton, ...]
    zone: str
    zone_words: str
    next_day: date | None
    next_day_url: str
    earlier_url: str
    later_url: str
    unknown_therapist: bool
    cover: Cover
    only_covered: bool
    refusal: str
    via: str

    @property
    def is_after_credit(self) -> bool:
        """Her credits have ended by the open day (E25)."""
        return self.cover.ends_on is not None and self.day > self.cover.ends_on


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the diary: the choices of the address, checked."""

    variant: ServiceVariant
    location: Location
    therapist: Therapist | None
    day: date | None
    since: date | None
    at: datetime
    ignoring: Booking | None = None
    cover: Cover = NO_COVER
    only_covered: bool = False
    runner: User | None = None
    via: str = ""  # the article that led here (U3)

    def today(self) -> date:
        return self.at.astimezone(ZoneInfo(self.location.timezone)).date()

    def last_day(self) -> date:
        return self.today() + timedelta(days=self.variant.horizon_days)

    def within(self, day: date | None) -> date | None:
        """The day, when the diary is open that far; else nothing."""
        return day if day and self.today() <= day <= self.last_day() else None

    def times(self, start: date, end: date) -> list[FreeTime]:
        found = free_times(
            variant=self.variant,
            location=self.location,
            therapist=self.therapist,
            start=start,
            end=end,
            at=self.at,
            ignoring=self.ignoring,
            runner=self.runner,
        )
        return self.cover.only(found) if self.only_covered else found

    def refusal(self) -> str:
        """What keeps this runner from every time there is, in a sentence."""
        if self.runner is None:
            return ""
        reason = standing_refusal(
            self.runner,
            variant=self.variant,
            location=self.location,
            at=self.at,
            ignoring=(self.ignoring.pk,) if self.ignoring else (),
        )
        return reason.sentence if reason else ""


def read_day(text: str) -> date | None:
    """A day of the address; anything else is no wish at all."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def open_diary(
    *,
    query: QueryDict,
    variant: ServiceVariant,
    page_url: str,
    at: datetime,
    ignoring: Booking | None = None,
    move_url: str = "",
    cover: Cover = NO_COVER,
    runner: User | None = None,
) -> Diary | None:
    """The diary as the address asks for it; None when there is nowhere to go to at all.

    ``cover`` are the credits of whoever looks: what comes after them is marked, and
    ``?covered=1`` leaves out what they do not pay for. With ``runner`` only times that she may
    book herself are shown, and a rule that keeps her from all of them is named.
    """
    # A session moves within its place; another place is another booking.
    locations = (ignoring.location,) if ignoring else tuple(Location.objects.filter(is_active=True))
    location = _chosen_location(locations, query.get("location", ""))
    if location is None:
        return None
    therapists = tuple(
        Therapist.objects.bookable_online()
        .giving(variant)
        .filter(working_hours__location=location)
        .distinct()
    )
    code = query.get("therapist", "")
    therapist = next((one for one in therapists if one.code == code), None)
    question = Question(
        variant=variant,
        location=location,
        therapist=therapist,
        day=read_day(query.get("day", "")),
        since=read_day(query.get("from", "")),
        at=at,
        ignoring=ignoring,
        cover=cover,
        only_covered=cover.is_any and query.get("covered") == "1",
        runner=runner,
        via=token_in(query),
    )
    return _answer(
        question, locations, therapists, page_url, move_url, bool(code) and not therapist
    )


def _chosen_location(locations: tuple[Location, ...], code: str) -> Location | None:
    named = [one for one in locations if one.code == code]
    return next(iter([*named, *locations]), None)


def _answer(
    question: Question,
    locations: tuple[Location, ...],
    therapists: tuple[Therapist, ...],
    page_url: str,
    move_url: str,
    unknown: bool,
) -> Diary:
    today, last = question.today(), question.last_day()
    wished = question.within(question.day)
    first = wished or question.within(question.since) or today
    start = _strip_start(today, first)
    times = by_day(question.times(start, _strip_end(start, last)), question.location.timezone)
    later: date | None = None
    if not any(day >= first for day in times):
        later = _first_day_after(question, _strip_end(start, last))
        if wished is None and later is not None:
            start = _strip_start(today, later)
            strip = question.times(start, _strip_end(start, last))
            times, later = by_day(strip, question.location.timezone), None
    day = wished or min(times, default=today)
    next_day = min((one for one in times if one > day), default=later) if day not in times else None

    def link(on: date) -> str:
        return _link(page_url, question, on)

    return Diary(
        location=question.location,
        locations=locations,
        therapist=question.therapist,
        therapists=therapists,
        day=day,
        days=tuple(
            DayChoice(one, starts_in(times.get(one, [])))
            for one in _days(start, _strip_end(start, last))
        ),
        day_base=f"?{_choices(question)}&day=",
        slots=tuple(
            buttons(
                times.get(day, []),
                move_url=move_url,
                therapist=question.therapist.code if question.therapist else "",
                cover=question.cover,
            )
        ),
        zone=question.location.timezone,
        zone_words=zone_words(question.location.timezone),
        next_day=next_day,
        next_day_url=link(next_day) if next_day else "",
        earlier_url=_strip_url(page_url, question, start - timedelta(days=STRIP_DAYS)),
        later_url=_strip_url(page_url, question, start + timedelta(days=STRIP_DAYS)),
        unknown_therapist=unknown,
        cover=question.cover,
        only_covered=question.only_covered,
        refusal=question.refusal(),
        via=question.via,
    )


def _strip_start(today: date, day: date) -> date:
    """Strips are whole weeks counted from today, so the same day is always on the same strip."""
    weeks = (day - today).days // STRIP_DAYS
    return today + timedelta(days=weeks * STRIP_DAYS)


def _strip_end(start: date, last: date) -> date:
    return min(start + timedelta(days=STRIP_DAYS), last + timedelta(days=1))


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=number) for number in range((end - start).days)]


def _first_day_after(question: Question, start: date) -> date | None:
    """The next day with room after the strip, looked for up to the end of the diary."""
    end = question.last_day() + timedelta(days=1)
    if start >= end:
        return None
    return min(by_day(question.times(start, end), question.location.timezone), default=None)


def _strip_url(page_url: str, question: Question, start: date) -> str:
    """The strip that starts on a day, opened at its first day with room."""
    return _link(page_url, question, start, "from") if question.within(start) else ""


def _link(page_url: str, question: Question, on: date, name: str = "day") -> str:
    return f"{page_url}?{_choices(question)}&{name}={on.isoformat()}#times"


def _choices(question: Question) -> str:
    """The choices besides the day, as they stand in the address."""
    choices = {"location": question.location.code}
    if question.therapist:
        choices["therapist"] = question.therapist.code
    if question.only_covered:
        choices["covered"] = "1"
    if question.via:
        choices[VIA] = question.via
    return urlencode(choices)
