"""Codes with a limit, and gifts with two hands on them, on both engines."""

import time

import pytest

from tests.races.crew import A_WEEK_BEFORE, words

AT = A_WEEK_BEFORE


@pytest.fixture
def runners(crew):
    return crew.practice(therapists=0, rooms=0, runners=16)["runners"]


@pytest.fixture
def shelf(crew):
    return crew.use("shelf", name=f"race{time.time_ns()}", most_uses=3, at=AT)


def everybody_orders(crew, runners, shelf):
    wanted = {"package": shelf["package"], "code": shelf["code"].lower(), "at": AT}
    return crew.race([("order", wanted | {"buyer": one}) for one in runners])


def test_a_code_is_used_as_often_as_it_may_be_and_no_more(crew, runners, shelf):
    ended = everybody_orders(crew, runners, shelf)

    assert words(ended) == {"order": 3, "used up": 13}
    assert crew.use("uses", code=shelf["code"]) == 3


def test_uses_that_are_given_up_are_there_for_others(crew, runners, shelf):
    everybody_orders(crew, runners, shelf)
    assert crew.use("give_up", code=shelf["code"], at=AT) == 3

    ended = everybody_orders(crew, runners, shelf)

    # Who had the use before has it again or orders anew: never more than three in all.
    assert words(ended)["order"] == 3
    assert crew.use("uses", code=shelf["code"]) == 3


def test_one_person_clicking_eight_times_orders_once(crew, runners, shelf):
    wanted = {"package": shelf["package"], "code": shelf["code"], "at": AT, "buyer": runners[0]}
    ended = crew.race([("order", wanted)] * 8)

    assert len({one["booking"] for one in ended}) == 1
    assert crew.use("uses", code=shelf["code"]) == 1


def test_a_gift_claimed_in_eight_tabs_is_claimed_once(crew, runners, shelf):
    buyer, ines = runners[:2]
    gift = crew.use("gift", package=shelf["package"], buyer=buyer, to=ines, at=AT)

    ended = crew.race([("claim", {"gift": gift, "buyer": ines, "at": AT})] * 8)

    assert words(ended) == {"claim": 8}
    assert len({one["booking"] for one in ended}) == 1
    assert crew.use("lots_of", runner=ines) == [3]
    assert crew.use("wrongs", runners=[])["breaches"] == []
