"""Free times by API: what may be asked, why one is not free, and how long a list may be kept."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scheduling.api.schemas import FreeTimeOut
from scheduling.booking import hold_time, release_hold
from scheduling.models import Booking, Closure, Room, Therapist, TimeOff
from tests.builders import make_runner, make_staff
from tests.practice import open_practice
from tests.scheduling.asked import busy, make_place_elsewhere
from tests.scheduling.builders import make_shift

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/availability/"
BACKEND = "django.contrib.auth.backends.ModelBackend"
ONE_HOUR = timedelta(hours=1)


@pytest.fixture
def practice():
    return open_practice()


@pytest.fixture
def at_ten(practice):
    return practice.on(practice.day(3), 10)


@pytest.fixture
def ask(client, practice):
    def send(headers=None, **changed):
        question = {
            "variant": practice.variant.code,
            "location": "harbour",
            "start": practice.day(3),
            "end": practice.day(4),
        } | changed
        sent = {name: value for name, value in question.items() if value is not None}
        return client.get(ADDRESS, sent, headers=headers)

    return send


@pytest.fixture
def why(ask, at_ten):
    def asked(starts_at=at_ten, therapist="imre", **changed):
        answer = ask(
            explain=1,
            starts_at=starts_at.isoformat(),
            therapist=therapist,
            start=None,
            end=None,
            **changed,
        )
        assert answer.status_code == 200, answer.content
        [verdict] = answer.json()["therapists"]
        assert verdict["is_free"] == (not verdict["reasons"])
        assert all(one["sentence"] for one in verdict["reasons"])
        return [one["code"] for one in verdict["reasons"]]

    return asked


def held_by(practice, starts_at, **values):
    return hold_time(
        **{
            "variant": practice.variant,
            "location": practice.location,
            "starts_at": starts_at,
            "therapist": practice.imre,
            "hold_key": "somebody",
            "runner": None,
            "at": timezone.now(),
        }
        | values
    )


# --- what may be asked -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"start": "2027-03-02", "end": "2027-03-01"}, "range_backwards"),
        ({"start": "2027-03-01", "end": "2027-05-03"}, "range_too_long"),
        ({"start": "0001-01-01", "end": "9999-12-31"}, "range_too_long"),
        ({"start": None}, "days_missing"),
        ({"end": None}, "days_missing"),
        ({"start": "2027-02-30"}, "invalid"),
        ({"start": "tomorrow"}, "invalid"),
        ({"tz": "Mars/Olympus"}, "unknown_zone"),
        ({"tz": "../etc/passwd"}, "unknown_zone"),
        ({"explain": 1}, "starts_at_missing"),
        ({"explain": 1, "starts_at": "2027-03-01T10:00:00"}, "invalid"),
        ({"explain": 1, "starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at_out_of_reach"),
        ({"explain": 1, "starts_at": "9999-12-31T23:59:00Z"}, "starts_at_out_of_reach"),
    ],
)
def test_a_question_without_an_answer_is_refused_with_a_code(ask, changed, code):
    answer = ask(**changed)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["detail"]


@pytest.mark.parametrize("name", ["variant", "location", "therapist"])
def test_what_is_not_there_is_not_found(ask, name):
    assert ask(**{name: "nowhere"}).status_code == 404


def test_62_days_may_be_asked_and_no_days_have_no_times(ask, practice):
    assert ask(end=practice.day(3) + timedelta(days=62)).status_code == 200
    assert ask(end=practice.day(3)).json() == []


def test_a_time_is_given_on_the_clocks_of_the_place_and_of_the_viewer(ask, practice):
    plain = ask().json()[0]
    assert FreeTimeOut(**plain).starts_at == practice.on(practice.day(3), 9)
    assert set(plain) == set(FreeTimeOut.model_fields) - {"viewer_starts_at"}

    seen = ask(tz="Asia/Tokyo").json()[0]

    there = datetime.fromisoformat(seen["viewer_starts_at"])
    assert there == datetime.fromisoformat(seen["starts_at"])
    assert there.utcoffset() == timedelta(hours=9)
    offset = practice.on(practice.day(3), 9).astimezone(ZoneInfo("Europe/London")).utcoffset()
    assert datetime.fromisoformat(seen["starts_at"]).utcoffset() == offset


def test_mine_applies_the_rules_about_the_runner_and_is_nobody_elses(client, ask):
    assert ask(mine=1).status_code == 401
    runner = make_runner()
    runner.runner_profile.must_call = True
    runner.runner_profile.save()
    client.force_login(runner, backend=BACKEND)

    answer = ask(mine=1)

    assert answer.json() == []
    assert answer["Cache-Control"] == "private, no-store"
    theirs = ask()
    assert theirs.json() != []
    assert theirs["Cache-Control"] == "private, no-store", "it says what her credits cover"


# --- why not (E28) ---------------------------------------------------------------------------


def lay_eligibility(practice, at):
    practice.variant.therapists.remove(practice.imre)


def lay_horizon(practice, at):
    practice.variant.bookable_from = (at + timedelta(days=5)).date()
    practice.variant.save()


def lay_notice(practice, at):
    practice.variant.notice_minutes = 60 * 24 * 10
    practice.variant.save()


def lay_closed(practice, at):
    Closure.objects.create(location=practice.location, starts_on=at.date(), ends_on=at.date())


def lay_overlap(practice, at):
    held = held_by(practice, at)
    Booking.objects.filter(pk=held.pk).update(
        state="checked_in", runner=make_runner(), booked_at=at, policy=practice.five.policy
    )


def lay_turnaround(practice, at):
    held_by(practice, at - ONE_HOUR)


def lay_hold(practice, at):
    held_by(practice, at)


def lay_room(practice, at):
    Room.objects.exclude(pk=Room.objects.first().pk).delete()
    held_by(practice, at, therapist=practice.sana)


def lay_cap_day(practice, at):
    Therapist.objects.update(most_sessions_a_day=0)


def lay_cap_run(practice, at):
    Therapist.objects.update(most_minutes_in_a_row=59)


def lay_travel(practice, at):
    hill = open_place_on_the_hill(practice)
    held_by(practice, at + 2 * ONE_HOUR, location=hill)


def open_place_on_the_hill(practice):
    hill = make_place_elsewhere(practice, "19:00", "20:00", travel_minutes=90)
    for weekday in range(1, 8):
        make_shift(practice.imre, hill, weekday, "09:00", "18:00")
    return hill


@pytest.mark.parametrize(
    ("code", "lay"),
    [
        ("eligibility", lay_eligibility),
        ("horizon", lay_horizon),
        ("notice", lay_notice),
        ("closed", lay_closed),
        ("overlap", lay_overlap),
        ("turnaround", lay_turnaround),
        ("hold", lay_hold),
        ("room", lay_room),
        ("cap_day", lay_cap_day),
        ("cap_run", lay_cap_run),
        ("travel", lay_travel),
    ],
)
def test_e28_each_rule_has_its_code(why, practice, at_ten, code, lay):
    assert why() == []

    lay(practice, at_ten)

    assert why() == [code]


def test_e28_off_the_grid_and_outside_hours(why, at_ten):
    assert why(at_ten + timedelta(minutes=7)) == ["grid"]
    assert why(at_ten - 3 * ONE_HOUR) == ["outside_hours"]


def test_e28_codes_about_the_runner(client, why, practice, at_ten):
    runner = make_runner()
    client.force_login(runner, backend=BACKEND)
    held_by(practice, at_ten, therapist=practice.sana, runner=runner)
    assert why(mine=1) == ["runner_limit"]

    runner.runner_profile.must_call = True
    runner.runner_profile.save()

    assert why(mine=1) == ["intake", "runner_limit"]
    assert why() == []


@pytest.mark.parametrize("code", ["time_off", "busy"])
def test_why_a_therapist_is_away_is_for_staff(client, why, practice, at_ten, code):
    if code == "busy":
        busy(practice, at_ten, at_ten + ONE_HOUR)
    else:
        TimeOff.objects.create(therapist=practice.imre, starts_at=at_ten, ends_at=at_ten + ONE_HOUR)
    assert why() == ["outside_hours"]
    client.force_login(make_runner(), backend=BACKEND)
    assert why() == ["outside_hours"]

    staff = make_staff()
    staff.is_superuser = True
    staff.save()
    client.force_login(staff, backend=BACKEND)

    assert why() == [code]


def test_anyone_is_explained_therapist_by_therapist(ask, practice, at_ten):
    held_by(practice, at_ten)

    told = ask(explain=1, starts_at=at_ten.isoformat()).json()

    assert told["is_free"] is True
    assert [(one["therapist"], one["is_free"]) for one in told["therapists"]] == [
        ("imre", False),
        ("sana", True),
    ]


# --- how long a list may be kept (E26) -------------------------------------------------------


def test_who_has_the_list_gets_304_without_a_query(ask):
    first = ask()
    assert first["Cache-Control"] == "public, max-age=15"

    with CaptureQueriesContext(connection) as queries:
        again = ask(headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert len(queries) == 0
    assert ask(headers={"If-None-Match": '"another"'}).status_code == 200


def test_other_questions_have_other_answers(ask, practice):
    asked = [
        ask(),
        ask(therapist="imre"),
        ask(variant=practice.others["30"].code),
        ask(end=practice.day(5)),
        ask(tz="Asia/Tokyo"),
    ]

    assert len({one["ETag"] for one in asked}) == len(asked)


def test_a_claim_a_release_and_a_rule_change_make_a_new_list(
    ask, practice, at_ten, django_capture_on_commit_callbacks
):
    def is_listed():
        shown = ask(therapist="imre").json()
        return at_ten in [datetime.fromisoformat(one["starts_at"]) for one in shown]

    assert is_listed()
    with django_capture_on_commit_callbacks(execute=True):
        held = held_by(practice, at_ten)
    assert not is_listed()
    with django_capture_on_commit_callbacks(execute=True):
        release_hold(booking=held, by=None, at=timezone.now())
    assert is_listed()
    with django_capture_on_commit_callbacks(execute=True):
        lay_closed(practice, at_ten)
    assert not is_listed()
    with django_capture_on_commit_callbacks(execute=True):
        Closure.objects.get().delete()
    assert is_listed()


@pytest.mark.parametrize("lay", [lay_hold, lay_closed, lay_cap_run])
def test_a_stale_list_costs_a_409_with_three_fresh_times(client, ask, practice, at_ten, lay):
    """Nothing is committed in this test, so the list stays as it was: older than the diary."""
    wanted = ask(therapist="imre").json()[4]
    assert datetime.fromisoformat(wanted["starts_at"]) == at_ten
    lay(practice, at_ten)
    if lay is lay_cap_run:
        Therapist.objects.filter(code="sana").update(most_minutes_in_a_row=None)
    assert wanted in ask(therapist="imre").json()
    client.force_login(make_runner(), backend=BACKEND)

    refused = client.post(
        "/api/v1/holds/",
        {
            "variant": practice.variant.code,
            "location": "harbour",
            "therapist": "imre",
            "starts_at": wanted["starts_at"],
        },
        content_type="application/json",
    )

    assert refused.status_code == 409
    assert len(refused.json()["nearest"]) == 3
    for near in refused.json()["nearest"]:
        fresh = datetime.fromisoformat(near["starts_at"]).astimezone(UTC)
        again = held_by(
            practice,
            fresh,
            therapist=Therapist.objects.get(code=near["therapist"]),
            hold_key=near["starts_at"],
        )
        release_hold(booking=again, by=None, at=timezone.now())


def test_the_whole_answer_costs_at_most_ten_queries(ask, practice):
    ask()  # the zone's and the session's own beginnings
    with CaptureQueriesContext(connection) as queries:
        assert ask(end=practice.day(33)).json() != []

    assert len(queries) <= 10
