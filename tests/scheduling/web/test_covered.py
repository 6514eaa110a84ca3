"""Times after her credit ends are marked, and can be left out (E25)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payments.models import CreditLot
from tests.builders import make_lot
from tests.scheduling.web.conftest import Visit


@pytest.fixture
def ends_on(practice, lot):
    """Her credits end in five days."""
    day = practice.day(5)
    CreditLot.objects.filter(pk=lot.pk).update(expires_on=day)
    return day


def page(visit: Visit, query: str = ""):
    return visit.client.get(f"/book/{visit.practice.variant.code}/{query}")


def test_a_time_after_the_credit_ends_says_so_and_one_before_does_not(
    her_visit: Visit, practice, ends_on
):
    before = page(her_visit, f"?day={ends_on}").content.decode()
    after = page(her_visit, f"?day={ends_on + timedelta(days=1)}").content.decode()
    words = f"after your credit ends {ends_on.day} {ends_on:%b}"
    assert words not in before
    assert "Your credit ends" not in before
    assert after.count(words) == after.count('name="slot"') > 0
    assert "Your credit ends" in after


def test_the_filter_leaves_only_times_her_credits_cover(her_visit: Visit, practice, ends_on):
    answer = page(her_visit, "?covered=1")
    diary = answer.context["diary"]
    free = {one.day: one.free for one in diary.days}
    assert free[ends_on] > 0
    assert free[ends_on + timedelta(days=1)] == 0
    assert 'name="covered" id="covered" value="1" checked' in answer.content.decode()
    # Every link of the page keeps the choice.
    assert "covered=1" in diary.day_base
    later = page(her_visit, f"?covered=1&day={ends_on + timedelta(days=1)}")
    assert "that your credits cover" in later.content.decode()
    assert later.context["diary"].slots == ()


def test_who_has_no_credit_or_is_signed_out_sees_no_marks_and_all_times(
    visit: Visit, her_visit: Visit, practice
):
    for one in (visit, her_visit):
        answer = page(one, "?covered=1")
        text = answer.content.decode()
        assert answer.context["diary"].slots
        assert "my credits cover" not in text
        assert "after your credit" not in text


def test_the_page_costs_the_same_however_many_packages_she_has(
    her_visit: Visit, runner, practice, lot
):
    page(her_visit)
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as asked:
            page(her_visit)
        counts.append(len(asked))
        make_lot(runner, variants=[practice.variant], at=timezone.now())
    assert len(set(counts)) == 1


def test_the_account_marks_the_same_again(her_visit: Visit, booked, lot, practice):
    CreditLot.objects.filter(pk=lot.pk).update(expires_on=practice.day(0))
    text = her_visit.client.get("/account/").content.decode()
    assert "after your credit ends" in text


# --- by API ------------------------------------------------------------------------------------


def listed(client, practice, **query):
    return client.get(
        "/api/v1/availability/",
        {
            "variant": practice.variant.code,
            "location": practice.location.code,
            "start": practice.day(5),
            "end": practice.day(7),
            **query,
        },
    )


def test_the_api_says_of_each_time_whether_her_credits_cover_it(
    her_visit: Visit, visit: Visit, practice, ends_on
):
    times = listed(her_visit.client, practice).json()
    days = {(one["starts_at"][:10], one["covered"]) for one in times}
    assert days == {
        (ends_on.isoformat(), True),
        ((ends_on + timedelta(days=1)).isoformat(), False),
    }
    only = listed(her_visit.client, practice, covered="1").json()
    assert {one["starts_at"][:10] for one in only} == {ends_on.isoformat()}
    assert len(only) == len([one for one in times if one["covered"]])
    signed_out = listed(visit.client, practice).json()
    assert {one["covered"] for one in signed_out} == {None}
    assert len(signed_out) == len(times)
    assert listed(visit.client, practice, covered="1").status_code == 401
