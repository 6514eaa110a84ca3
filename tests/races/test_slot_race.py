"""Two hundred attempts from eight processes want one time, on both engines (E1)."""

import pytest

from tests.races.crew import A_WEEK_BEFORE, words

TUESDAY_9 = "2026-12-01T09:00:00+00:00"


@pytest.mark.parametrize(
    ("attempts", "therapists", "rooms", "named", "booked"),
    [
        pytest.param(200, 1, 1, True, 1, id="one slot"),
        pytest.param(40, 1, 3, True, 1, id="one therapist"),
        pytest.param(40, 3, 1, False, 1, id="the last room"),
        pytest.param(40, 2, 3, False, 2, id="anyone of two"),
    ],
)
def test_as_many_are_booked_as_there_is_room_for_and_the_others_hear_it_is_taken(
    crew, attempts, therapists, rooms, named, booked
):
    made = crew.practice(therapists=therapists, rooms=rooms, runners=attempts)
    wanted = {
        "place": made["place"],
        "starts_at": TUESDAY_9,
        "at": A_WEEK_BEFORE,
        "therapist": made["therapists"][0] if named else "",
    }

    ended = crew.race([("book", wanted | {"runner": runner}) for runner in made["runners"]])

    assert words(ended) == {"book": booked, "taken": attempts - booked}
    assert crew.use("live", place=made["place"]) == booked
    crew.require_order(made)
