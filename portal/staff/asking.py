"""What the address of a page about the diary asks for: where, when, with whom.

A place, a moment or a name that nobody knows counts as not asked for: links age, and a page that
opens on today is kinder than one that does not open.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse

from payments.models import ServiceVariant
from scheduling.claiming import FIRST_MOMENT, LAST_MOMENT
from scheduling.intervals import instant, wall
from scheduling.models import Location, Therapist

QUARTER_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Asked:
    """The place a page is about, and the others to switch to."""

    location: Location
    locations: tuple[Location, ...]

    @property
    def zone(self) -> ZoneInfo:
        return self.location.zone


def place_asked(query: QueryDict) -> Asked | None:
    """The open location named, else the first; None where none is open."""
    found = tuple(Location.objects.filter(is_active=True))
    if not found:
        return None
    code = query.get("location", "")
    return Asked(next((one for one in found if one.code == code), found[0]), found)


def therapist_asked(query: QueryDict, name: str = "therapist") -> Therapist | None:
    code = query.get(name, "")
    return Therapist.objects.filter(is_active=True, code=code).first() if code else None


def variant_asked(query: QueryDict) -> ServiceVariant | None:
    code = query.get("session", "")
    sessions = ServiceVariant.objects.on_offer().select_related("service")
    return sessions.filter(code=code).first() if code else None


def moment_asked(text: str, zone: ZoneInfo) -> datetime | None:
    """An ISO moment; without an offset it is what the clocks of ``zone`` show."""
    try:
        asked = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if asked.tzinfo is None:
        asked = asked.replace(tzinfo=zone)
    try:
        asked = asked.astimezone(UTC).replace(second=0, microsecond=0)
    except OverflowError:
        return None
    return asked if FIRST_MOMENT <= asked < LAST_MOMENT else None


def on_the_clock(zone: str, day: date, clock: time) -> datetime:
    """The instant at which the clocks of a zone show that (E20)."""
    return instant(wall(zone, day, clock))


def stamp(at: datetime) -> str:
    """A moment as addresses carry it: 2026-12-01T10:15Z."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def rounded(at: datetime, minutes: int = QUARTER_MINUTES) -> datetime:
    """The nearest full quarter of an hour, the later one from the middle on."""
    step = timedelta(minutes=minutes)
    start = at.replace(minute=0, second=0, microsecond=0)
    return start + ((at - start + step / 2) // step) * step


def address(name: str, *args: object, **query: object) -> str:
    """The address of a staff page with what is known of a query."""
    known = {key: str(value) for key, value in query.items() if value not in (None, "")}
    path = reverse(f"staff:{name}", args=args)
    return f"{path}?{urlencode(known)}" if known else path


def day_url(location_code: str, day: date, **query: object) -> str:
    return address("day", day=day.isoformat(), location=location_code, **query)


def walk_in_url(location_code: str, at: datetime | None, therapist: str = "") -> str:
    when = stamp(at) if at else ""
    return address("walk_in", location=location_code, at=when, therapist=therapist)


def why_url(location_code: str, at: datetime, therapist: str = "", session: str = "") -> str:
    return address(
        "why", location=location_code, at=stamp(at), therapist=therapist, session=session
    )
