"""What pages may show of the diary: frozen facts, a few bounded queries (for cms).

Times on a page are a hint; holding one asks again.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Prefetch

from payments.models import ServiceVariant
from scheduling.availability import FreeTime, free_times
from scheduling.intervals import local_day, seconds
from scheduling.models import Location, Therapist
from scheduling.opening import places_on_offer as places_on_offer  # content reads it here

NOON = time(12)
HOLD_URL = "/book/hold/"
REACHES = (3, 14, 62)  # days looked at, further only when the days before have too few


@dataclass(frozen=True, slots=True)
class OfferedTime:
    """A start to press. ``hold_fields`` go into the form that posts to ``hold_url``."""

    starts_at: datetime
    minutes: int
    therapist_name: str
    therapist_code: str
    location_name: str
    location_code: str
    hold_url: str
    hold_fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class NextTimes:
    """The next free starts of one session; ``times`` is empty when there are none."""

    variant_name: str
    variant_code: str
    duration_minutes: int
    price_minor: int
    currency: str
    zone: str
    times: tuple[OfferedTime, ...]


@dataclass(frozen=True, slots=True)
class TherapistOffer:
    """Somebody to book."""

    code: str
    name: str
    short_bio: str
    variant_codes: tuple[str, ...]
    location_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocationOffer:
    """Somewhere to be treated."""

    code: str
    name: str


def next_free_times(
    *,
    variant_code: str | None = None,
    service_code: str | None = None,
    location_code: str | None = None,
    therapist_code: str | None = None,
    count: int = 3,
    at: datetime,
) -> NextTimes | None:
    """``count`` of the next free starts, over all locations unless one is named.

    They do not lie a quarter of an hour apart: see ``_spread``.

    The session is the variant named, else the service's usual one, else the usual one of the
    therapist or of the practice. None when there is no such session, therapist or location.
    """
    therapist = _therapist(therapist_code)
    if therapist_code and therapist is None:
        return None
    variant = _variant(variant_code, service_code, therapist)
    locations = _locations(location_code)
    if variant is None or not locations:
        return None
    times: list[OfferedTime] = []
    for reach in REACHES:
        times = _within(reach, variant, locations, therapist, count, at)
        if len(times) == count or reach > variant.horizon_days:
            break
    return NextTimes(
        variant_name=variant.name,
        variant_code=variant.code,
        duration_minutes=variant.duration_minutes,
        price_minor=variant.price_minor,
        currency=variant.currency,
        zone=locations[0].timezone,
        times=tuple(times),
    )


def therapists_on_offer() -> list[TherapistOffer]:
    """Who can be booked online, in the practice's order; four queries."""
    found = Therapist.objects.bookable_online().prefetch_related(
        Prefetch("variants", ServiceVariant.objects.bookable_online()),
        "working_hours__location",
    )
    return [
        TherapistOffer(
            code=one.code,
            name=one.name,
            short_bio=one.short_bio,
            variant_codes=tuple(variant.code for variant in one.variants.all()),
            location_names=tuple(
                dict.fromkeys(shift.location.name for shift in one.working_hours.all())
            ),
        )
        for one in found
    ]


def locations_on_offer() -> list[LocationOffer]:
    """Where sessions take place now."""
    found = Location.objects.filter(is_active=True).order_by("name")
    return [LocationOffer(code=one.code, name=one.name) for one in found]


def _therapist(code: str | None) -> Therapist | None:
    return Therapist.objects.bookable_online().filter(code=code).first() if code else None


def _variant(
    variant_code: str | None, service_code: str | None, therapist: Therapist | None
) -> ServiceVariant | None:
    """An hour is what most people book, so it stands for its service."""
    found = ServiceVariant.objects.bookable_online().select_related("service")
    if variant_code:
        return found.filter(code=variant_code).first()
    if service_code:
        found = found.filter(service__code=service_code)
    if therapist is not None:
        found = found.filter(therapists=therapist)
    variants = list(found.order_by("service__position", "service__name", "duration_minutes"))
    of_first = [one for one in variants if one.service_id == variants[0].service_id]
    return min(of_first, key=lambda one: abs(one.duration_minutes - 60), default=None)


def _locations(code: str | None) -> list[Location]:
    found = Location.objects.filter(is_active=True)
    return list(found.filter(code=code) if code else found)


def _within(
    days: int,
    variant: ServiceVariant,
    locations: list[Location],
    therapist: Therapist | None,
    count: int,
    at: datetime,
) -> list[OfferedTime]:
    """Some starts of the coming days, each named once: with whom is asked next."""
    found: dict[datetime, tuple[FreeTime, Location]] = {}
    for location in locations:
        today = local_day(location.timezone, seconds(at))
        for free in free_times(
            variant=variant,
            location=location,
            therapist=therapist,
            start=today,
            end=today + timedelta(days=days),
            at=at,
        ):
            found.setdefault(free.starts_at, (free, location))
    local = {start: start.astimezone(place.zone) for start, (_, place) in found.items()}
    return [_offered(*found[start], variant) for start in _spread(local, count)]


def _spread(local: dict[datetime, datetime], count: int) -> list[datetime]:
    """Which starts to show: the first of each morning and afternoon, the nearest halves first.

    Where there are too few halves, the first starts an hour or more from every one shown fill
    up, then any. So the very next start is always among them, and equal diaries show equal times.
    ``local`` is each start with what the clocks of its place show then.
    """
    halves: dict[tuple[date, bool], datetime] = {}
    for start in sorted(local):
        halves.setdefault((local[start].date(), local[start].time() >= NOON), start)
    shown = list(halves.values())[:count]
    for apart in (timedelta(hours=1), timedelta(0)):
        for start in sorted(local):
            if len(shown) == count:
                break
            if start not in shown and all(abs(start - one) >= apart for one in shown):
                shown.append(start)
    return sorted(shown)


def _offered(free: FreeTime, location: Location, variant: ServiceVariant) -> OfferedTime:
    return OfferedTime(
        starts_at=free.starts_at,
        minutes=int((free.ends_at - free.starts_at).total_seconds()) // 60,
        therapist_name=free.therapist_name,
        therapist_code=free.therapist_code,
        location_name=location.name,
        location_code=location.code,
        hold_url=HOLD_URL,
        hold_fields={
            "variant": variant.code,
            "location": location.code,
            # The name on the button is the one who will be there.
            "therapist": free.therapist_code,
            "slot": free.starts_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    )
