"""Why is 10:00 not free (U11): every therapist, the rules against the start, and links to them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse

from accounts.isolating import isolated
from payments.models import ServiceVariant
from portal.staff.asking import address
from portal.staff.rules import in_words
from portal.templatetags.portal_ui import plain_moment, plain_time
from scheduling.availability import verdicts
from scheduling.models import Booking, HoursException, Location, Therapist, TimeOff
from scheduling.obstacles import Obstacles, in_the_way
from scheduling.reasons import OVERRIDABLE, Reason

ABOUT_BOOKINGS = {Reason.OVERLAP, Reason.TURNAROUND, Reason.HOLD}


@dataclass(frozen=True, slots=True)
class Link:
    """Something in the way; `url` is empty where there is nothing to open."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Against:
    """One reason, and what is behind it."""

    code: str
    words: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One therapist. Free online, free at the desk only, or neither."""

    name: str
    code: str
    against: tuple[Against, ...]
    is_free_online: bool
    is_free_for_staff: bool
    can_be_overridden: bool

    @property
    def state(self) -> str:
        if self.is_free_online:
            return "free"
        if self.is_free_for_staff:
            return "free at the desk"
        return "only against a rule" if self.can_be_overridden else "not free"

    @property
    def kind(self) -> str:
        if self.is_free_online or self.is_free_for_staff:
            return "good"
        return "warn" if self.can_be_overridden else "bad"


def answers(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    starts_at: datetime,
    at: datetime,
    edits: bool = False,
) -> list[Answer]:
    """Each therapist who is asked about, also those who do not give the session.

    With `edits` hours and closures are links to the back office: for those it lets in.
    """
    online = {
        one.therapist_id: one.reasons
        for one in verdicts(
            variant=variant, location=location, therapist=therapist, starts_at=starts_at, at=at
        )
    }
    at_the_desk = {
        one.therapist_id: one.reasons
        for one in verdicts(
            variant=variant,
            location=location,
            therapist=therapist,
            starts_at=starts_at,
            at=at,
            for_staff=True,
        )
    }
    obstacles = in_the_way(variant=variant, location=location, starts_at=starts_at, at=at)
    who = Therapist.objects.filter(is_active=True)
    people = who.filter(pk=therapist.pk) if therapist else who
    about = _About(obstacles, location, edits)
    return [_answer(one, online, at_the_desk, about) for one in people]


def shared(found: list[Answer]) -> tuple[list[Against], list[Answer]]:
    """What is against everyone, said once, and the answers without it."""
    if len(found) < 2:
        return [], found
    common = [one for one in found[0].against if all(one in answer.against for answer in found[1:])]
    rest = [
        replace(answer, against=tuple(one for one in answer.against if one not in common))
        for answer in found
    ]
    return common, rest


def _answer(
    person: Therapist,
    online: dict[int | None, tuple[Reason, ...]],
    at_the_desk: dict[int | None, tuple[Reason, ...]],
    about: "_About",
) -> Answer:
    nobody = (Reason.ELIGIBILITY,)
    staff = at_the_desk.get(person.pk, nobody)
    public = online.get(person.pk, nobody if person.pk not in at_the_desk else _hidden(staff))
    against = tuple(
        Against(str(reason), in_words(reason), tuple(about.links(reason, person)))
        for reason in dict.fromkeys((*public, *staff))
    )
    return Answer(
        name=person.name,
        code=person.code,
        against=against,
        is_free_online=not public,
        is_free_for_staff=not staff,
        can_be_overridden=bool(staff) and OVERRIDABLE.issuperset(staff),
    )


def _hidden(staff: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """A therapist only the desk may book: online the rule about who gives it says no."""
    return (Reason.ELIGIBILITY, *staff)


@dataclass(frozen=True, slots=True)
class _About:
    """What is in the way, and where it is opened."""

    obstacles: Obstacles
    location: Location
    edits: bool

    def links(self, reason: Reason, person: Therapist) -> list[Link]:
        mine, zone = self.obstacles.of(person.pk), self.location.timezone
        if reason in ABOUT_BOOKINGS:
            return [_of_booking(one, zone) for one in mine.bookings]
        if reason == Reason.ROOM:
            here = [x for x in self.obstacles.bookings if x.location_id == self.location.pk]
            return [_of_booking(one, zone, one.room.name) for one in here]
        if reason == Reason.TIME_OFF:
            return [self._of_time_off(one) for one in mine.time_off]
        if reason == Reason.CLOSED:
            return [
                Link(one.reason or "Closed", self._edit("closures", one.pk))
                for one in mine.closures
            ]
        if reason == Reason.OUTSIDE_HOURS:
            return [self._of_exception(one) for one in mine.exceptions] or [
                Link("Weekly hours", self._edit("therapists", person.pk))
            ]
        return []

    def _of_time_off(self, off: TimeOff) -> Link:
        """With its days, where it is longer than one."""
        zone = self.location.zone
        same_day = off.starts_at.astimezone(zone).date() == off.ends_at.astimezone(zone).date()
        words = plain_time if same_day else plain_moment
        label = off.reason or off.get_kind_display().capitalize()
        url = self._edit("time_off", off.pk)
        if off.kind == TimeOff.Kind.BLOCKED:
            url = address("block", off.pk, location=self.location.code)
        return Link(f"{label}, {words(off.starts_at, zone)} to {words(off.ends_at, zone)}", url)

    def _of_exception(self, exception: HoursException) -> Link:
        hours = "Not in that day"
        if exception.starts and exception.ends:
            hours = f"Other hours that day, {exception.starts:%H:%M} to {exception.ends:%H:%M}"
        return Link(hours, self._edit("other_hours", exception.pk))

    def _edit(self, what: str, pk: int) -> str:
        return reverse(f"schedule_{what}:edit", args=[pk]) if self.edits else ""


def _of_booking(booking: Booking, zone: str, room: str = "") -> Link:
    """Who has it, and the minutes after it that belong to it (E4)."""
    words = f"{isolated(booking.runner or 'Held')}, {plain_time(booking.starts_at, zone)}"
    words += f" to {plain_time(booking.ends_at, zone)}"
    if after := (booking.frees_at - booking.ends_at) // timedelta(minutes=1):
        words += f", free again {after} min later"
    label = f"{room}: {words}" if room else words
    return Link(label, reverse("staff:booking", args=[booking.public_id]))
