"""Coming again in the browser and by API."""

import uuid
from datetime import timedelta
from unittest.mock import patch

import pytest

from payments.crediting import wallet
from scheduling.booking import confirm_with_credit
from scheduling.errors import IllegalTransition
from scheduling.models import Booking
from scheduling.web.slots import slot_value
from tests.builders import make_runner

WEEK = timedelta(weeks=1)


@pytest.fixture
def anchor(visit, runner, lot):
    """A booked session of a signed-in runner who has three credits more."""
    visit.client.force_login(runner)
    held = visit.held()
    return confirm_with_credit(booking=held, runner=runner, by=runner, at=held.created_at)


def plan_page(visit, anchor, **numbers):
    return visit.client.get(f"/bookings/{anchor.public_id}/series/", numbers)


def chosen(answer):
    """What a browser would send from the page as it is."""
    plan = answer.context["plan"]
    form = {"key": str(answer.context["key"]), "every": plan.every_weeks}
    form["further"] = len(plan.occurrences)
    for one in plan.occurrences:
        form[f"on-{one.on.isoformat()}"] = slot_value(one.starts_at) if one.lot_name else "skip"
    return form


def send(visit, anchor, form):
    return visit.client.post(f"/bookings/{anchor.public_id}/series/", form)


def test_the_page_offers_three_more_and_books_them(visit, anchor, runner):
    page = plan_page(visit, anchor)
    assert page.status_code == 200
    assert "3 of 3 free at that time." in page.content.decode()

    answer = send(visit, anchor, chosen(page))
    shown = visit.client.get(answer.url).content.decode()

    assert Booking.objects.of(runner).booked().count() == 4
    assert wallet(runner, on=anchor.starts_local.date()).available == 0
    assert "4 sessions" in shown


def test_eight_weeks_apart_is_offered_as_the_rule_allows(visit, anchor):
    page = plan_page(visit, anchor, every=8, further=1)
    assert page.status_code == 200
    assert "every 8 weeks" in page.content.decode()


def test_what_the_credits_do_not_cover_is_not_ticked_and_not_booked(visit, anchor, runner):
    page = plan_page(visit, anchor, every=1, further=5)
    assert "Your credits cover 3" in page.content.decode()

    send(visit, anchor, chosen(page))

    assert Booking.objects.of(runner).booked().count() == 4


def test_sending_it_twice_books_once(visit, anchor, runner):
    form = chosen(plan_page(visit, anchor))

    first, second = send(visit, anchor, form), send(visit, anchor, form)

    assert first.url == second.url
    assert Booking.objects.of(runner).booked().count() == 4


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"every": "0"}, 422),
        ({"every": "x"}, 422),
        ({"further": "99"}, 422),
        ({"key": "nonsense"}, 409),
        ({"slot": "nonsense"}, 422),
        ({"slot": "2000-01-01T10:00:00Z"}, 422),
        ({"slot": "+ nobody"}, 422),
    ],
)
def test_bad_input_is_told_and_books_nothing(visit, anchor, runner, change, status):
    form = chosen(plan_page(visit, anchor))
    day = next(name for name in form if name.startswith("on-"))
    form |= {day if name == "slot" else name: value for name, value in change.items()}

    assert send(visit, anchor, form).status_code == status
    assert Booking.objects.of(runner).booked().count() == 1


def test_an_unknown_therapist_is_told(visit, anchor, runner):
    form = chosen(plan_page(visit, anchor))
    day = next(name for name in form if name.startswith("on-"))
    form[day] = f"{form[day]} nobody"

    assert send(visit, anchor, form).status_code == 409
    assert Booking.objects.of(runner).booked().count() == 1


def test_only_its_runner_sees_it(visit, other_visit, anchor):
    series = send(visit, anchor, chosen(plan_page(visit, anchor))).url
    other_visit.client.force_login(make_runner())

    assert other_visit.client.get(series).status_code == 404
    assert plan_page(other_visit, anchor).status_code == 404


