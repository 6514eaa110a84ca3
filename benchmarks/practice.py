"""A practice with as many therapists and as many stored sessions as asked for."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from django.db import connection

from accounts.models import User
from payments.models import Policy, Service, ServiceVariant
from scheduling import guards
from scheduling.models import Location, Room, Therapist, TherapistVariant, WorkingHours

WINDOW_DAYS = 28
START = date(2027, 3, 1)
AT = datetime(2027, 2, 28, 12, tzinfo=UTC)

SESSION, TURNAROUND = timedelta(minutes=60), timedelta(minutes=10)
QUARTER = timedelta(minutes=15)
CALM = tuple(timedelta(hours=hour) for hour in (8, 11, 14))  # there is always room to find
# As full as the measurements the targets were taken from: 10,000 rows, far more than a day holds.
FULL = tuple(timedelta(hours=8, minutes=15 * number) for number in range(36))
# Before the window days are denser than any, or a million sessions would reach back for ages.
BEFORE_IT = tuple(timedelta(minutes=72 * number) for number in range(20))

Day = tuple[timedelta, ...]  # when sessions start, from midnight

COLUMNS = (
    "public_id state starts_at ends_at frees_at booked_at created_at therapist_id room_id"
    " runner_id variant_id location_id policy_id local_start zone hold_key sequence moves"
    " token_version source_page article_title agreed_texts overrides"
).split()


def build(stored: int, therapists: int = 10, day: Day = CALM) -> tuple[ServiceVariant, Location]:
    """Sessions of an hour, the window's first and then a history of years before it.

    All are live, also those long past: the worst case, since what is over leaves the indexes of
    live bookings. The window is alike whatever is stored.
    """
    variant, location, people, rooms, shared = _furnish(therapists)
    if stored:
        _fill(islice(_rows(people, rooms, shared, day), stored))
    return variant, location


def in_the_window(therapists: int = 10, day: Day = CALM) -> int:
    """How many sessions the window itself has."""
    return therapists * WINDOW_DAYS * len(day)


def _furnish(count: int):
    service = Service.objects.create(code="bench", name="Bench")
    variant = ServiceVariant.objects.create(
        service=service, code="bench-60", duration_minutes=60, price_minor=5800
    )
    policy = Policy.objects.create(code="bench", effective_from=date(2020, 1, 1))
    location = Location.objects.create(code="bench", name="Bench", address="1 Bench Lane")
    runner = User.objects.create_user("bench@example.org")
    rooms = Room.objects.bulk_create(
        [Room(location=location, name=f"Room {number}") for number in range(count)]
    )
    people = Therapist.objects.bulk_create(
        [Therapist(code=f"bench-{number}", name=f"Bench {number}") for number in range(count)]
    )
    TherapistVariant.objects.bulk_create(
        [TherapistVariant(therapist=person, variant=variant) for person in people]
    )
    WorkingHours.objects.bulk_create(
        [
            WorkingHours(
                therapist=person,
                location=location,
                weekday=weekday,
                starts=time(8),
                ends=time(18),
                valid_from=date(2020, 1, 1),
            )
            for person in people
            for weekday in range(1, 8)
        ]
    )
    shared = (runner.pk, variant.pk, location.pk, policy.pk)
    pks = [person.pk for person in people], [room.pk for room in rooms]
    return variant, location, *pks, shared


def _rows(
    people: list[int], rooms: list[int], shared: tuple[int, ...], full: Day
) -> Iterator[tuple]:
    number = 0
    first = datetime.combine(START, time.min, tzinfo=UTC)
    day = first + timedelta(days=WINDOW_DAYS)
    while True:
        day -= timedelta(days=1)
        starts_of = full if day >= first else BEFORE_IT
        length, rest = (QUARTER, timedelta(0)) if starts_of is FULL else (SESSION, TURNAROUND)
        for after in starts_of:
            starts = day + after
            moments = [
                f"{moment:%Y-%m-%d %H:%M:%S}"
                for moment in (starts, starts + length, starts + length + rest)
            ]
            booked = f"{starts - timedelta(days=30):%Y-%m-%d %H:%M:%S}"
            local = f"{starts:%Y-%m-%dT%H:%M}"
            for person, room in zip(people, rooms, strict=True):
                number += 1
                yield (
                    f"{number:032x}", "confirmed", *moments, booked, booked, person, room,
                    *shared, local, "UTC", "", 0, 0, 1, "", "", "[]", "[]",
                )  # fmt: skip


def _fill(rows: Iterator[tuple]) -> None:
    """Straight into the table, without guards and indexes: they are back before the measuring."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, rows)
        else:
            _insert(cursor, rows)
        cursor.execute("ANALYZE")


def _copy(cursor, rows: Iterator[tuple]) -> None:
    cursor.execute("SET statement_timeout = 0")
    cursor.execute("SET timezone = 'UTC'")
    for name, _ in guards.RESOURCES:
        cursor.execute(f"ALTER TABLE {guards.BOOKING} DROP CONSTRAINT {name}")
    columns = ", ".join(COLUMNS)
    with cursor.cursor.copy(f"COPY {guards.BOOKING} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    for statement in guards.statements("postgresql"):
        if "EXCLUDE" in statement:
            cursor.execute(statement)


def _insert(cursor, rows: Iterator[tuple]) -> None:
    for pragma in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -500000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = %s"
        " AND type IN ('index', 'trigger') AND sql IS NOT NULL",
        [guards.BOOKING],
    )
    aside = cursor.fetchall()
    for kind, name, _ in aside:
        cursor.execute(f'DROP {kind} "{name}"')
    columns, places = ", ".join(COLUMNS), ", ".join("?" for _ in COLUMNS)
    insert = f"INSERT INTO {guards.BOOKING} ({columns}) VALUES ({places})"  # noqa: S608 - no input
    cursor.execute("BEGIN")
    connection.connection.executemany(insert, rows)
    cursor.execute("COMMIT")
    for _, _, statement in aside:
        cursor.execute(statement)
    for pragma in ("cache_size = -2000", "foreign_keys = ON", "wal_checkpoint(TRUNCATE)"):
        cursor.execute(f"PRAGMA {pragma}")
