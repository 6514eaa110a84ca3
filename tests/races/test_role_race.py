"""Two newcomers whose names look the same are taken on at the same moment, on both engines."""

from tests.races.crew import words

PAIRS = 8


def test_of_two_names_that_look_the_same_one_comes_to_work_here(crew):
    people = crew.use("look_alikes", pairs=PAIRS)

    ended = crew.race([("take on", {"runner": one}) for one in people])

    assert words(ended) == {"take on": PAIRS, "looks like a colleague": PAIRS}
    assert crew.use("leave", people=people) == PAIRS
