"""What the database itself refuses, with SQL typed by hand (E1)."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction

from scheduling import guards
from scheduling.models import Booking, BookingChange
from tests.scheduling.builders import ONE_HOUR, TUESDAY_9, TUESDAY_10, TUESDAY_11, book, hold

TEN_MINUTES = timedelta(minutes=10)
SECOND = "00000000000040008000000000000001"  # the public id of a row typed by hand
STATES = [
    *["held", "confirmed", "checked_in", "completed", "expired", "no_show"],
    *["cancelled_ontime", "cancelled_late", "cancelled_clinic"],
]


def write(moment):
    """As somebody at a database prompt would type a UTC moment."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" + ("+00" if connection.vendor == "postgresql" else "")


def type_sql(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def type_like(booking, **changes):
    """INSERT another row like the booking's, but for the columns given."""
    columns = [one.column for one in Booking._meta.concrete_fields if not one.primary_key]
    changes |= {"public_id": SECOND}
    picked = ", ".join("%s" if column in changes else column for column in columns)
    type_sql(
        f"INSERT INTO scheduling_booking ({', '.join(columns)}) "  # noqa: S608 - names of columns
        f"SELECT {picked} FROM scheduling_booking WHERE id = %s",
        *(changes[column] for column in columns if column in changes),
        booking.pk,
    )


def type_change(public_id, **changes):
    """UPDATE the columns given, in one statement."""
    columns = ", ".join(f"{column} = %s" for column in changes)
    type_sql(
        f"UPDATE scheduling_booking SET {columns} "  # noqa: S608 - names of columns
        "WHERE public_id = %s",
        *changes.values(),
        public_id,
    )


def times(starts, minutes=60, turnaround=10):
    ends = starts + timedelta(minutes=minutes)
    frees = ends + timedelta(minutes=turnaround)
    return {"starts_at": write(starts), "ends_at": write(ends), "frees_at": write(frees)}


def is_refused(name, act):
    """Whether the guard of that name refuses; nothing the act wrote stays either way."""
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except IntegrityError as refused:
        if name not in str(refused):
            raise
        return True
    return False


def sitting_and_seat(practice, runner, resource):
    """A booking at nine, and what another row needs to share only that resource with it."""
    sitting = book(practice, runner, therapist=practice.imre)
    Booking.objects.filter(pk=sitting.pk).update(hold_expires_at=TUESDAY_9)  # any state may be
    assert sitting.room == practice.rooms[0]
    other = {"therapist_id": practice.lena.pk, "room_id": practice.rooms[1].pk}
    shared = {resource: getattr(sitting, resource)}
    return sitting, other | shared, other, shared


def insert(sitting, state, seat, other, shared):
    return lambda: type_like(sitting, state=state, **seat)


def change_of_time(sitting, state, seat, other, shared):
    type_like(sitting, state=state, **seat, **times(TUESDAY_11))
    return lambda: type_change(SECOND, **times(TUESDAY_9))


def change_of_seat(sitting, state, seat, other, shared):
    type_like(sitting, state=state, **other)
    return lambda: type_change(SECOND, **shared)


def waking(sitting, state, seat, other, shared):
    type_like(sitting, state="cancelled_ontime", **seat)
    return lambda: type_change(SECOND, state=state)


@pytest.mark.parametrize("way", [insert, change_of_time, change_of_seat, waking])
@pytest.mark.parametrize(("name", "resource"), guards.RESOURCES)
def test_two_rows_on_one_seat_are_refused_just_when_both_occupy_it(
    practice, runner, name, resource, way
):
    """Every state beside every state, whichever way the second row gets there."""
    sitting, *seats = sitting_and_seat(practice, runner, resource)
    refused = set()

    for there, comes in product(STATES, STATES):
        with transaction.atomic():
            type_change(sitting.public_id.hex, state=there)
            if is_refused(name, way(sitting, comes, *seats)):
                refused.add((there, comes))
            transaction.set_rollback(True)

    assert refused == set(product(["held", "confirmed", "checked_in"], repeat=2))


MEETING = {
    "the same": (TUESDAY_9, 60, 10),
    "within": (TUESDAY_9 + TEN_MINUTES, 20, 0),
    "around": (TUESDAY_9 - TEN_MINUTES, 90, 10),
    "over its start": (TUESDAY_9 - TEN_MINUTES, 20, 0),
    "over its end": (TUESDAY_10 - TEN_MINUTES, 60, 10),
    "in its turnaround": (TUESDAY_10, 60, 10),
    "a second before it is free": (TUESDAY_10 + TEN_MINUTES - timedelta(seconds=1), 60, 10),
    "with its own turnaround": (TUESDAY_9 - ONE_HOUR, 60, 10),
}
APART = {
    "from the moment it is free": (TUESDAY_10 + TEN_MINUTES, 60, 10),
    "free itself the moment it starts": (TUESDAY_9 - ONE_HOUR - TEN_MINUTES, 60, 10),
    "without a turnaround up to its start": (TUESDAY_9 - ONE_HOUR, 60, 0),
    "on another day": (TUESDAY_9 + timedelta(days=1), 60, 10),
}


@pytest.mark.parametrize(("name", "resource"), guards.RESOURCES)
def test_the_turnaround_is_guarded_and_touching_is_not_overlapping(
    practice, runner, name, resource
):
    sitting, seat, *_ = sitting_and_seat(practice, runner, resource)
    assert sitting.frees_at == TUESDAY_10 + TEN_MINUTES
    by_insert, by_update = set(), set()

    for which, given in (MEETING | APART).items():
        there = times(*given)
        if is_refused(name, lambda there=there: type_like(sitting, **seat, **there)):
            by_insert.add(which)
    type_like(sitting, **seat, **times(TUESDAY_11))
    for which, given in (MEETING | APART).items():
        if is_refused(name, lambda given=given: type_change(SECOND, **times(*given))):
            by_update.add(which)

    assert by_insert == by_update == set(MEETING)


@pytest.mark.parametrize(("name", "resource"), guards.RESOURCES)
def test_a_turnaround_cannot_be_lengthened_into_the_next_booking(practice, runner, name, resource):
    sitting, seat, *_ = sitting_and_seat(practice, runner, resource)
    type_like(sitting, **seat, **times(sitting.frees_at))

    def lengthen(minutes):
        longer = write(sitting.frees_at + timedelta(minutes=minutes))
        type_change(sitting.public_id.hex, frees_at=longer)

    assert is_refused(name, lambda: lengthen(1))
    assert not is_refused(name, lambda: lengthen(-1))


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="only SQLite keeps moments as text that could differ"
)
@pytest.mark.parametrize(
    "typed", ["2026-12-01T09:00:00", "2026-12-01 09:00:00+01:00", "2026-12-01 09:00:00.5", "soon"]
)
def test_a_moment_in_another_form_is_refused_because_it_would_compare_wrongly(practice, typed):
    held = hold(practice)

    with pytest.raises(IntegrityError, match=guards.MOMENT_FORM):
        type_sql("UPDATE scheduling_booking SET starts_at = %s WHERE id = %s", typed, held.pk)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"ends_at": TUESDAY_9}, "booking_ends_after_it_starts"),
        ({"frees_at": TUESDAY_9 + TEN_MINUTES}, "booking_ends_after_it_starts"),
        ({"runner_id": None}, "booking_has_runner_and_policy"),
        ({"policy_id": None}, "booking_has_runner_and_policy"),
        ({"booked_at": None}, "booking_has_runner_and_policy"),
        ({"state": "held", "hold_expires_at": None}, "hold_has_an_end"),
        ({"state": "dreamt"}, "booking_state_known"),
    ],
)
def test_values_that_must_never_exist(practice, runner, changes, name):
    booked = book(practice, runner)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Booking.objects.filter(pk=booked.pk).update(**changes)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE scheduling_bookingchange SET reason = 'nicer'",
        "DELETE FROM scheduling_bookingchange",
    ],
)
def test_what_happened_to_a_booking_is_never_rewritten(practice, sql):
    hold(practice)

    with pytest.raises(IntegrityError, match=guards.APPEND_ONLY):
        type_sql(sql)

    assert BookingChange.objects.get().reason == ""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite rebuilds tables")
@pytest.mark.parametrize(("name", "resource"), guards.RESOURCES)
def test_triggers_lost_when_a_table_is_rebuilt_are_put_back(practice, runner, name, resource):
    with connection.cursor() as cursor:
        for statement in guards._sqlite_removal():
            cursor.execute(statement)

    guards.put_back(using="default")

    sitting, seat, *_ = sitting_and_seat(practice, runner, resource)
    assert is_refused(name, lambda: type_like(sitting, **seat))
