"""I01 to I05 and I21: nobody is in two places, and every session is when it was promised."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Max, Q, RowRange, Window

from accounts.models import AuditEntry
from payments.invariants import Breach
from portal.invariants.base import Rule, of_booking
from scheduling.models import Booking, BookingChange
from scheduling.outside import Outside, Why, outside_rules
from scheduling.reasons import Reason

OF_HOURS = {
    Why.CLOSED: Reason.CLOSED,
    Why.TIME_OFF: Reason.TIME_OFF,
    Why.OUTSIDE_HOURS: Reason.OUTSIDE_HOURS,
}
PLACED = (BookingChange.Kind.CONFIRMED, BookingChange.Kind.MOVED)


def therapists_double_booked(at: datetime) -> Iterator[Breach]:
    live = Booking.objects.occupying()
    return _overlaps("I01", "its therapist is busy then", live, "therapist_id", "frees_at")


def rooms_double_booked(at: datetime) -> Iterator[Breach]:
    live = Booking.objects.occupying()
    return _overlaps("I02", "its room is taken then", live, "room_id", "frees_at")


def runners_in_two_places(at: datetime) -> Iterator[Breach]:
    booked = Booking.objects.booked()
    return _overlaps("I03", "its runner is in another session", booked, "runner_id", "ends_at")


def _overlaps(code: str, what: str, bookings: Any, whose: str, until: str) -> Iterator[Breach]:
    """Those that start before an earlier one of the same therapist, room or runner is over."""
    before = Window(
        Max(until),
        partition_by=F(whose),
        order_by=[F("starts_at"), F("pk")],
        frame=RowRange(end=-1),
    )
    found = bookings.order_by().annotate(busy_until=before).filter(busy_until__gt=F("starts_at"))
    for public_id in found.values_list("public_id", flat=True).iterator():
        yield of_booking(code, public_id, what)


def times_out_of_order(at: datetime) -> Iterator[Breach]:
    wrong = Booking.objects.filter(~(Q(starts_at__lt=F("ends_at")) & Q(ends_at__lte=F("frees_at"))))
    for public_id in wrong.order_by().values_list("public_id", flat=True).iterator():
        yield of_booking("I04", public_id, "it does not start, end and free its room in turn")


def outside_hours(at: datetime) -> Iterator[Breach]:
    """Sessions to come outside the hours, where nobody said so and no rule changed since.

    Changing hours cancels nothing: what was within them when it was booked may stay, and the
    trail says when they changed.
    """
    suspects = [
        one
        for one in outside_rules(at=at)
        if (rule := OF_HOURS.get(one.why)) and str(rule) not in one.booking.overrides
    ]
    if not suspects:
        return
    placed = _placed_at(suspects)
    changed = _changed_at()
    for one in suspects:
        booking = one.booking
        since = placed.get(booking.pk) or booking.booked_at or booking.created_at
        touching = (
            ("therapist_id", booking.therapist_id),
            ("location_id", booking.location_id),
        )
        if not any(changed.get(whose, since) > since for whose in touching):
            yield of_booking("I05", booking.public_id, f"{one.why.sentence} Nobody said so.")


def _placed_at(suspects: list[Outside]) -> dict[int, datetime]:
    ids = [one.booking.pk for one in suspects]
    changes = BookingChange.objects.filter(booking__in=ids, kind__in=PLACED).order_by()
    return dict(changes.values_list("booking").annotate(last=Max("at")))


def _changed_at() -> dict[tuple[str, int], datetime]:
    """When the hours of each therapist and place were last edited, by the trail."""
    found: dict[tuple[str, int], datetime] = {}
    entries = AuditEntry.objects.filter(action__startswith="schedule.").exclude(about="booking")
    columns = ("at", "before", "after")
    for edited_at, before, after in entries.order_by("at").values_list(*columns).iterator():
        said = {**before, **after}
        for whose in ("therapist_id", "location_id"):
            if isinstance(said.get(whose), int):
                found[whose, said[whose]] = edited_at
    return found


def clocks_apart(at: datetime) -> Iterator[Breach]:
    """In Python: the two engines do not read zones alike, and the promise is ours."""
    zone_of = cache(ZoneInfo)
    columns = ("public_id", "starts_at", "zone", "local_start")
    for public_id, starts_at, zone, said in (
        Booking.objects.order_by().values_list(*columns).iterator(chunk_size=5000)
    ):
        local = starts_at.astimezone(zone_of(zone))
        kept = f"{local:%Y-%m-%dT%H:%M}"
        if kept != said:
            yield of_booking("I21", public_id, f"promised for {said}, kept for {kept}")


RULES = (
    Rule(
        "I01",
        "A therapist has one session at a time",
        "No two sessions that are held, booked or under way share a therapist, turnaround"
        " included.",
        therapists_double_booked,
    ),
    Rule(
        "I02",
        "A room has one session at a time",
        "No two sessions that are held, booked or under way share a room, turnaround included.",
        rooms_double_booked,
    ),
    Rule(
        "I03",
        "A runner is in one session at a time",
        "No runner is booked for two sessions that share a minute.",
        runners_in_two_places,
    ),
    Rule(
        "I04",
        "Sessions begin before they end",
        "Each starts, then ends, and frees therapist and room no earlier than that.",
        times_out_of_order,
    ),
    Rule(
        "I05",
        "Booked within hours, or staff said otherwise",
        "A session to come lies within the therapist's hours, unless staff set that aside with a"
        " reason or the hours were changed after it was booked.",
        outside_hours,
    ),
)
OF_CLOCKS = Rule(
    "I21",
    "The hour promised is the hour kept",
    "The moment stored is the wall time agreed to, on the clock of the place.",
    clocks_apart,
)
