"""Which days credits cover (E25): the local day of the session decides."""

from datetime import UTC, date, datetime, timedelta

import pytest

from payments.models import CreditLot
from scheduling.availability import FreeTime
from scheduling.booking import confirm_with_credit, hold_time
from scheduling.covering import cover_of
from scheduling.models import Therapist
from tests.builders import make_runner
from tests.scheduling.builders import make_credits, make_practice, make_shift

TODAY = date(2026, 12, 1)
ASKED = datetime(2026, 12, 1, 9, tzinfo=UTC)


def time_at(practice, starts_at):
    return FreeTime(
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        therapist_id=practice.imre.pk,
        therapist_code="imre",
        therapist_name="Imre",
        location_code=practice.location.code,
        zone=practice.location.timezone,
    )


def ends(lot, day):
    CreditLot.objects.filter(pk=lot.pk).update(expires_on=day)


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe"])
def test_a_credit_that_ends_today_pays_for_a_session_tonight_at_eleven(db, zone):
    """Must-have: in New York 23:00 is tomorrow in UTC, and still today where the session is."""
    practice = make_practice(zone=zone)
    make_shift(practice.imre, practice.location, TODAY.isoweekday(), "22:00", "00:00")
    runner = make_runner(at=datetime(2026, 11, 24, 9, tzinfo=UTC))
    lot = make_credits(runner, practice=practice)
    ends(lot, TODAY)
    tonight = datetime(2026, 12, 1, 23, tzinfo=practice.location.zone).astimezone(UTC)
    early = datetime(2026, 12, 2, 0, tzinfo=practice.location.zone).astimezone(UTC)

    cover = cover_of(runner=runner, variant=practice.sports_60, at=ASKED)

    assert cover.covers(time_at(practice, tonight))
    assert not cover.covers(time_at(practice, early))
    # And the act agrees with the listing.
    asked = tonight - timedelta(hours=12)
    held = hold_time(
        variant=practice.sports_60,
        location=practice.location,
        starts_at=tonight,
        therapist=Therapist.objects.get(code="imre"),
        hold_key="",
        runner=runner,
        at=asked,
    )
    booked = confirm_with_credit(booking=held, runner=runner, by=runner, at=asked)
    assert booked.is_booked


def test_only_usable_credits_of_the_session_count(practice, runner):
    lot = CreditLot.objects.get(owner=runner)
    cover = cover_of(runner=runner, variant=practice.sports_60, at=ASKED)
    assert cover.spans == ((lot.starts_on, lot.expires_on),)
    assert cover.ends_on == lot.expires_on
    assert not cover_of(runner=runner, variant=practice.sports_30, at=ASKED).is_any
    assert not cover_of(runner=make_runner(), variant=practice.sports_60, at=ASKED).is_any
    CreditLot.objects.filter(pk=lot.pk).update(
        status=CreditLot.Status.FROZEN, frozen_for="pause", frozen_on=TODAY
    )
    assert not cover_of(runner=runner, variant=practice.sports_60, at=ASKED).is_any


def test_of_two_lots_the_later_end_counts_and_a_gap_is_not_covered(practice, runner):
    first = CreditLot.objects.get(owner=runner)
    ends(first, TODAY)
    second = make_credits(runner, practice=practice)
    start = TODAY + timedelta(days=10)
    CreditLot.objects.filter(pk=second.pk).update(
        starts_on=start, expires_on=start + timedelta(days=5)
    )
    cover = cover_of(runner=runner, variant=practice.sports_60, at=ASKED)
    covered = [cover.covers_day(TODAY + timedelta(days=days)) for days in (0, 1, 9, 10, 15, 16)]
    assert covered == [True, False, False, True, True, False]
    assert cover.ends_on == start + timedelta(days=5)


def test_it_costs_one_query(practice, runner, django_assert_num_queries):
    make_credits(runner, practice=practice)
    with django_assert_num_queries(1):
        cover_of(runner=runner, variant=practice.sports_60, at=ASKED)
