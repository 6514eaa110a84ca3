"""Different acts on one booking or one time at the same moment, on both engines.

Each race is run for several bookings at once, so that whoever comes first is not always the same.
"""

from datetime import UTC, datetime, timedelta

import pytest

from tests.races.crew import A_WEEK_BEFORE, words

ROUNDS = 8
MINUTE = timedelta(minutes=1)


def on_day(number: int, hour: int = 9, minutes: int = 0) -> str:
    start = datetime(2026, 12, 1, hour, tzinfo=UTC) + timedelta(days=number)
    return (start + minutes * MINUTE).isoformat()


@pytest.fixture
def one_on_one(crew):
    """One therapist, one room, and a pair of runners with five credits for each round."""
    return crew.practice(therapists=1, rooms=1, runners=2 * ROUNDS, units=5)


def booked(crew, made, *, hour: int = 9, runner: int = 0, act: str = "book") -> list[str]:
    """A booking in each round, on a day of its own."""
    wanted = [
        {"place": made["place"], "starts_at": on_day(number, hour), "at": A_WEEK_BEFORE}
        | {"runner": made["runners"][2 * number + runner]}
        for number in range(ROUNDS)
    ]
    ended = crew.race([(act, one) for one in wanted])
    assert words(ended) == {act: ROUNDS}
    return [one["booking"] for one in ended]


def paired(ended: list[dict]) -> list[set[str]]:
    return [{ended[at]["ended"], ended[at + 1]["ended"]} for at in range(0, len(ended), 2)]


def test_cancelled_or_done_but_not_both(crew, one_on_one):
    bookings = booked(crew, one_on_one)
    attempts = []
    for number, one in enumerate(bookings):
        at = on_day(number, minutes=20)
        attempts += [("cancel", {"on": one, "at": at}), ("done", {"on": one, "at": at})]

    ended = crew.race(attempts)

    assert all(pair in ({"cancel", "too late"}, {"done", "too late"}) for pair in paired(ended))
    winners = {"cancel": "cancelled_clinic", "done": "completed"}
    assert crew.use("states", on=bookings) == [
        winners[(pair - {"too late"}).pop()] for pair in paired(ended)
    ]
    crew.require_order(one_on_one)


def test_done_or_missed_but_not_both(crew, one_on_one):
    bookings = booked(crew, one_on_one)
    attempts = []
    for number, one in enumerate(bookings):
        at = on_day(number, minutes=20)
        attempts += [("missed", {"on": one, "at": at}), ("done", {"on": one, "at": at})]

    ended = crew.race(attempts)

    assert all(pair in ({"missed", "too late"}, {"done", "too late"}) for pair in paired(ended))
    crew.require_order(one_on_one)


def test_done_again_while_it_is_taken_back_leaves_one_or_the_other(crew, one_on_one):
    bookings = booked(crew, one_on_one)
    for number, one in enumerate(bookings):
        crew.do("done", on=one, at=on_day(number, minutes=50))
    attempts = []
    for number, one in enumerate(bookings):
        at = on_day(number, minutes=55)
        attempts += [("take back", {"on": one, "at": at}), ("done", {"on": one, "at": at})]

    ended = crew.race(attempts)

    assert words(ended) == {"take back": ROUNDS, "done": ROUNDS}
    assert set(crew.use("states", on=bookings)) <= {"confirmed", "completed"}
    crew.require_order(one_on_one)


def test_confirming_twice_sets_one_credit_aside(crew):
    made = crew.practice(therapists=1, rooms=1, runners=2 * ROUNDS, units=1)
    holds = booked(crew, made, act="hold")
    attempts = [
        ("confirm", {"on": one, "runner": made["runners"][2 * number], "at": A_WEEK_BEFORE})
        for number, one in enumerate(holds)
        for _ in range(3)
    ]

    ended = crew.race(attempts)

    assert words(ended) == {"confirm": 3 * ROUNDS}
    crew.require_order(made)


def test_one_credit_pays_for_one_of_two_holds(crew):
    made = crew.practice(therapists=1, rooms=1, runners=ROUNDS, units=1)
    attempts = []
    for number, runner in enumerate(made["runners"]):
        wanted = {"place": made["place"], "runner": runner, "at": A_WEEK_BEFORE}
        one = crew.do("hold", **wanted, starts_at=on_day(number, 9))
        other = crew.do("hold", **wanted, starts_at=on_day(number, 12), variant="calves-60")
        attempts += [
            ("confirm", {"on": held, "runner": runner, "at": A_WEEK_BEFORE})
            for held in (one, other)
        ]

    ended = crew.race(attempts)

    assert paired(ended) == [{"confirm", "no credit"}] * ROUNDS
    crew.require_order(made)


def test_a_hold_that_runs_out_while_it_is_confirmed_is_confirmed(crew, one_on_one):
    """E13: an expired hold loses nothing while nobody else has the time."""
    holds = booked(crew, one_on_one, act="hold")
    ran_out = "2026-11-24T09:11:00+00:00"
    attempts = []
    for number, one in enumerate(holds):
        runner = one_on_one["runners"][2 * number]
        attempts += [
            ("confirm", {"on": one, "runner": runner, "at": ran_out}),
            ("release", {"at": ran_out}),
        ]

    ended = crew.race(attempts)

    assert words(ended) == {"confirm": ROUNDS, "release": ROUNDS}
    assert crew.use("states", on=holds) == ["confirmed"] * ROUNDS
    crew.require_order(one_on_one)


