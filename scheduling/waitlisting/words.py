"""A wish in words, for her pages, her mails and the desk."""

from datetime import date, datetime

from accounts.isolating import isolated
from scheduling.models import WaitlistEntry
from scheduling.models.people import MIDNIGHT, Weekday
from scheduling.models.waitlist import EVERY_WEEKDAY
from scheduling.wording import moment_words

State = WaitlistEntry.State


def session_words(entry: WaitlistEntry) -> str:
    """Sports massage 60 min"""
    return " or ".join(variant.name for variant in entry.variants.all())


def with_words(entry: WaitlistEntry) -> str:
    """with Imre or Lena"""
    names = [therapist.first_name for therapist in entry.therapists.all()]
    return f"with {' or '.join(map(isolated, names))}" if names else "with anyone"


def days_words(entry: WaitlistEntry) -> str:
    """Tue 1 Dec to Thu 24 Dec, on Tuesdays and Thursdays"""
    if entry.first_on == entry.last_on:
        return day_words(entry.first_on)
    span = f"{day_words(entry.first_on)} to {day_words(entry.last_on)}"
    if entry.weekdays == EVERY_WEEKDAY:
        return span
    names = [f"{Weekday(int(number)).label}s" for number in entry.weekdays]
    listed = ", ".join(names[:-1])
    return f"{span}, on {listed} and {names[-1]}" if listed else f"{span}, on {names[-1]}"


def hours_words(entry: WaitlistEntry) -> str:
    """from 17:00 and before 20:00"""
    first = f"from {entry.starts_from:%H:%M}" if entry.starts_from != MIDNIGHT else ""
    last = f"before {entry.starts_before:%H:%M}" if entry.starts_before != MIDNIGHT else ""
    return " and ".join(part for part in (first, last) if part) or "at any time"


def state_words(entry: WaitlistEntry, at: datetime) -> str:
    """What became of it, as she reads it; reads the offers that were prefetched."""
    if entry.state == State.WAITING:
        return "Waiting"
    if entry.state == State.OFFERED:
        offer = next((one for one in entry.offers.all() if one.is_open), None)
        if offer is None or offer.expires_at <= at:
            return "A time was held for you"
        until = moment_words(offer.expires_at, entry.location.timezone)
        return f"A time is held for you until {until}"
    because = entry.ended_because.rstrip(".")
    return because or str(State(entry.state).label).capitalize()


def day_words(day: date) -> str:
    """Tue 1 Dec"""
    return f"{day:%a} {day.day} {day:%b}"
