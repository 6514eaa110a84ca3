"""What the database itself refuses, with SQL typed by hand (E1)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from scheduling import guards
from scheduling.models import Booking, BookingChange
from tests.scheduling.builders import ONE_HOUR, TUESDAY_9, TUESDAY_10, TUESDAY_11, book, hold

TEN_MINUTES = timedelta(minutes=10)


def write(moment):
    """As somebody at a database prompt would type a UTC moment."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" + ("+00" if connection.vendor == "postgresql" else "")


def type_sql(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def copy_of(booking, **changes):
    """A new row like the booking's, but for what is given."""
    row = Booking.objects.get(pk=booking.pk)
    row.pk = None
    row._state.adding = True
    row.public_id = "00000000-0000-4000-8000-000000000001"
    for name, value in changes.items():
        setattr(row, name, value)
    return row


@pytest.mark.parametrize("state", ["held", "confirmed", "checked_in"])
@pytest.mark.parametrize(
    ("resource", "name"),
    [("therapist", guards.THERAPIST_GUARD), ("room", guards.ROOM_GUARD)],
)
def test_a_second_live_booking_of_therapist_or_room_is_refused_by_name(
    practice, runner, state, resource, name
):
    booked = book(practice, runner, therapist=practice.imre)
    second = copy_of(booked, state=state, hold_expires_at=TUESDAY_9)
    if resource == "therapist":
        second.room = practice.rooms[1]
    else:
        second.therapist = practice.lena

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Booking.objects.bulk_create([second])


def test_the_turnaround_is_guarded_and_touching_is_not_overlapping(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)
    frees_at = booked.frees_at
    assert frees_at == TUESDAY_10 + TEN_MINUTES
    inside = copy_of(
        booked, starts_at=TUESDAY_10, ends_at=TUESDAY_11, frees_at=TUESDAY_11 + TEN_MINUTES
    )
    after = copy_of(
        booked,
        starts_at=frees_at,
        ends_at=frees_at + ONE_HOUR,
        frees_at=frees_at + ONE_HOUR + TEN_MINUTES,
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        inside.save()
    after.save()

    assert Booking.objects.occupying().count() == 2


def test_moving_a_row_onto_another_by_update_is_refused(practice, runner):
    book(practice, runner, therapist=practice.imre)
    second = hold(practice, TUESDAY_11, therapist=practice.imre)

    with pytest.raises(IntegrityError):
        type_sql(
            "UPDATE scheduling_booking SET starts_at = %s, ends_at = %s, frees_at = %s "
            "WHERE id = %s",
            write(TUESDAY_9),
            write(TUESDAY_10),
            write(TUESDAY_10 + TEN_MINUTES),
            second.pk,
        )

    second.refresh_from_db()
    assert second.starts_at == TUESDAY_11


def test_reviving_a_dead_row_onto_a_live_one_is_refused(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)
    dead = copy_of(booked, state="cancelled_ontime")
    dead.save()

    with pytest.raises(IntegrityError):
        type_sql("UPDATE scheduling_booking SET state = 'confirmed' WHERE id = %s", dead.pk)


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
def test_triggers_lost_when_a_table_is_rebuilt_are_put_back(practice, runner):
    with connection.cursor() as cursor:
        for statement in guards._sqlite_removal():
            cursor.execute(statement)

    guards.put_back(using="default")

    booked = book(practice, runner)
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_of(booked).save()