def test_a_time_whose_hold_ran_out_goes_to_its_runner_or_to_another(crew, one_on_one):
    holds = booked(crew, one_on_one, act="hold")
    ran_out = "2026-11-24T09:11:00+00:00"
    attempts = []
    for number, one in enumerate(holds):
        hers, other = one_on_one["runners"][2 * number : 2 * number + 2]
        wanted = {"place": one_on_one["place"], "starts_at": on_day(number), "at": ran_out}
        attempts += [
            ("confirm", {"on": one, "runner": hers, "at": ran_out}),
            ("book", wanted | {"runner": other}),
        ]
    attempts += [("release", {"at": ran_out})] * 4

    ended = crew.race(attempts)

    pairs = paired(ended[: 2 * ROUNDS])
    assert all(pair in ({"confirm", "taken"}, {"taken", "book"}) for pair in pairs), pairs
    assert crew.use("live", place=one_on_one["place"]) == ROUNDS
    crew.require_order(one_on_one)


def test_a_time_is_moved_to_or_booked_and_who_loses_keeps_what_she_had(crew, one_on_one):
    bookings = booked(crew, one_on_one)
    attempts = []
    for number, one in enumerate(bookings):
        mover, other = one_on_one["runners"][2 * number : 2 * number + 2]
        wanted = {"starts_at": on_day(number, 11), "at": A_WEEK_BEFORE}
        attempts += [
            ("move", wanted | {"on": one, "by": mover}),
            ("book", wanted | {"place": one_on_one["place"], "runner": other}),
        ]

    ended = crew.race(attempts)

    assert all(pair in ({"move", "taken"}, {"taken", "book"}) for pair in paired(ended))
    moved = [one["ended"] == "move" for one in ended[::2]]
    assert [datetime.fromisoformat(one).hour for one in crew.use("starts", on=bookings)] == [
        11 if has_moved else 9 for has_moved in moved
    ]
    crew.require_order(one_on_one)


def test_two_that_want_each_others_time_wait_in_no_circle(crew):
    """Both stay: each is in the other's way, and neither lock is ever held against the other."""
    made = crew.practice(therapists=2, rooms=2, runners=2 * ROUNDS)
    one, other = made["therapists"]
    attempts = []
    for number in range(ROUNDS):
        wanted = {"place": made["place"], "starts_at": on_day(number), "at": A_WEEK_BEFORE}
        first, second = made["runners"][2 * number : 2 * number + 2]
        hers = crew.do("book", **wanted, runner=first, therapist=one)
        his = crew.do("book", **wanted, runner=second, therapist=other)
        there = {"starts_at": on_day(number), "at": A_WEEK_BEFORE}
        attempts += [
            ("move", there | {"on": hers, "therapist": other, "by": first}),
            ("move", there | {"on": his, "therapist": one, "by": second}),
        ]

    ended = crew.race(attempts)

    assert words(ended) == {"taken": 2 * ROUNDS}
    crew.require_order(made)


def test_two_that_swap_therapists_at_free_times_both_move(crew):
    made = crew.practice(therapists=2, rooms=2, runners=2 * ROUNDS)
    one, other = made["therapists"]
    attempts = []
    for number in range(ROUNDS):
        first, second = made["runners"][2 * number : 2 * number + 2]
        wanted = {"place": made["place"], "at": A_WEEK_BEFORE}
        hers = crew.do("book", **wanted, starts_at=on_day(number, 9), runner=first, therapist=one)
        his = crew.do(
            "book", **wanted, starts_at=on_day(number, 11), runner=second, therapist=other
        )
        attempts += [
            (
                "move",
                {"on": hers, "starts_at": on_day(number, 13), "therapist": other}
                | {"by": first, "at": A_WEEK_BEFORE},
            ),
            (
                "move",
                {"on": his, "starts_at": on_day(number, 15), "therapist": one}
                | {"by": second, "at": A_WEEK_BEFORE},
            ),
        ]

    ended = crew.race(attempts)

    assert words(ended) == {"move": 2 * ROUNDS}
    crew.require_order(made)


def test_the_desk_and_a_runner_online_want_one_time_and_one_has_it(crew, one_on_one):
    """Setting every rule aside sets no booking aside (E23): the desk may be the one too late."""
    attempts = []
    for number in range(ROUNDS):
        caller, online = one_on_one["runners"][2 * number : 2 * number + 2]
        wanted = {"place": one_on_one["place"], "starts_at": on_day(number), "at": A_WEEK_BEFORE}
        attempts += [
            ("book at the desk", wanted | {"runner": caller}),
            ("book", wanted | {"runner": online}),
        ]

    ended = crew.race(attempts)

    won = ({"book at the desk", "taken"}, {"taken", "book"})
    assert all(pair in won for pair in paired(ended)), paired(ended)
    assert crew.use("live", place=one_on_one["place"]) == ROUNDS
    crew.require_order(one_on_one)


def test_a_turnaround_the_desk_cuts_short_is_not_claimed_online_as_well(crew, one_on_one):
    """The desk puts a session right behind another, a runner wants the first start offered after
    it: an hour that both reach into. Cutting a turnaround short (E4) gives the time to one."""
    booked(crew, one_on_one)
    attempts = []
    for number in range(ROUNDS):
        caller, online = one_on_one["runners"][2 * number : 2 * number + 2]
        wanted = {"place": one_on_one["place"], "at": A_WEEK_BEFORE}
        behind, offered = on_day(number, 10), on_day(number, 10, minutes=15)
        attempts += [
            ("book at the desk", wanted | {"runner": caller, "starts_at": behind}),
            ("book", wanted | {"runner": online, "starts_at": offered}),
        ]

    ended = crew.race(attempts)

    won = ({"book at the desk", "taken"}, {"taken", "book"})
    assert all(pair in won for pair in paired(ended)), paired(ended)
    assert crew.use("live", place=one_on_one["place"]) == 2 * ROUNDS
    crew.require_order(one_on_one)
