"""Which free time fits whose wish, in the order of the line (E14).

The diary is asked once for each session and place that somebody waits for, however many wait.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from payments.models import ServiceVariant
from scheduling import asking
from scheduling.availability import FreeTime, free_times
from scheduling.models import Booking, Location, Therapist, WaitlistEntry, WaitlistOffer

MOST_ENTRIES = 1000  # looked at in one round
SHORT_BEFORE = timedelta(hours=4)
LONG_OFFER, SHORT_OFFER = timedelta(minutes=30), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Match:
    """A free time that an entry may be offered now."""

    entry: WaitlistEntry
    variant: ServiceVariant
    time: FreeTime


@dataclass(frozen=True, slots=True)
class Question:
    """What the diary is asked once: a session at a place, with or without the usual notice."""

    variant: ServiceVariant
    location: Location
    at_short_notice: bool


@dataclass
class Line:
    """Everything a round knows: who waits, what is free, what stands against it."""

    entries: list[WaitlistEntry]
    times: dict[Question, list[FreeTime]]
    offered: dict[int, list[Booking]]  # by entry: what was offered before
    busy: dict[int, list[Booking]]  # by runner: what she has booked or holds
    gone: list[tuple[int, datetime, datetime]] = field(default_factory=list)

    def matches_of(self, entry: WaitlistEntry, at: datetime) -> Iterator[Match]:
        """The free times that fit the entry, soonest first."""
        found = [
            Match(entry, variant, time)
            for variant in entry.variants.all()
            for time in self.times[question_of(entry, variant)]
            if self._fits(entry, time, at)
        ]
        found.sort(key=lambda match: match.time.starts_at)
        # Read as they are asked for: what was given away meanwhile is gone.
        return (match for match in found if not self._is_gone(match.time))

    def give_away(self, held: Booking) -> None:
        """The time is somebody's now."""
        self.gone.append((held.therapist_id, held.starts_at, held.frees_at))

    def _fits(self, entry: WaitlistEntry, time: FreeTime, at: datetime) -> bool:
        wished = {person.pk for person in entry.therapists.all()}
        return (
            entry.wants(time.starts_at)
            and (not wished or time.therapist_id in wished)
            and time.starts_at >= at + soonest(entry)
            and not _meets_any(time, self.offered.get(entry.pk, ()))
            and not _meets_any(time, self.busy.get(entry.runner_id, ()))
        )

    def _is_gone(self, time: FreeTime) -> bool:
        return any(
            time.therapist_id == therapist and time.starts_at < frees and starts < time.ends_at
            for therapist, starts, frees in self.gone
        )


def usual_notice(variant: ServiceVariant, location: Location) -> int:
    """Minutes before a start up to which it is booked online (E6)."""
    own = variant.notice_minutes
    return location.notice_minutes if own is None else own


def question_of(entry: WaitlistEntry, variant: ServiceVariant) -> Question:
    wanted = entry.notice_minutes
    short = wanted is not None and wanted < usual_notice(variant, entry.location)
    return Question(variant, entry.location, short)


def soonest(entry: WaitlistEntry) -> timedelta:
    """How far ahead a start must be for her: her own notice, and time to answer an offer."""
    return max(timedelta(minutes=entry.notice_minutes or 0), SHORT_OFFER)


def offer_lasts(starts_at: datetime, at: datetime) -> timedelta:
    """30 minutes; 10 when the session starts within 4 hours (E14)."""
    return SHORT_OFFER if starts_at - at < SHORT_BEFORE else LONG_OFFER


def line_up(*, at: datetime) -> Line:
    """Who waits, in order, and the free times for them.

    Reads open entries whose days still come, in a fixed number of queries, and asks the diary
    once for each question.
    """
    entries = _who_waits(at)
    asked: dict[Question, list[WaitlistEntry]] = defaultdict(list)
    for entry in entries:
        for variant in entry.variants.all():
            asked[question_of(entry, variant)].append(entry)
    return Line(
        entries=entries,
        times={question: _free(question, those, at) for question, those in asked.items()},
        offered=_offered(entries),
        busy=_busy(entries, at),
    )


def _who_waits(at: datetime) -> list[WaitlistEntry]:
    """One entry a runner at a time: whoever is being offered a time is not offered another."""
    being_asked = WaitlistEntry.objects.filter(state=WaitlistEntry.State.OFFERED)
    found = (
        WaitlistEntry.objects.waiting()
        .filter(
            # A day of slack for zones ahead of and behind UTC; ``wants`` knows the local day.
            last_on__gte=at.date() - timedelta(days=1),
            location__is_active=True,
            runner__is_active=True,
        )
        .exclude(runner__in=being_asked.values("runner"))
        .select_related("runner", "location")
        .prefetch_related("variants__service", "therapists")
        .in_line()
    )
    return list(found[:MOST_ENTRIES])


def _free(question: Question, entries: Iterable[WaitlistEntry], at: datetime) -> list[FreeTime]:
    entries = list(entries)
    variant, location = question.variant, question.location
    first = max(asking.first_day(variant, location, at), min(one.first_on for one in entries))
    last = min(asking.last_day(variant, location, at), max(one.last_on for one in entries))
    found = free_times(
        variant=variant,
        location=location,
        therapist=None,
        start=first,
        end=last + timedelta(days=1),
        at=at,
        for_staff=question.at_short_notice,
    )
    return _online(found, question, at) if question.at_short_notice else found


def _online(times: list[FreeTime], question: Question, at: datetime) -> list[FreeTime]:
    """Of what staff could book, what a runner may: only the notice is set aside for her."""
    variant = question.variant
    if not asking.is_offered(variant, question.location):
        return []
    known = set(Therapist.objects.bookable_online().values_list("pk", flat=True))
    zone = question.location.zone
    today = at.astimezone(zone).date()
    return [
        time
        for time in times
        if time.therapist_id in known
        and (variant.same_day or time.starts_at.astimezone(zone).date() != today)
    ]


def _meets_any(time: FreeTime, others: Iterable[Booking]) -> bool:
    return any(one.starts_at < time.ends_at and time.starts_at < one.ends_at for one in others)


def _offered(entries: list[WaitlistEntry]) -> dict[int, list[Booking]]:
    """What she let go is not offered to her again, nor a start a quarter of an hour beside it."""
    found: dict[int, list[Booking]] = defaultdict(list)
    for offer in WaitlistOffer.objects.filter(entry__in=entries).select_related("booking"):
        found[offer.entry_id].append(offer.booking)
    return found


def _busy(entries: list[WaitlistEntry], at: datetime) -> dict[int, list[Booking]]:
    runners = {entry.runner_id for entry in entries}
    live = Booking.objects.live_at(at).filter(runner__in=runners, ends_at__gt=at)
    found: dict[int, list[Booking]] = defaultdict(list)
    for booking in live:
        if booking.runner_id is not None:
            found[booking.runner_id].append(booking)
    return found
