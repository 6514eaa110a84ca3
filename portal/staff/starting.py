"""The first staff page: today in numbers, what needs a person, whether the machine is alive."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from payments.days import practice_zone
from payments.models import Mismatch, StripeEvent
from portal.models import PeriodicRun
from portal.periodic import JOBS
from portal.staff.tables import Column, Table, moment, words
from scheduling.models import Booking, Location
from scheduling.models.bookings import BookingQuerySet

State = Booking.State
LATE_AFTER = 3  # missed turns of a job before its lateness is worth a word


@dataclass(frozen=True, slots=True)
class Today:
    """Sessions of one location's day, by what is left to do."""

    location: Location
    to_come: int
    here: int
    done: int
    missed: int


@dataclass(frozen=True, slots=True)
class Machine:
    """Signs of life of the worker and of Stripe's webhooks."""

    last_event_at: datetime | None
    failed_events: int
    jobs: Table
    jobs_in_trouble: int
    jobs_not_run: int


def today(sessions: BookingQuerySet, *, at: datetime) -> tuple[Today, ...]:
    """Each open location's own today, of these sessions; one query a location and one more."""
    return tuple(
        _today(sessions, location, at) for location in Location.objects.filter(is_active=True)
    )


def _today(sessions: BookingQuerySet, location: Location, at: datetime) -> Today:
    start = at.astimezone(location.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    bookings = sessions.filter(
        location=location, starts_at__gte=start, starts_at__lt=start + timedelta(days=1)
    )
    counts = bookings.aggregate(
        to_come=Count("pk", filter=Q(state=State.CONFIRMED)),
        here=Count("pk", filter=Q(state=State.CHECKED_IN)),
        done=Count("pk", filter=Q(state=State.COMPLETED)),
        missed=Count("pk", filter=Q(state=State.NO_SHOW)),
    )
    return Today(location=location, **counts)


def open_mismatches() -> int:
    return Mismatch.objects.open().count()


def machine(*, at: datetime) -> Machine:
    """What ran last and what came in last."""
    runs = {run.name: run for run in PeriodicRun.objects.all()}
    rows, kinds = [], []
    for job in JOBS:
        run = runs.get(job.name)
        label, kind = _health(run, job.every_seconds, at)
        kinds.append(kind)
        rows.append(
            (
                words(job.name.replace("_", " ").capitalize()),
                moment(run.finished_at if run else None, practice_zone()),
                words(label, kind=kind),
                words(run.error.strip().splitlines()[-1] if run and run.error else ""),
            )
        )
    columns = (Column("Job"), Column("Last run"), Column("State"), Column("Last error"))
    newest = StripeEvent.objects.order_by("-received_at").values_list("received_at", flat=True)
    return Machine(
        last_event_at=newest.first(),
        failed_events=StripeEvent.objects.needing_a_person().count(),
        jobs=Table("Periodic jobs", columns, rows),
        jobs_in_trouble=kinds.count("bad"),
        jobs_not_run=kinds.count("warn"),
    )


def _health(run: PeriodicRun | None, every_seconds: int, at: datetime) -> tuple[str, str]:
    """A word and its colour for a job that is due every so often."""
    if run is None or run.finished_at is None:
        return "Not run yet", "warn"
    if run.failures:
        return "Failing", "bad"
    if at - run.finished_at > timedelta(seconds=LATE_AFTER * every_seconds + 60):
        return "Late", "bad"
    return "Running", "good"
