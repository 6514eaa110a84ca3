"""Reports: by hand on a small week, and against a count by brute force on random ones."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from statistics import median_low
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from scheduling import reports
from scheduling.cancelling import cancel_booking
from scheduling.day import complete, mark_no_show
from scheduling.models import Booking, Closure, Room, TimeOff
from scheduling.reports import LeadTime, Period
from scheduling.utilisation import utilisation
from tests.builders import make_policy, make_runner, make_variant
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    TWO_DAYS_BEFORE,
    book,
    hold,
    make_location,
    make_practice,
    make_runner_with_credits,
    make_shift,
    make_therapist,
)

ONE_DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def the_day(practice=None, **values):
    return Period(TUESDAY, TUESDAY + ONE_DAY, practice and practice.location, **values)


# by hand -------------------------------------------------------------------------------------
def test_utilisation_is_booked_by_working_minutes(practice, runner):
    book(practice, runner, TUESDAY_9, therapist=practice.imre)
    book(practice, runner, TUESDAY_11, therapist=practice.imre)
    TimeOff.objects.create(
        therapist=practice.imre,
        starts_at=TUESDAY_9 + 4 * ONE_HOUR,
        ends_at=TUESDAY_9 + 8 * ONE_HOUR,
    )

    report = utilisation(the_day(practice))

    rows = {row.therapist_code: row for row in report.rows}
    assert (rows["imre"].booked_minutes, rows["imre"].working_minutes) == (120, 240)
    assert rows["imre"].rate == 0.5
    assert (rows["lena"].booked_minutes, rows["lena"].working_minutes) == (0, 480)
    assert (report.total.booked_minutes, report.total.working_minutes) == (120, 720)


def test_blocked_time_and_closures_are_not_working_time(practice):
    TimeOff.objects.create(
        kind="blocked", therapist=practice.imre, starts_at=TUESDAY_9, ends_at=TUESDAY_10
    )
    assert utilisation(the_day(practice)).total.working_minutes == 900

    Closure.objects.create(location=practice.location, starts_on=TUESDAY, ends_on=TUESDAY)
    report = utilisation(the_day(practice))
    assert (report.rows, report.total.working_minutes, report.total.rate) == ((), 0, None)


def test_a_no_show_and_a_cancelled_session_are_not_hands_on_time(practice, runner):
    missed = book(practice, runner, TUESDAY_9, therapist=practice.imre)
    mark_no_show(booking=missed, by=None, at=TUESDAY_10)
    late = book(practice, runner, TUESDAY_11, therapist=practice.imre)
    cancel_booking(booking=late, by=runner, at=TUESDAY_10)
    done = book(practice, runner, TUESDAY_11 + 2 * ONE_HOUR, therapist=practice.imre)
    complete(booking=done, by=None, at=TUESDAY_11 + 3 * ONE_HOUR)

    assert utilisation(the_day(practice)).total.booked_minutes == 60
    [row] = reports.sessions(the_day(practice)).rows
    assert (row.done, row.no_shows, row.late, row.minutes) == (1, 1, 1, 60)


def test_no_shows_and_late_cancellations_are_apart(practice):
    runner = make_runner_with_credits(8, practice=practice)
    hours = [TUESDAY_9 + number * 90 * MINUTE for number in range(5)]
    kept, missed, late, in_time, _to_come = [
        book(practice, runner, at, therapist=practice.imre) for at in hours
    ]
    cancel_booking(booking=in_time, by=runner, at=TWO_DAYS_BEFORE)
    cancel_booking(booking=late, by=runner, at=TUESDAY_9)
    complete(booking=kept, by=None, at=TUESDAY_11)
    mark_no_show(booking=missed, by=None, at=TUESDAY_11)

    [row] = reports.attendance(the_day(practice)).rows

    counted = (row.kept, row.no_shows, row.late, row.in_time, row.by_us, row.open)
    assert counted == (1, 1, 1, 1, 0, 1)
    assert (row.no_show_rate, row.late_rate) == (1 / 2, 1 / 3)


def test_lead_time_is_from_booking_to_start(practice):
    runner = make_runner_with_credits(8, practice=practice)
    for number, days in enumerate([1, 2, 4, 7]):
        starts_at = TUESDAY_9 + number * 90 * MINUTE
        book(practice, runner, starts_at, at=starts_at - days * ONE_DAY, therapist=practice.imre)

    total = reports.lead_times(the_day(practice)).total

    found = (total.shortest, total.quarter, total.median, total.three_quarters, total.longest)
    assert found == tuple(days * 24 * 60 for days in (1, 1, 2, 4, 7))


def test_holds_are_nobodys_sessions(practice, runner):
    hold(practice, TUESDAY_9, runner=runner)

    assert reports.sessions(the_day(practice)).rows == ()
    assert reports.attendance(the_day(practice)).rows == ()


@pytest.mark.parametrize("days", [0, 1, -3])
def test_a_period_without_sessions_divides_by_nothing(practice, days):
    period = Period(TUESDAY, TUESDAY + days * ONE_DAY)

    total = reports.attendance(period).total
    assert (total.no_show_rate, total.late_rate) == (None, None)
    assert reports.lead_times(period).total == LeadTime("", "", 0)
    assert reports.sessions(period).total.minutes == 0
    report = utilisation(period)
    assert report.total.booked_minutes == 0
    assert (report.total.rate is None) == (days < 1)


def test_each_location_has_its_own_days(db):
    """A session at 00:30 in Paris is on another day in London, and so is its period."""
    london = make_practice()
    paris = make_location("rue", zone="Europe/Paris")
    make_session(london, Room.objects.first(), datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
    room = Room.objects.create(location=paris, name="Une")
    make_session(
        london,
        room,
        datetime(2026, 11, 30, 23, 30, tzinfo=UTC),
        therapist=london.lena,
        location=paris,
    )

    assert reports.sessions(the_day()).total.to_come == 1
    assert reports.sessions(Period(TUESDAY, TUESDAY + ONE_DAY, paris)).total.to_come == 1
    assert reports.sessions(the_day(london)).total.to_come == 0


def test_reports_cost_the_same_however_much_happened(practice):
    def count():
        with CaptureQueriesContext(connection) as queries:
            reports.attendance(the_day())
            reports.sessions(the_day())
            reports.lead_times(the_day())
            utilisation(the_day())
        return len(queries)

    before = count()
    for number in range(5):
        runner = make_runner_with_credits(practice=practice)
        book(practice, runner, TUESDAY_9 + number * 90 * MINUTE)
    for number in range(3):
        person = make_therapist(f"more-{number}", variants=[practice.sports_60])
        make_shift(person, practice.location, 2)

    assert count() == before <= 13


# against brute force -------------------------------------------------------------------------
FIRST, LAST = date(2026, 10, 23), date(2026, 10, 27)  # London's clocks go back on the 25th
STATES = [state for state in Booking.State if state not in ("held", "expired")]


def make_session(practice, room, starts_at, *, therapist=None, location=None, **values):
    location = location or practice.location
    minutes = values.pop("minutes", 30)
    defaults = {
        "runner": make_runner(),
        "variant": practice.sports_60,
        "therapist": therapist or practice.imre,
        "room": room,
        "location": location,
        "policy": make_policy(),
        "state": "confirmed",
        "ends_at": starts_at + minutes * MINUTE,
        "frees_at": starts_at + minutes * MINUTE,
        "local_start": f"{starts_at.astimezone(location.zone):%Y-%m-%dT%H:%M}",
        "zone": location.timezone,
        "booked_at": A_WEEK_BEFORE,
        "created_at": A_WEEK_BEFORE,
    }
    return Booking.objects.create(**defaults | values, starts_at=starts_at)


sessions = st.fixed_dictionaries(
    {
        "state": st.sampled_from(STATES),
        "minutes": st.sampled_from([20, 30, 50, 60]),
        "ahead": st.integers(-60, 60 * 24 * 90),
        "thirty": st.booleans(),
        "place": st.integers(0, 1),
    }
)
# Hours from the first midnight in UTC; days begin at 23 or 24 in London, at 26.5 or 27.5 overseas.
midnights = [-1, 0, 2, 3, 23, 24, 26, 27, 47, 48, 50, 51, 71, 72, 74, 75]
hours = st.one_of(st.sampled_from(midnights), st.integers(-5, 100))
# One at most in each hour of each therapist, so that none stands in another's way.
worlds = st.dictionaries(st.tuples(hours, st.integers(0, 1)), sessions, min_size=8, max_size=24)
shifts = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.integers(0, 1),
        st.integers(1, 7),
        st.integers(4, 12),
        st.integers(1, 8),
    ),
    min_size=3,
    max_size=10,
    unique_by=lambda shift: shift[:3],
)
absences = st.lists(
    st.tuples(st.integers(0, 1), st.integers(-30, 130), st.integers(1, 40)), max_size=3
)
closures = st.lists(st.tuples(st.integers(0, 1), st.integers(-1, 5), st.integers(0, 2)), max_size=2)


class TestAgainstBruteForce(TestCase):
    """Every number again, the slow way: session by session and minute by minute."""

    def setUp(self):
        self.practice = make_practice()
        for therapist in self.practice.therapists:
            therapist.working_hours.all().delete()
        self.places = [self.practice.location, make_location("far", zone="America/St_Johns")]
        self.rooms = [
            [Room.objects.create(location=place, name=f"{number}") for number in range(2)]
            for place in self.places
        ]
        self.others = make_variant("sports-30", minutes=30)
        self.policy, self.runner = make_policy(), make_runner()

    @settings(max_examples=20, deadline=None)
    @given(worlds, shifts, absences, closures, st.integers(0, 2), st.integers(0, 4))
    def test_the_numbers_are_those_of_a_count(self, world, week, away, shut, where, length):
        self.fill(world, week, away, shut)
        location = None if where == 2 else self.places[where]
        period = Period(FIRST, FIRST + length * ONE_DAY, location)
        found = [one for one in Booking.objects.select_related() if inside(one, period)]

        self.check_sessions(period, found)
        self.check_attendance(period, found)
        self.check_lead_times(period, found)
        self.check_utilisation(period, found, week, away, shut)

    def fill(self, world, week, away, shut):
        base = datetime.combine(FIRST, time(0), UTC)
        for (hour, number), one in world.items():
            place = one["place"]
            starts_at = base + hour * ONE_HOUR
            make_session(
                self.practice,
                self.rooms[place][number],
                starts_at,
                therapist=self.practice.therapists[number],
                location=self.places[place],
                runner=self.runner,
                policy=self.policy,
                state=one["state"],
                minutes=one["minutes"],
                booked_at=starts_at - one["ahead"] * MINUTE,
                variant=self.others if one["thirty"] else self.practice.sports_60,
            )
        for number, place, weekday, starts, hours in week:
            make_shift(
                self.practice.therapists[number],
                self.places[place],
                weekday,
                f"{starts:02}:00",
                f"{starts + hours:02}:00",
            )
        for number, hour, hours in away:
            TimeOff.objects.create(
                therapist=self.practice.therapists[number],
                starts_at=base + hour * ONE_HOUR,
                ends_at=base + (hour + hours) * ONE_HOUR,
            )
        for place, day, days in shut:
            Closure.objects.create(
                location=self.places[place],
                starts_on=FIRST + day * ONE_DAY,
                ends_on=FIRST + (day + days) * ONE_DAY,
            )

    def check_sessions(self, period, found):
        report = reports.sessions(period)
        wanted = Counter((one.therapist.code, one.variant.code, one.state) for one in found)
        got = Counter()
        for row in report.rows:
            key = row.therapist_code, row.variant_code
            got[(*key, "completed")] = row.done
            got[(*key, "no_show")] = row.no_shows
            got[(*key, "cancelled_late")] = row.late
            open_ones = wanted[(*key, "confirmed")] + wanted[(*key, "checked_in")]
            assert row.to_come == open_ones
            off = wanted[(*key, "cancelled_ontime")] + wanted[(*key, "cancelled_clinic")]
            assert row.called_off == off
            assert row.minutes == sum(
                minutes(one)
                for one in found
                if (one.therapist.code, one.variant.code) == key
                and one.state in ("confirmed", "checked_in", "completed")
            )
        for state in ("completed", "no_show", "cancelled_late"):
            assert {key: n for key, n in got.items() if n and key[2] == state} == {
                key: n for key, n in wanted.items() if key[2] == state
            }
        assert report.total.minutes == sum(row.minutes for row in report.rows)

    def check_attendance(self, period, found):
        total = reports.attendance(period).total
        states = Counter(one.state for one in found)
        kept = states["completed"] + states["checked_in"]
        assert total.open == states["confirmed"]
        assert total.kept == kept
        expected = kept + states["no_show"]
        wanted = states["no_show"] / expected if expected else None
        assert total.no_show_rate == wanted
        with_late = expected + states["cancelled_late"]
        assert total.late_rate == (states["cancelled_late"] / with_late if with_late else None)
        assert sum(row.no_shows for row in reports.attendance(period).rows) == states["no_show"]

    def check_lead_times(self, period, found):
        total = reports.lead_times(period).total
        ahead = [
            max(0, int((one.starts_at - one.booked_at) / MINUTE))
            for one in found
            if not one.state.startswith("cancelled")
        ]
        assert total.sessions == len(ahead)
        if ahead:
            assert (total.shortest, total.longest) == (min(ahead), max(ahead))
            assert total.median == median_low(ahead)
            for share, rank in ((0.25, total.quarter), (0.75, total.three_quarters)):
                assert sum(one <= rank for one in ahead) >= share * len(ahead)
                assert sum(one < rank for one in ahead) < share * len(ahead)

    def check_utilisation(self, period, found, week, away, shut):
        report = utilisation(period)
        rows = {row.therapist_code: row for row in report.rows}
        for number, therapist in enumerate(self.practice.therapists):
            worked = sum(
                self.working_minutes(number, place, period, week, away, shut)
                for place in range(2)
                if period.location in (None, self.places[place])
            )
            booked = sum(
                minutes(one)
                for one in found
                if one.therapist_id == therapist.pk
                and one.state in ("confirmed", "checked_in", "completed")
            )
            row = rows.get(therapist.code)
            got = (row.booked_minutes, row.working_minutes) if row else (0, 0)
            assert got == (booked, worked)

    def working_minutes(self, number, place, period, week, away, shut):
        mine = [shift for shift in week if shift[:2] == (number, place)]
        base = datetime.combine(FIRST, time(0), UTC)
        zone = ZoneInfo(self.places[place].timezone)
        count = 0
        for quarter in range(-24 * 4, 24 * 4 * 7):  # hours begin and end on quarters
            moment = base + quarter * 15 * MINUTE
            local = moment.astimezone(zone)
            if not (period.start <= local.date() < period.end):
                continue
            closed = any(
                where == place
                and FIRST + day * ONE_DAY <= local.date() <= FIRST + (day + days) * ONE_DAY
                for where, day, days in shut
            )
            off = any(
                who == number
                and base + hour * ONE_HOUR <= moment < base + (hour + hours) * ONE_HOUR
                for who, hour, hours in away
            )
            works = any(
                weekday == local.isoweekday() and starts <= local.hour < starts + hours
                for _, _, weekday, starts, hours in mine
            )
            count += 15 * (works and not closed and not off)
        return count


def inside(one, period):
    day = one.starts_at.astimezone(ZoneInfo(one.location.timezone)).date()
    here = period.location is None or one.location_id == period.location.pk
    return here and period.start <= day < period.end


def minutes(one):
    return int((one.ends_at - one.starts_at) / MINUTE)
