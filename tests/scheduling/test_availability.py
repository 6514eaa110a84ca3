"""The engine as a whole: near times, days, and one engine behind both answers."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from scheduling.availability import days, free_times, is_free, nearest
from scheduling.booking import NotOffered, TimeTaken
from scheduling.models import WorkingHours
from tests.scheduling.asked import (
    ONE_DAY,
    off,
)
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_11,
    hold,
    make_practice,
)

# --- around a lost time --------------------------------------------------------------------------


def test_a_taken_time_names_the_three_nearest_earliest_first(db):
    practice = make_practice(therapists=1)
    hold(practice, TUESDAY_11)

    with pytest.raises(TimeTaken) as refused:
        hold(practice, TUESDAY_11, hold_key="other")

    # 11:00 and its turnaround end at 12:10; before it 09:45 is the last that fits.
    near = [f"{one.starts_at:%H:%M}" for one in refused.value.nearest]
    assert near == ["09:30", "09:45", "12:15"]


def test_nearest_looks_further_when_the_day_is_full(practice):
    WorkingHours.objects.exclude(weekday=5).delete()

    found = nearest(
        variant=practice.sports_60,
        location=practice.location,
        around=TUESDAY_9,
        at=A_WEEK_BEFORE,
    )

    assert {one.starts_at.date() for one in found} == {date(2026, 12, 4)}


def test_days_count_different_starts(practice):
    found = days(
        variant=practice.sports_60,
        location=practice.location,
        therapist=None,
        start=TUESDAY + 3 * ONE_DAY,
        end=TUESDAY + 5 * ONE_DAY,
        at=A_WEEK_BEFORE,
    )

    assert [(one.day.isoweekday(), one.free) for one in found] == [(5, 29), (6, 0)]


# --- one engine ----------------------------------------------------------------------------------


class OneEngine(TestCase):
    """What is listed can be claimed, and what is claimed never overlaps."""

    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    @given(
        wishes=st.lists(
            st.tuples(st.integers(0, 40), st.integers(0, 2), st.booleans()), max_size=8
        ),
        turnaround=st.sampled_from([0, 10, 15]),
        rooms=st.integers(1, 2),
        off_hour=st.none() | st.integers(9, 15),
        asked=st.integers(0, 40),
    )
    def test_listed_times_can_be_claimed_and_unlisted_ones_cannot(
        self, wishes, turnaround, rooms, off_hour, asked
    ):
        practice = make_practice(rooms=rooms)
        for variant in (practice.sports_60, practice.sports_30):
            variant.turnaround_minutes = turnaround
            variant.save()
        if off_hour is not None:
            start = TUESDAY_9 + timedelta(hours=off_hour - 9)
            off(practice, start, start + ONE_HOUR)
        claimed = [self.claim(practice, number, *wish) for number, wish in enumerate(wishes)]

        self.assert_nobody_is_in_two_places([one for one in claimed if one])
        self.assert_list_and_claim_agree(practice, TUESDAY_9 + asked * timedelta(minutes=15))

    def claim(self, practice, number, quarter, who, short):
        therapist = [None, *practice.therapists][who]
        starts_at = TUESDAY_9 + quarter * timedelta(minutes=15)
        variant = practice.sports_30 if short else practice.sports_60
        listed = self.listed(practice, variant, therapist)
        try:
            held = hold(
                practice, starts_at, variant=variant, therapist=therapist, hold_key=f"k{number}"
            )
        except (TimeTaken, NotOffered):
            assert starts_at not in listed
            return None
        assert starts_at in listed
        return held

    def listed(self, practice, variant, therapist):
        found = free_times(
            variant=variant,
            location=practice.location,
            therapist=therapist,
            start=TUESDAY,
            end=TUESDAY + ONE_DAY,
            at=A_WEEK_BEFORE,
        )
        return {one.starts_at for one in found}

    def assert_nobody_is_in_two_places(self, claimed):
        for one in claimed:
            for other in claimed:
                if one.pk >= other.pk:
                    continue
                shares = one.therapist_id == other.therapist_id or one.room_id == other.room_id
                apart = one.frees_at <= other.starts_at or other.frees_at <= one.starts_at
                assert apart or not shares

    def assert_list_and_claim_agree(self, practice, starts_at):
        for therapist in (None, *practice.therapists):
            listed = self.listed(practice, practice.sports_60, therapist)
            free = is_free(
                variant=practice.sports_60,
                location=practice.location,
                therapist=therapist,
                starts_at=starts_at,
                at=A_WEEK_BEFORE,
            )
            assert free == (starts_at in listed)