def test_cancelling_the_rest_asks_first(visit, anchor, runner):
    send(visit, anchor, chosen(plan_page(visit, anchor)))
    address = f"/bookings/{anchor.public_id}/series/cancel/"
    page = visit.client.get(address)
    assert "You get 4 credits back." in page.content.decode()

    agreed = {f"quote-{one.booking.public_id}": one.token for one in page.context["rest"].quotes}
    tampered = dict.fromkeys(agreed, "nonsense")
    for wrong in ({}, {"quote-nonsense": "x"}, tampered):
        assert visit.client.post(address, wrong).status_code == 409
    assert Booking.objects.of(runner).booked().count() == 4

    visit.client.post(address, agreed)
    assert Booking.objects.of(runner).booked().count() == 0


def test_a_session_marked_at_the_desk_meanwhile_is_told_and_nothing_is_cancelled(
    visit, anchor, runner
):
    send(visit, anchor, chosen(plan_page(visit, anchor)))
    address = f"/bookings/{anchor.public_id}/series/cancel/"
    marked = IllegalTransition("This session is arrived, so that is no longer possible.")
    with patch("scheduling.web.repeating.cancel_rest", side_effect=marked):
        answer = visit.client.post(address)
    assert answer.status_code == 409
    assert "no longer possible" in answer.content.decode()
    assert Booking.objects.of(runner).booked().count() == 4


def test_the_series_page_asks_the_database_a_fixed_number_of_questions(
    visit, anchor, django_assert_max_num_queries
):
    series = send(visit, anchor, chosen(plan_page(visit, anchor))).url

    with django_assert_max_num_queries(10):  # for any number of sessions
        visit.client.get(series)


def test_the_same_by_api(visit, anchor, runner):
    base = f"/api/v1/bookings/{anchor.public_id}"
    planned = visit.client.get(f"{base}/series/", {"every_weeks": 1, "further": 2}).json()
    assert [one["why"] for one in planned] == [None, None]

    series_id = str(uuid.uuid4())
    choices = [{"on": one["on"], "starts_at": one["starts_at"]} for one in planned]
    body = {"id": series_id, "every_weeks": 1, "further": 2, "choices": choices}
    made = visit.client.post(
        f"{base}/series/", body, content_type="application/json", HTTP_SEC_FETCH_SITE="same-origin"
    )
    assert made.status_code == 201, made.content
    assert len(made.json()["bookings"]) == 3

    rest = visit.client.get(f"{base}/rest/").json()
    assert (len(rest["sessions"]), rest["credits_back"]) == (3, 3)
    quotes = {one["booking"]: one["quote"] for one in rest["sessions"]}
    address = f"{base}/rest/cancellation/"
    some = dict(list(quotes.items())[:1])
    stale = visit.client.post(address, {"quotes": some}, content_type="application/json")
    assert stale.status_code == 409
    done = visit.client.post(address, {"quotes": quotes}, content_type="application/json")
    assert {one["state"] for one in done.json()} == {"cancelled_ontime"}
    read = visit.client.get(f"/api/v1/series/{series_id}/").json()
    assert {one["state"] for one in read["bookings"]} == {"cancelled_ontime"}


def test_her_sessions_come_a_page_at_a_time_by_api(visit, anchor, runner):
    send(visit, anchor, chosen(plan_page(visit, anchor)))

    first = visit.client.get("/api/v1/bookings/", {"limit": 3}).json()
    rest = visit.client.get("/api/v1/bookings/", {"limit": 3, "cursor": first["next"]}).json()

    starts = [one["starts_at"] for one in first["items"] + rest["items"]]
    assert len(first["items"]) == 3
    assert len(set(starts)) == 4
    assert starts == sorted(starts, reverse=True)
    assert rest["next"] is None
    assert visit.client.get("/api/v1/bookings/", {"cursor": "nonsense"}).status_code == 422
