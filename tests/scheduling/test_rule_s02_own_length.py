"""A session at another length or price with one therapist (S2)."""

from datetime import timedelta

from scheduling.availability import free_times
from scheduling.models import TherapistVariant
from scheduling.reasons import Reason
from tests.scheduling.asked import ONE_DAY, quarters, reasons, starts
from tests.scheduling.builders import A_WEEK_BEFORE, TUESDAY, TUESDAY_9, TUESDAY_10, hold


def own(practice, **values):
    TherapistVariant.objects.filter(therapist=practice.imre, variant=practice.sports_60).update(
        **values
    )


def test_the_list_the_judge_and_the_claim_take_the_therapists_own_length(practice):
    own(practice, duration_minutes=75)
    times = free_times(
        variant=practice.sports_60,
        location=practice.location,
        therapist=None,
        start=TUESDAY,
        end=TUESDAY + ONE_DAY,
        at=A_WEEK_BEFORE,
    )
    lasts = {one.therapist_code: one.ends_at - one.starts_at for one in times}
    assert lasts == {"imre": timedelta(minutes=75), "lena": timedelta(minutes=60)}
    assert starts(practice)[-1] == "15:45"
    assert reasons(practice, TUESDAY_9.replace(hour=16)) == [Reason.OUTSIDE_HOURS]

    held = hold(practice, TUESDAY_9, therapist=practice.imre)

    assert held.ends_at - held.starts_at == timedelta(minutes=75)
    assert held.frees_at - held.ends_at == timedelta(minutes=10)
    assert starts(practice)[0] == "10:30"


def test_a_shorter_one_leaves_more_room_in_the_only_room(practice):
    practice.rooms[1].delete()
    own(practice, duration_minutes=45)

    hold(practice, TUESDAY_9, therapist=practice.imre)

    assert starts(practice, therapist="lena") == quarters("10:00", "16:00")


def test_the_price_is_kept_as_it_was_when_picked(practice):
    own(practice, price_minor=7100)

    with_imre = hold(practice, TUESDAY_9, therapist=practice.imre)
    own(practice, price_minor=9900)
    with_lena = hold(practice, TUESDAY_10, therapist=practice.lena, hold_key="other")

    with_imre.refresh_from_db()
    assert (with_imre.price_minor, with_lena.price_minor) == (7100, 5800)
