"""The POST that holds a time: what it makes, and what bad input gets."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from payments.attributing import signed
from scheduling.errors import TimeTaken
from scheduling.models import Booking
from scheduling.web.limits import MAX_LIVE_HOLDS, MAX_TRIES_A_MINUTE
from scheduling.web.slots import slot_value
from tests.scheduling.web.conftest import Visit, reload


def test_a_visitor_holds_a_time_and_is_asked_who_she_is(visit: Visit):
    answer = visit.hold()
    booking = Booking.objects.get()
    assert answer.url == f"/book/{booking.public_id}/you/"
    assert booking.runner is None
    assert booking.therapist.code == "imre"
    assert booking.starts_at == visit.starts()


def test_somebody_signed_in_goes_on_to_check(her_visit: Visit, runner):
    answer = her_visit.hold()
    booking = Booking.objects.get()
    assert answer.url == f"/book/{booking.public_id}/check/"
    assert booking.runner == runner


def test_the_article_it_was_picked_in_is_kept_if_we_signed_it(visit: Visit):
    assert visit.held(via=signed(41)).article_id == 41
    other = visit.held(visit.starts(days=6), via="41.forged", variant="deep-30")
    assert other.article_id is None


def test_a_choice_that_lapsed_keeps_its_article_when_it_is_held_anew(her_visit: Visit):
    booking = her_visit.held(via=signed(41))
    Booking.objects.update(state=Booking.State.EXPIRED)
    answer = her_visit.client.post(
        f"/book/{booking.public_id}/checkout/", {"package": her_visit.practice.single.code}
    )
    assert answer.status_code in (303, 503)
    assert Booking.objects.get(state=Booking.State.HELD).article_id == 41


def test_a_double_click_holds_once(visit: Visit):
    assert visit.held() == visit.held()
    assert Booking.objects.filter(state=Booking.State.HELD).count() == 1


def test_another_time_replaces_the_held_one(visit: Visit):
    first = visit.held()
    visit.held(visit.starts(hour=14))
    assert reload(first).state == Booking.State.EXPIRED


def test_a_time_taken_meanwhile_gets_409_and_the_three_nearest(visit: Visit, other_visit: Visit):
    other_visit.held(therapist="imre")
    other_visit_of_another = Visit(visit.practice)
    other_visit_of_another.held(therapist="sana")
    answer = visit.hold(therapist="")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert text.count('name="slot"') == 3
    assert 'action="/book/hold/"' in text
    assert "What you typed and chose before is kept" in text


def test_the_nearest_times_can_be_held_from_that_page(visit: Visit, other_visit: Visit):
    other_visit.held()
    answer = visit.hold()
    near = answer.context["slots"][0]
    assert visit.hold(near.starts_at, therapist="").status_code == 302


def test_losing_the_race_inside_the_act_looks_the_same(visit: Visit):
    with patch("scheduling.web.holding.hold_time", side_effect=TimeTaken()):
        answer = visit.hold()
    assert answer.status_code == 409
    assert answer.content.decode().count('name="slot"') == 3


def test_a_past_time_gets_409_and_times_that_can_be_had(visit: Visit):
    answer = visit.hold(datetime.now(UTC) - timedelta(days=3))
    assert answer.status_code == 409
    assert all(slot.starts_at > datetime.now(UTC) for slot in answer.context["slots"])
    assert "too soon" in answer.content.decode()


@pytest.mark.parametrize("years", [1, 90])
def test_a_time_far_ahead_gets_409(visit: Visit, years):
    answer = visit.hold(visit.starts() + timedelta(days=365 * years))
    assert answer.status_code == 409
    assert not Booking.objects.exists()


def test_a_time_off_the_grid_gets_409(visit: Visit):
    assert visit.hold(visit.starts(minute=7)).status_code == 409


@pytest.mark.parametrize(
    "slot",
    [
        "",
        "soon",
        "2026-12-02",
        "2026-12-02T10:00",  # without its zone
        "2026-13-40T99:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1" * 5000,
        "2026-12-02T10:00:00Z\x00",
        "'; DROP TABLE x; --",
    ],
)
def test_a_time_nobody_can_read_gets_422(visit: Visit, slot):
    answer = visit.hold(slot=slot)
    assert answer.status_code == 422
    assert "We could not read that time" in answer.content.decode()
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("variant", "nothing"),
        ("variant", ""),
        ("variant", "x\x00y"),
        ("location", "the-moon"),
        ("location", "\x00"),
        ("therapist", "nobody"),
        ("therapist", "a\x00b"),
    ],
)
def test_an_unknown_choice_gets_404_and_a_way_on(visit: Visit, field, value):
    answer = visit.hold(**{field: value})
    assert answer.status_code == 404
    assert 'href="/book/"' in answer.content.decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_SEC_FETCH_SITE": "none"},
        {"HTTP_ORIGIN": "https://elsewhere.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_ORIGIN": "http://testserver.elsewhere.example"},
        {"HTTP_REFERER": "https://elsewhere.example/book/"},
        {"HTTP_REFERER": "http://[broken"},
        {},
    ],
)
def test_other_sites_cannot_hold(visit: Visit, headers):
    answer = visit.hold(headers=headers)
    assert answer.status_code == 403
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_SEC_FETCH_SITE": "same-origin"},
        {"HTTP_ORIGIN": "http://testserver"},
        {"HTTP_REFERER": "http://testserver/journal/calves/"},
    ],
)
def test_our_own_pages_can_without_a_token(practice, headers):
    from django.test import Client

    strict = Visit(practice, Client(enforce_csrf_checks=True))
    assert strict.hold(headers=headers).status_code == 302


def test_one_address_holds_a_handful_at_once(practice):
    for number in range(MAX_LIVE_HOLDS):
        visit = Visit(practice)
        assert visit.hold(visit.starts(5 + number)).status_code == 302
    late = Visit(practice)
    answer = late.hold(late.starts(20))
    assert answer.status_code == 429
    assert Booking.objects.count() == MAX_LIVE_HOLDS


def test_a_visit_may_change_its_mind_however_many_others_hold(practice):
    visits = [Visit(practice) for _ in range(MAX_LIVE_HOLDS)]
    for number, visit in enumerate(visits):
        visit.held(visit.starts(5 + number))
    assert visits[0].hold(visits[0].starts(20)).status_code == 302


def test_trying_without_end_is_slowed_down(visit: Visit):
    answers = [visit.hold().status_code for _ in range(MAX_TRIES_A_MINUTE + 1)]
    assert answers[-1] == 429


def test_coming_back_to_the_address_shows_the_treatments(visit: Visit):
    assert visit.client.get("/book/hold/").url == "/book/"


def test_values_of_slots_are_read_back(visit: Visit):
    from scheduling.web.slots import read_slot

    assert read_slot(slot_value(visit.starts())) == visit.starts()
    assert read_slot("2026-12-02T10:00:00 01:00") == datetime(2026, 12, 2, 9, tzinfo=UTC)
