"""The pages with treatments and times."""

from datetime import timedelta

import pytest

from accounts.models import RunnerProfile
from scheduling.booking import confirm_with_credit
from scheduling.models import Closure, TimeOff


def page(client, practice, query: str = ""):
    return client.get(f"/book/{practice.variant.code}/{query}")


def test_treatments_lead_to_their_times_with_the_price(client, practice):
    text = client.get("/book/").content.decode()
    assert "Deep tissue" in text
    assert "/book/deep-60/" in text
    assert "£58" in text


def test_without_treatments_the_page_says_to_ring(client, db):
    assert "Ring us" in client.get("/book/").content.decode()


def test_first_day_with_room_is_open_and_the_zone_is_named_once(client, practice):
    Closure.objects.create(
        location=practice.location, starts_on=practice.day(0), ends_on=practice.day(1)
    )
    answer = page(client, practice)
    assert answer.context["diary"].day == practice.day(2)
    assert answer.content.decode().count("London time") == 1


def test_a_diary_closed_for_weeks_opens_at_its_first_free_day(client, practice):
    Closure.objects.create(
        location=practice.location, starts_on=practice.day(0), ends_on=practice.day(29)
    )
    diary = page(client, practice).context["diary"]
    assert diary.day == practice.day(30)
    assert diary.slots


def test_the_chosen_day_is_shown_with_a_button_for_each_start(client, practice):
    day = practice.day(4)
    answer = page(client, practice, f"?day={day}")
    text = answer.content.decode()
    assert answer.context["diary"].day == day
    assert text.count('name="slot"') == len(answer.context["diary"].slots)
    assert 'action="/book/hold/"' in text
    assert "Imre or Sana" in text


def test_a_full_day_names_the_next_day_with_room(client, practice):
    day = practice.day(4)
    Closure.objects.create(location=practice.location, starts_on=day, ends_on=day)
    answer = page(client, practice, f"?day={day}")
    assert answer.context["diary"].next_day == practice.day(5)
    assert "The next day with room is" in answer.content.decode()


def test_the_next_day_with_room_may_be_weeks_away(client, practice):
    Closure.objects.create(
        location=practice.location, starts_on=practice.day(2), ends_on=practice.day(39)
    )
    answer = page(client, practice, f"?day={practice.day(3)}")
    assert answer.context["diary"].next_day == practice.day(40)


def test_a_diary_without_any_room_says_so(client, practice):
    Closure.objects.create(
        location=practice.location, starts_on=practice.day(0), ends_on=practice.day(400)
    )
    assert "The diary is full" in page(client, practice).content.decode()


def test_filtering_by_therapist_lives_in_the_address(client, practice):
    start = practice.on(practice.day(3), 9)
    TimeOff.objects.create(
        therapist=practice.imre, starts_at=start, ends_at=start + timedelta(hours=9)
    )
    day = practice.day(3)
    assert not page(client, practice, f"?day={day}&therapist=imre").context["diary"].slots
    shown = page(client, practice, f"?day={day}&therapist=sana")
    assert {slot.therapist_name for slot in shown.context["diary"].slots} == {"Sana"}
    assert "therapist=sana&amp;day=" in shown.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?day=tomorrow",
        "?day=2026-02-31",
        "?day=0001-01-01",
        "?day=9999-12-31",
        "?from=9999-12-31",
        "?location=nowhere",
        "?therapist=" + "x" * 3000,
    ],
)
def test_an_address_that_makes_no_sense_shows_free_times(client, practice, query):
    answer = page(client, practice, query)
    assert answer.status_code == 200
    assert answer.context["diary"].slots


def test_an_unknown_therapist_is_told_and_everybody_shown(client, practice):
    text = page(client, practice, "?therapist=nobody").content.decode()
    assert "We do not know that therapist here" in text


def test_an_unknown_treatment_is_not_found(client, practice):
    assert client.get("/book/no-such-thing/").status_code == 404


def test_each_strip_of_days_leads_to_the_next(client, practice):
    first = page(client, practice).context["diary"]
    assert first.earlier_url == ""
    later = client.get(first.later_url).context["diary"]
    assert later.days[0].day == first.days[-1].day + timedelta(days=1)
    assert client.get(later.earlier_url).context["diary"].days == first.days


def test_the_last_strip_ends_with_the_open_diary(client, practice):
    last = practice.day(practice.variant.horizon_days)
    diary = page(client, practice, f"?day={last}").context["diary"]
    assert diary.days[-1].day == last
    assert diary.later_url == ""


def test_times_cost_the_same_queries_whatever_the_diary_holds(
    client, practice, django_assert_max_num_queries
):
    for hour in range(9, 17):
        start = practice.on(practice.day(2), hour)
        TimeOff.objects.create(
            therapist=practice.imre, starts_at=start, ends_at=start + timedelta(minutes=30)
        )
    with django_assert_max_num_queries(12):
        page(client, practice)


def test_signed_in_she_sees_no_time_at_which_she_is_elsewhere(visit, practice, runner, lot):
    visit.client.force_login(runner)
    held = visit.held(practice.on(practice.day(4), 10))
    confirm_with_credit(booking=held, runner=runner, by=runner, at=held.created_at)

    diary = page(visit.client, practice, f"?day={practice.day(4)}").context["diary"]

    hers = held.starts_at, held.ends_at
    assert diary.slots
    assert not [one for one in diary.slots if hers[0] <= one.starts_at < hers[1]]


def test_a_rule_against_every_time_is_named_instead_of_a_full_diary(visit, practice, runner):
    RunnerProfile.objects.filter(user=runner).update(must_call=True)
    visit.client.force_login(runner)

    text = page(visit.client, practice).content.decode()

    assert "Please call us before you book." in text
    assert "The diary is full" not in text
    assert 'name="slot"' not in text
