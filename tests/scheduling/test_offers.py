"""What pages may show of the diary."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.booking import hold_time
from scheduling.models import Location, Therapist, WorkingHours
from scheduling.offers import next_free_times, places_on_offer, therapists_on_offer
from tests.scheduling.asked import set_hours
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY_9,
    hold,
    make_shift,
    make_therapist,
)


def times(found):
    return [f"{one.starts_at:%d %H:%M}" for one in found.times]


def test_the_next_three_starts_with_price_and_zone(practice):
    found = next_free_times(service_code="sports", at=TUESDAY_9)

    assert (found.variant_code, found.price_minor, found.currency) == ("sports-60", 5800, "GBP")
    assert found.zone == "Europe/London"
    assert times(found) == ["01 11:00", "01 12:00", "02 09:00"]


@pytest.mark.parametrize(
    ("hours", "count", "shown"),
    [
        # One half of one day: an hour apart while that lasts, then what there is.
        (("09:00", "12:00"), 3, ["01 09:00", "01 10:00", "01 11:00"]),
        (("09:00", "10:30"), 3, ["01 09:00", "01 09:15", "01 09:30"]),
        (("09:00", "10:00"), 3, ["01 09:00"]),
        # Both halves, then the gaps between them.
        (("09:00", "14:00"), 3, ["01 09:00", "01 10:00", "01 12:00"]),
        (("09:00", "14:00"), 1, ["01 09:00"]),
    ],
)
def test_the_times_shown_are_worth_choosing_between(practice, hours, count, shown):
    set_hours(practice, hours, valid_to=TUESDAY_9.date())
    WorkingHours.objects.exclude(therapist=practice.imre, weekday=2).delete()

    found = next_free_times(variant_code="sports-60", count=count, at=TUESDAY_9 - 3 * ONE_HOUR)

    assert times(found) == shown


def test_a_time_on_a_page_can_be_held_as_its_form_says(practice):
    first = next_free_times(variant_code="sports-60", at=TUESDAY_9).times[0]

    held = hold_time(
        variant=practice.sports_60,
        location=Location.objects.get(code=first.hold_fields["location"]),
        starts_at=first.starts_at,
        therapist=Therapist.objects.get(code=first.hold_fields["therapist"]),
        hold_key="x",
        runner=None,
        at=TUESDAY_9,
    )

    assert held.starts_at == first.starts_at
    assert first.hold_fields["slot"] == "2026-12-01T11:00:00Z"
    assert first.hold_url == "/book/hold/"


def test_what_is_held_is_not_offered(practice):
    hold(practice, TUESDAY_9.replace(hour=11), therapist=practice.imre, at=TUESDAY_9)

    found = next_free_times(variant_code="sports-60", therapist_code="imre", at=TUESDAY_9)

    assert times(found)[0] == "01 12:15"


def test_a_full_fortnight_is_looked_past_and_an_empty_diary_says_so(practice):
    WorkingHours.objects.update(valid_from=TUESDAY_9.date())
    found = next_free_times(variant_code="sports-60", at=A_WEEK_BEFORE.replace(day=3))
    assert times(found)[0] == "01 09:00"

    WorkingHours.objects.all().delete()
    assert next_free_times(variant_code="sports-60", at=A_WEEK_BEFORE).times == ()


def test_what_does_not_exist_has_no_times(practice):
    for wrong in (
        {"variant_code": "unknown"},
        {"service_code": "unknown"},
        {"location_code": "unknown"},
        {"therapist_code": "unknown"},
    ):
        assert next_free_times(**wrong, at=A_WEEK_BEFORE) is None


def test_it_costs_few_queries_when_times_are_near(practice):
    with CaptureQueriesContext(connection) as queries:
        next_free_times(service_code="sports", at=TUESDAY_9)

    assert len(queries) <= 10


def test_therapists_on_offer_without_hidden_ones(practice, django_assert_num_queries):
    make_therapist("ghost", "Ghost", variants=[practice.sports_60], is_bookable_online=False)

    with django_assert_num_queries(4):
        found = therapists_on_offer()

    assert [(one.code, one.location_names) for one in found] == [
        ("imre", ("Harbour",)),
        ("lena", ("Harbour",)),
    ]
    assert set(found[0].variant_codes) == {"sports-30", "sports-60"}


def test_a_place_is_open_from_the_first_start_to_the_last_end_of_its_people(practice):
    set_hours(practice, ("09:00", "12:00"))
    make_shift(make_therapist("sam"), practice.location, 2, "11:00", "20:30")

    with CaptureQueriesContext(connection) as queries:
        [place] = places_on_offer(at=TUESDAY_9)

    tuesday = next(each for each in place.days if each.weekday == 2)
    assert [(f"{starts:%H:%M}", f"{ends:%H:%M}") for starts, ends in tuesday.spans] == [
        ("09:00", "20:30")
    ]
    assert place.address_lines == tuple(practice.location.address_lines)
    assert len(queries) == 2

    Location.objects.update(is_active=False)
    assert places_on_offer(at=TUESDAY_9) == []
